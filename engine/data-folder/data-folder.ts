import { chmod, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { whoseFolder } from './whose-folder.ts';

/** What lies where in the folder that holds all of the product's data. The key file's place is `data-key.ts`'s own. */
export interface DataFolderPaths {
  directory: string;
  /** The queue, encrypted. */
  database: string;
  /** Sealed photos on their way. */
  spool: string;
  logs: string;
  /** Held by the running engine; see `lock.ts`. */
  lock: string;
  /** Who holds it, in clear, for the message that a second one gets. */
  lockHolder: string;
  /** See [Note: the reserve]. */
  reserve: string;
}

export function dataFolderPaths(directory: string): DataFolderPaths {
  return {
    directory,
    database: join(directory, 'queue.db'),
    spool: join(directory, 'spool'),
    logs: join(directory, 'logs'),
    lock: join(directory, 'lock.db'),
    lockHolder: join(directory, 'lock.json'),
    reserve: join(directory, 'reserve'),
  };
}

/**
 * Makes the folder and those inside it, and closes them to everybody else where the system has such rights; on Windows the
 * folder lies in the user's own profile, which is closed already.
 *
 * @throws ForeignFolder where it is there and others use it
 * @throws NodeJS.ErrnoException where the disk does not allow it.
 */
export async function prepareDataFolder(paths: DataFolderPaths): Promise<void> {
  const whose = await whoseFolder(paths.directory);
  for (const folder of [paths.directory, paths.spool, paths.logs]) {
    await makeFolder(folder);
    if (process.platform !== 'win32' && (folder !== paths.directory || whose === 'ours')) await chmod(folder, 0o700);
  }
}

export interface DiskSpace {
  /** What this user may still write. */
  freeBytes: number;
  /** What is written and what this user may still write, together: what the system keeps for itself counts as neither. */
  totalBytes: number;
}

/** Of the disk on which `directory` lies. @throws NodeJS.ErrnoException */
export async function diskSpace(directory: string): Promise<DiskSpace> {
  const { bavail, bfree, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, totalBytes: (blocks - bfree + bavail) * bsize };
}

/** From here on a person is told, long before anything has to be refused. */
const lowFrom = 0.8;

export function isLow({ freeBytes, totalBytes }: DiskSpace): boolean {
  return totalBytes > 0 && 1 - freeBytes / totalBytes >= lowFrom;
}
