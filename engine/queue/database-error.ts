/** @file In a file of its own, so that whoever only hears of such an error need not load the database. */
export const databaseErrorReasons = [
  /** The file is not what we wrote: set it aside, recover from the spool. */
  'damaged',
  /** Written under another data key; nothing is wrong with the file. */
  'wrong-key',
  /** Written by a newer version of the product, which alone may touch it. */
  'newer-version',
  'disk-full',
  'unwritable',
  'in-use',
  'unknown',
] as const;
export type DatabaseErrorReason = (typeof databaseErrorReasons)[number];

/** What the queue's database could not do. Holds no text of SQLite's that could quote a row. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly reason: DatabaseErrorReason;

  constructor(reason: DatabaseErrorReason, options?: { cause?: unknown }) {
    super(`database: ${reason}`, options);
    this.reason = reason;
  }
}
