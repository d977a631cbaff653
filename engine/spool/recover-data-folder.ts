import type { RecoveredPhoto } from '../../shared/domain/recovered-photo.ts';
import { dataFolderPaths } from '../data-folder/data-folder.ts';
import { DataFolderInUse } from '../data-folder/lock-holder.ts';
import { lockDataFolder, type Lock } from '../data-folder/lock.ts';
import { openEncryptedSpool } from './encrypted-spool.ts';
import { recoverPhotos } from './recover-photos.ts';

export interface Recovery {
  dataDir: string;
  /** Overwritten as soon as it has been taken over. */
  key: Uint8Array;
  /** Where the photos go; made where it is missing. */
  folder: string;
  /** What it throws ends the recovery, and comes out of it. */
  onPhoto?: (done: number, total: number) => void;
}

/**
 * Takes the sealed photos out of a data folder, without its database and without an engine; nothing in it is changed.
 *
 * @throws DataFolderInUse where an engine works on it; Error of the system where the other folder cannot be written to or is full
 */
export async function recoverDataFolder({ dataDir, key, folder, onPhoto }: Recovery): Promise<RecoveredPhoto[]> {
  let lock: Lock | undefined;
  try {
    lock = await lockUnlessReadOnly(dataDir);
    const spool = await openEncryptedSpool({ dir: dataFolderPaths(dataDir).spool, key, readOnly: true });
    key.fill(0);
    return await recoverPhotos(spool, folder, (_photo, done, total) => onPhoto?.(done, total));
  } finally {
    key.fill(0);
    await lock?.release();
  }
}

/** A folder that cannot be written to, such as a rescued disk mounted read-only, has no engine working on it. */
async function lockUnlessReadOnly(dataDir: string): Promise<Lock | undefined> {
  try {
    return await lockDataFolder(dataDir, { kind: 'cli', pid: process.pid });
  } catch (error) {
    if (error instanceof DataFolderInUse) throw error;
    return undefined;
  }
}
