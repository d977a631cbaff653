import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, setAside } from './database.ts';
import { migrations } from './migrations.ts';
import { createSqliteKeyValueStore } from './sqlite-key-value-store.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';

let dir: string;
let file: string;
const key = randomBytes(32);
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-database-')); file = join(dir, 'queue.db'); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function filled(rows = 50): void {
  const database = openDatabase({ file, key });
  const store = createSqliteUploadStore(database);
  for (let index = 0; index < rows; index += 1) store.insert(factsFor({ patientName: 'Ana María Núñez' }), 'normal', 1);
  database.close();
}

function overwrite(position: number, bytes: Uint8Array): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, bytes, 0, bytes.length, position);
  closeSync(handle);
}

describe('the file', () => {
  test('holds nothing readable, journal included, and is its owner\'s alone', () => {
    const database = openDatabase({ file, key });
    createSqliteUploadStore(database).insert(factsFor({ patientName: 'Ana María Núñez' }), 'normal', 1);
    createSqliteKeyValueStore(database).set('session', '{"token":"very-secret"}');
    for (const name of readdirSync(dir)) {
      const bytes = readFileSync(join(dir, name));
      for (const secret of ['SQLite format', 'uploads', 'Ana María', 'very-secret']) expect(bytes.includes(secret), `${name}: ${secret}`).toBe(false);
    }
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    database.close();
  });

  test('comes back as it was, and key-value pairs with it', () => {
    const database = openDatabase({ file, key });
    const values = createSqliteKeyValueStore(database);
    values.set('a', '1');
    values.set('a', '2');
    values.set('b', '3');
    values.delete('b');
    database.close();
    const again = createSqliteKeyValueStore(openDatabase({ file, key }));
    expect([again.get('a'), again.get('b'), again.get('never')]).toEqual(['2', undefined, undefined]);
  });
});

describe('a file that cannot be used is left as it is and said to be', () => {
  const opening = () => openDatabase({ file, key });

  test('under a wrong key', () => {
    filled();
    const before = readFileSync(file);
    expect(() => openDatabase({ file, key: randomBytes(32) })).toThrow(expect.objectContaining({ name: 'DatabaseError', reason: 'wrong-key' }));
    expect(Buffer.compare(readFileSync(file), before)).toBe(0);
    opening().close();
  });

  test('from a newer version', () => {
    const database = opening();
    database.pragma(`user_version = ${migrations.length + 1}`);
    database.close();
    expect(opening).toThrow(expect.objectContaining({ reason: 'newer-version' }));
    expect(opening).toThrow(expect.objectContaining({ reason: 'newer-version' }));
  });

  test.each([0, 20, 4096 + 7, 4096 * 9 + 100, 4096 * 20])('with bytes written over at %i', (position) => {
    filled(200);
    overwrite(position, Buffer.from('overwritten by something else'));
    expect(opening).toThrow(expect.objectContaining({ reason: 'damaged' }));
  });

  test('cut short, or some other file', () => {
    filled(200);
    truncateSync(file, 4096 * 5 + 100);
    expect(opening).toThrow(expect.objectContaining({ reason: 'damaged' }));
    writeFileSync(file, 'this was never a database, it is only long enough to be asked about'.repeat(200));
    expect(opening).toThrow(expect.objectContaining({ reason: 'damaged' }));
  });

  test('and is set aside whole, under another name each time, so that a new one can begin', () => {
    filled(200);
    overwrite(0, randomBytes(5000));
    const damaged = readFileSync(file);
    const at = Date.UTC(2026, 10, 22, 6, 52, 45);
    const aside = setAside(file, at);
    expect(aside).toBe(`${file}.aside-20261122T065245`);
    expect(Buffer.compare(readFileSync(aside), damaged)).toBe(0);
    expect(existsSync(file)).toBe(false);
    filled(1);
    expect(setAside(file, at)).toBe(`${aside}-2`);
    filled(1);
    expect(readdirSync(dir).filter((name) => /aside-\d+T\d+(-2)?$/.test(name))).toHaveLength(2);
  });

  test('in a place where nothing can be written', () => {
    expect(() => openDatabase({ file: join(dir, 'no', 'such', 'folder', 'queue.db'), key })).toThrow(expect.objectContaining({ reason: 'unwritable' }));
  });
});

test('a migration cut short leaves the older version, and is made good at the next start', () => {
  const database = openDatabase({ file, key });
  database.close();
  const older = openDatabase({ file, key });
  older.exec('DROP TABLE key_values; PRAGMA user_version = 0');
  older.close();
  // The first step cannot be taken again, since its tables are there: nothing of it may remain.
  expect(() => openDatabase({ file, key })).toThrow();
  const mended = openDatabaseRaw();
  expect(mended.pragma('user_version', { simple: true })).toBe(0);
  expect(mended.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'key_values'`).pluck().get()).toBe(0);
  mended.close();

  function openDatabaseRaw() {
    const saved = migrations.length;
    const writable = migrations as string[];
    const steps = writable.splice(0, saved);
    try {
      return openDatabase({ file, key });
    } finally {
      writable.push(...steps);
    }
  }
});

test('what was inserted is there after the process was killed in the middle of the next', async () => {
  const script = `
    import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))};
    import { createSqliteUploadStore } from ${JSON.stringify(join(import.meta.dirname, 'sqlite-upload-store.ts'))};
    import { factsFor } from ${JSON.stringify(join(import.meta.dirname, 'upload-facts-for-tests.ts'))};
    const store = createSqliteUploadStore(openDatabase({ file: ${JSON.stringify(file)}, key: Buffer.from('${key.toString('hex')}', 'hex') }));
    for (;;) { const facts = factsFor({}); store.insert(facts, 'normal', 1); store.commit(facts.id, { state: { name: 'uploading' }, tries: 1 }, []); process.stdout.write(facts.id + '\\n'); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  await new Promise<void>((resolve) => child.stdout.on('data', (bytes: Buffer) => { told += bytes.toString(); if (told.length > 37 * 60) resolve(); }));
  const dead = new Promise((resolve) => { child.once('close', resolve); });
  child.kill('SIGKILL');
  await dead;
  const store = createSqliteUploadStore(openDatabase({ file, key }));
  const ids = told.split('\n').slice(0, -1);
  expect(ids.length).toBeGreaterThanOrEqual(60);
  for (const id of ids) expect(store.get(id)?.state.name).toBe('uploading');
});

test.skipIf(process.platform === 'win32')('a disk that takes no more is told, and what was there stays', () => {
  const script = `
    import { openDatabase } from ${JSON.stringify(join(import.meta.dirname, 'database.ts'))};
    import { createSqliteUploadStore } from ${JSON.stringify(join(import.meta.dirname, 'sqlite-upload-store.ts'))};
    import { factsFor } from ${JSON.stringify(join(import.meta.dirname, 'upload-facts-for-tests.ts'))};
    process.on('SIGXFSZ', () => {});
    const store = createSqliteUploadStore(openDatabase({ file: ${JSON.stringify(file)}, key: Buffer.from('${key.toString('hex')}', 'hex') }));
    let count = 0;
    try { for (;;) { store.insert(factsFor({}), 'normal', 1); count += 1; } } catch (error) { console.log(error.name, error.reason, store.counts().queued === count, count); }`;
  const told = execFileSync('sh', ['-c', 'ulimit -f 1024; exec "$0" --input-type=module -e "$1"', process.execPath, script], { encoding: 'utf8' });
  expect(told).toMatch(/^DatabaseError (disk-full|unwritable) true \d+/);
  const count = Number(told.trim().split(' ').at(-1));
  expect(count).toBeGreaterThan(0);
  expect(createSqliteUploadStore(openDatabase({ file, key })).counts().queued).toBe(count);
});
