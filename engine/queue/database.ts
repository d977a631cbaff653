import { hkdfSync } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import BetterSqlite from 'better-sqlite3';
import { isFull, systemCode } from '../system-code.ts';
import { DatabaseError } from './database-error.ts';
import { databaseError, guarded } from './sqlite-error.ts';
import { migrations } from './migrations.ts';

export type Database = BetterSqlite.Database;

export interface DatabaseOptions {
  /** Its folder must exist; `:memory:` for one that lives as long as the process. */
  file: string;
  /** The data key, 32 bytes. Not needed for `:memory:`. */
  key?: Uint8Array;
}

const memory = ':memory:';
/** Up to this size the file is checked at every start (0.2 s at most); a larger one only after a process that died. */
const alwaysCheckedBytes = 32 * 1024 * 1024;

/**
 * Opens the queue's database, encrypted, in the newest shape.
 *
 * @throws DatabaseError `damaged` (then `setAside` it), `wrong-key`, `newer-version`, `in-use`, `disk-full`, `unwritable`.
 * The file is left untouched in all of these cases.
 */
export function openDatabase({ file, key }: DatabaseOptions): Database {
  if (file === memory) return openInMemory();
  const suspected = sizeOf(`${file}-wal`) > 0 || existsSync(`${file}${suspectSuffix}`);
  createForOwner(file);
  let database: Database | undefined;
  try {
    database = new BetterSqlite(file, { timeout: 2_000 });
    unlock(database, file, key);
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > migrations.length) throw new DatabaseError('newer-version');
    // [Note: what is flushed when] In this journal a process that dies loses nothing, and only a power cut can take back
    // what was not flushed. So a flush is asked for where a promise depends on it, and not for every step of an upload.
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('cache_size = -16000');
    // Pages written again and again (indexes, counters) are then copied back once for 16 MB of journal, not once for 4.
    database.pragma('wal_autocheckpoint = 4000');
    if (suspected || sizeOf(file) <= alwaysCheckedBytes) check(database);
    database.pragma('foreign_keys = ON');
    // Sorting must not leave rows in clear in a temporary file.
    database.pragma('temp_store = MEMORY');
    migrate(database, version);
    rmSync(`${file}${suspectSuffix}`, { force: true });
    return database;
  } catch (error) {
    database?.close();
    throw wrongKeyOr(databaseError(error, file), file, key);
  }
}

/** An empty database in its newest shape; the simulation opens thousands a minute. */
let emptyImage: Buffer | undefined;

function openInMemory(): Database {
  const database = new BetterSqlite(emptyImage ?? memory);
  if (!emptyImage) {
    migrate(database, 0);
    emptyImage = database.serialize();
  }
  database.pragma('foreign_keys = ON');
  return database;
}

/** @throws DatabaseError `damaged` where the file's pages or indexes do not fit together. 6 ms a megabyte. */
export function check(database: Database): void {
  const problems = guarded(() => database.pragma('quick_check(1)', { simple: true }));
  if (problems !== 'ok') throw new DatabaseError('damaged');
}

/**
 * Moves a database that cannot be used out of the way, journal and all; nothing is deleted.
 *
 * @param at ms since the epoch. @returns where it lies now.
 */
export function setAside(file: string, at: number): string {
  const stamp = new Date(at).toISOString().replace(/[-:]/g, '').replace(/\..*/, '');
  let aside = `${file}.aside-${stamp}`;
  for (let turn = 2; existsSync(aside); turn += 1) aside = `${file}.aside-${stamp}-${turn}`;
  for (const suffix of ['', '-wal', '-shm', keyIdSuffix, suspectSuffix]) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}

function createForOwner(file: string): void {
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new DatabaseError(isFull(systemCode(error)) ? 'disk-full' : 'unwritable', { cause: error });
  }
}

/**
 * ChaCha20-Poly1305 for each page (RFC 8439): authenticated, and fast without any help from the processor.
 * Measured beside SQLCipher's AES-CBC with HMAC: a quarter faster to write, an eighth to read.
 * A raw key skips the deriving from a password, which a random key does not need and which takes a tenth of a second.
 */
function unlock(database: Database, file: string, key: Uint8Array | undefined): void {
  if (key?.length !== 32) throw new Error('the key must have 32 bytes');
  const derived = Buffer.from(hkdfSync('sha256', key, '', 'relevo database v1', 32));
  database.pragma(`cipher = 'chacha20'`);
  // SQLite takes it as text only, and JavaScript's texts cannot be overwritten.
  database.pragma(`key = 'raw:${derived.toString('hex')}'`);
  derived.fill(0);
  // The first read proves the key.
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
  if (!existsSync(`${file}${keyIdSuffix}`)) writeFileSync(`${file}${keyIdSuffix}`, keyIdOf(key), { mode: 0o600 });
}

const keyIdSuffix = '.key-id';
const suspectSuffix = '.suspect';

/** Makes the next opening check the whole file, however large it is. Best effort: a page that is damaged will be met again. */
export function noteSuspicion(file: string): void {
  try {
    writeFileSync(`${file}${suspectSuffix}`, '', { mode: 0o600 });
  } catch {
    // The disk may be what is at fault.
  }
}

/** Says under which key the file was written, without saying anything of the key. */
function keyIdOf(key: Uint8Array): string {
  return Buffer.from(hkdfSync('sha256', key, '', 'relevo database key id', 8)).toString('hex');
}

/** To the cipher a wrong key and a damaged first page look the same; they must not be treated the same. */
function wrongKeyOr(error: unknown, file: string, key: Uint8Array | undefined): unknown {
  if (!(error instanceof DatabaseError) || error.reason !== 'damaged' || !key) return error;
  try {
    const written = readFileSync(`${file}${keyIdSuffix}`, 'latin1');
    if (/^[0-9a-f]{16}$/.test(written) && written !== keyIdOf(key)) return new DatabaseError('wrong-key', { cause: error });
  } catch {
    // Without the note, damaged is what we say: setting aside loses nothing either way.
  }
  return error;
}

function migrate(database: Database, version: number): void {
  if (version === migrations.length) return;
  database.transaction(() => {
    for (const step of migrations.slice(version)) {
      if (typeof step === 'string') database.exec(step);
      else step(database);
    }
    database.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

/** One that is not there, or was made and never written to, holds no queue. */
export function holdsAnything(file: string): boolean {
  return sizeOf(file) > 0 || sizeOf(`${file}-wal`) > 0;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
