import BetterSqlite from 'better-sqlite3';

export type DatabaseErrorReason =
  /** The file is not what we wrote: set it aside, recover from the spool. */
  | 'damaged'
  /** Written under another data key; nothing is wrong with the file. */
  | 'wrong-key'
  /** Written by a newer version of the product, which alone may touch it. */
  | 'newer-version'
  | 'disk-full'
  | 'unwritable'
  | 'in-use'
  | 'unknown';

/** What the queue's database could not do. Holds no text of SQLite's that could quote a row. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly reason: DatabaseErrorReason;

  constructor(reason: DatabaseErrorReason, options?: { cause?: unknown }) {
    super(`database: ${reason}`, options);
    this.reason = reason;
  }
}

/** Result codes: https://www.sqlite.org/rescode.html */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof BetterSqlite.SqliteError)) return error;
  return new DatabaseError(reasonOf(error.code), { cause: error });
}

function reasonOf(code: string): DatabaseErrorReason {
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB')) return 'damaged';
  if (code === 'SQLITE_FULL') return 'disk-full';
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
