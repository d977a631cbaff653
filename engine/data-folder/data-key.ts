import { randomBytes } from 'node:crypto';
import { chmod, link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DataKey } from '../engine-types.ts';
import { isFull, systemCode } from '../system-code.ts';
import { makeFolder } from './make-folder.ts';
import { whoseFolder, holdsSealedData } from './whose-folder.ts';

const keyBytes = 32;
export const keyFileName = 'data.key';
/** Where the desktop app keeps this folder's key, sealed by the keychain that only it can ask. */
export const sealedKeyFileName = 'key.sealed';

export type DataKeyErrorReason =
  /** The folder's key is in the desktop's keychain: only the desktop app can open the folder. */
  | 'in-keychain'
  /** The keychain has the folder's key, and does not give it. */
  | 'keychain-locked'
  /** The folder is new, and only the desktop app's window makes a key in the keychain. */
  | 'not-made-yet'
  /** The folder holds sealed data and no key: a new one would open nothing of it, and it would look as if there had been nothing. */
  | 'missing'
  /** `RELEVO_KEY` is not the base64 of 32 bytes. */
  | 'environment-invalid'
  /** The key file is not what we wrote. Never replaced: with another key everything in the folder would be lost. */
  | 'file-damaged'
  | 'file-unreadable'
  /** Others on this computer may read the key file, and this could not be mended. */
  | 'file-exposed'
  | 'file-unwritable'
  | 'disk-full';

/** The key could not be had. Holds nothing of the key. */
export class DataKeyError extends Error {
  override readonly name = 'DataKeyError';
  readonly reason: DataKeyErrorReason;

  constructor(reason: DataKeyErrorReason, options?: { cause?: unknown }) {
    super(`data key: ${reason}`, options);
    this.reason = reason;
  }
}

/**
 * Finds the key of everything at rest for an engine without a desktop keychain: `RELEVO_KEY` (base64, 32 bytes) where it is
 * set, else the file `data.key` in the data folder, made at first use, readable by its owner alone.
 *
 * None is made where sealed data lies without its key.
 *
 * A key file that others may read (copied, or restored from a backup) is taken back from them before it is used.
 *
 * @param options.sealed what a keychain gave; wins over both.
 * @throws ForeignFolder before anything is written into what others use
 * @throws DataKeyError
 */
export async function loadDataKey(options: {
  dataDir: string;
  environment: Readonly<Record<string, string | undefined>>;
  sealed?: Uint8Array;
}): Promise<DataKey> {
  if (options.sealed) return { bytes: options.sealed, source: 'keychain' };
  await whoseFolder(options.dataDir);
  // A key from elsewhere could read nothing in such a folder, and what it wrote the app could not read.
  if (await exists(join(options.dataDir, sealedKeyFileName))) throw new DataKeyError('in-keychain');
  const given = options.environment.RELEVO_KEY;
  if (given !== undefined && given !== '') {
    const bytes = parseKey(given);
    if (!bytes) throw new DataKeyError('environment-invalid');
    return { bytes, source: 'environment' };
  }
  const path = join(options.dataDir, keyFileName);
  const found = await readKeyFile(path);
  if (!found && await holdsSealedData(options.dataDir)) throw new DataKeyError('missing');
  return { bytes: found ?? await makeKeyFile(path), source: 'key-file' };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

/** Buffer.from takes nearly anything for base64, so what it understood is compared with what was given. */
function parseKey(text: string): Uint8Array | undefined {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, 'base64');
  const same = bytes.toString('base64').replace(/=+$/, '') === trimmed.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  return bytes.length === keyBytes && same ? moved(bytes) : undefined;
}

/**
 * Into bytes that nothing else uses. What Buffer makes of a text lies in a pool that the whole process shares, where it would stay until
 * something is written over it.
 */
export function moved(bytes: Buffer): Uint8Array {
  const own = new Uint8Array(bytes);
  bytes.fill(0);
  return own;
}

async function readKeyFile(path: string): Promise<Uint8Array | undefined> {
  let text: string;
  try {
    await closeToOthers(path);
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof DataKeyError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DataKeyError('file-unreadable', { cause: error });
  }
  const bytes = parseKey(text);
  if (!bytes) throw new DataKeyError('file-damaged');
  return bytes;
}

async function closeToOthers(path: string): Promise<void> {
  // Windows has no such bits; there the file inherits the profile folder's access list.
  if (process.platform === 'win32') return;
  if (((await stat(path)).mode & 0o077) === 0) return;
  await chmod(path, 0o600).catch(() => undefined);
  if (((await stat(path)).mode & 0o077) !== 0) throw new DataKeyError('file-exposed');
}

/** Written aside, forced to the disk, then linked: whoever comes second finds the first one's key, whole. */
async function makeKeyFile(path: string): Promise<Uint8Array> {
  const bytes = randomBytes(keyBytes);
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${bytes.toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(temporary, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const first = await readKeyFile(path);
      if (first) {
        bytes.fill(0);
        return first;
      }
      // Some network and FAT volumes have no hard links; renaming could replace a key made in the same instant, but the folder's lock follows.
      if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
      await rename(temporary, path);
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
    await syncFolder(dirname(path));
  } catch (error) {
    if (error instanceof DataKeyError) throw error;
    throw new DataKeyError(isFull(systemCode(error)) ? 'disk-full' : 'file-unwritable', { cause: error });
  }
  return moved(bytes);
}

/** A new name survives a power cut only once its folder is on the disk. Windows does it by itself and refuses to open one. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try { await folder.sync(); } finally { await folder.close(); }
}
