import { createHash } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder } from '../data-folder/make-folder.ts';

/** 108 on Linux, 104 on macOS, the closing zero included. A longer path is cut without a word, and another socket is met. */
const maxPathBytes = 103;

/**
 * Where the engine of a data folder listens. On Windows a named pipe; else a socket in a folder of the owner alone:
 * inside the data folder, or, where that path is too long for a socket, in the system's temporary folder under a name made of it.
 */
export async function localSocketPath(dataDir: string): Promise<string> {
  const folder = await realpath(dataDir).catch(() => resolve(dataDir));
  const name = createHash('sha256').update(process.platform === 'win32' ? folder.toLowerCase() : folder).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\relevo-${name}`;
  const inside = join(folder, 'socket', 'engine.sock');
  return Buffer.byteLength(inside) <= maxPathBytes ? inside : join(tmpdir(), `relevo-${userInfo().uid}-${name}`, 'engine.sock');
}

/**
 * Makes the socket's folder, for its owner alone.
 *
 * @throws Error where somebody else has put something in its place: in the temporary folder anyone may.
 */
export async function makeSocketFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  await checkSocketFolder(folder);
}

/**
 * Asked by both ends: whoever owns the folder decides who listens in it.
 *
 * @throws Error where it is not there, or is not its owner's alone
 */
export async function checkSocketFolder(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid || (found.mode & 0o077) !== 0) {
    throw new Error('the folder of the local socket belongs to somebody else or is open to others');
  }
}
