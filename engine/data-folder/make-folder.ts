import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What this user alone may enter. */
const ownersMode = 0o700;

/**
 * Makes a folder with those above it, for its owner alone; fine if it is there.
 *
 * In place of Node's own `recursive`, which asks again for ever, and takes all memory, where a folder that is there answers ENOENT
 * to everything that is to be made in it, as `/proc` does. Here each folder is tried twice at most.
 *
 * @throws NodeJS.ErrnoException
 */
export async function makeFolder(path: string): Promise<void> {
  if (await made(path)) return;
  await makeFolder(dirname(path));
  if (!await made(path)) throw missing(path);
}

/** The same for whoever cannot wait. */
export function makeFolderNow(path: string): void {
  if (madeNow(path)) return;
  makeFolderNow(dirname(path));
  if (!madeNow(path)) throw missing(path);
}

/** @returns false where the folder above it is missing, as far as the system says. */
async function made(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: ownersMode });
    return true;
  } catch (error) {
    return isThere(error, path, await stat(path).then((found) => found.isDirectory(), () => false));
  }
}

function madeNow(path: string): boolean {
  try {
    mkdirSync(path, { mode: ownersMode });
    return true;
  } catch (error) {
    return isThere(error, path, statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false);
  }
}

/** Which error a folder that is there answers with differs: EEXIST mostly, EPERM for the root of a Windows disk, EROFS on some. */
function isThere(error: unknown, path: string, isFolder: boolean): boolean {
  if (isFolder) return true;
  // Nothing is above the root.
  if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) return false;
  throw error;
}

function missing(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error('the folder above takes no folder'), { code: 'ENOENT', syscall: 'mkdir', path });
}
