import { rename, rm, writeFile } from 'node:fs/promises';
import BetterSqlite from 'better-sqlite3';
import { dataFolderPaths } from './data-folder.ts';
import { DataFolderInUse, readHolder, type LockHolder } from './lock-holder.ts';
import { makeFolder } from './make-folder.ts';

export interface Lock {
  /** Fine to call again. */
  release(): Promise<void>;
}

/**
 * Makes this process the only one to work on the data folder, until `release` or its end, whichever comes first.
 *
 * The lock is one of the operating system's on an open file, taken through SQLite, which knows how on every system. It dies
 * with the process, so there are no stale ones to guess about; the note beside it is for people and decides nothing.
 *
 * @throws DataFolderInUse
 * @throws Error where the folder cannot be written
 */
export async function lockDataFolder(directory: string, who: Pick<LockHolder, 'kind' | 'pid'>): Promise<Lock> {
  const paths = dataFolderPaths(directory);
  await makeFolder(directory);
  const database = takeLock(paths.lock);
  if (!database) throw new DataFolderInUse(await readHolder(paths.lockHolder));
  const holder: LockHolder = { ...who, since: new Date().toISOString() };
  let held = true;
  // Not being able to say who we are is no reason not to work.
  await writeHolder(paths.lockHolder, holder).catch(() => undefined);
  return {
    async release() {
      if (!held) return;
      held = false;
      // While the lock is still ours, lest the next one's note be removed.
      await rm(paths.lockHolder, { force: true }).catch(() => undefined);
      database.close();
    },
  };
}

function takeLock(file: string): BetterSqlite.Database | undefined {
  const database = new BetterSqlite(file, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof BetterSqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}

async function writeHolder(file: string, holder: LockHolder): Promise<void> {
  const partial = `${file}.${holder.pid}.partial`;
  try {
    await writeFile(partial, JSON.stringify(holder), { mode: 0o600 });
    await rename(partial, file);
  } catch (error) {
    // On a full disk each command would leave one behind.
    await rm(partial, { force: true });
    throw error;
  }
}
