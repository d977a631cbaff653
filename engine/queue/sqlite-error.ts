import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { DatabaseError, type DatabaseErrorReason } from './database-error.ts';

/**
 * Result codes: https://www.sqlite.org/rescode.html
 *
 * @param file the database's, where it is being opened. A full disk is then met in many places, and most of SQLite's codes say no more
 * than that something could not be written; so the disk itself is asked.
 */
export function databaseError(error: unknown, file?: string): unknown {
  if (!(error instanceof BetterSqlite.SqliteError)) return error;
  const reason = reasonOf(error.code);
  return new DatabaseError(reason === 'unwritable' && file !== undefined && isFull(file) ? 'disk-full' : reason, { cause: error });
}

/** What the journal and its index need before the first row is written. */
const leastBytes = 64 * 1024;

function isFull(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize < leastBytes;
  } catch {
    return false;
  }
}

function reasonOf(code: string): DatabaseErrorReason {
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return 'damaged';
  // The journal's index, which is a file of its own, found no room.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'disk-full';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'in-use';
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH|IOERR)/.test(code)) return 'unwritable';
  return 'unknown';
}

/** Runs a piece of work on the database; what SQLite throws comes out as a `DatabaseError`. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw databaseError(error);
  }
}
