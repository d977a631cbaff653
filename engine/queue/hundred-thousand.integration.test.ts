/** @file A queue of 100,000 photos. How quickly it answers is measured by `npm run bench`; that it need not look at every row, its statements say themselves (INDEXED BY). */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from './database.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { fillQueue } from './testing/full-queue.ts';
import type { UploadStore } from './upload-store.ts';

const rows = 100_000;
const key = randomBytes(32);
const dir = mkdtempSync(join(tmpdir(), 'relevo-many-'));
const file = join(dir, 'queue.db');
let database: Database;
let store: UploadStore;

beforeAll(() => {
  fillQueue({ file, key, rows });
  database = openDatabase({ file, key });
  store = createSqliteUploadStore(database);
}, 120_000);
afterAll(() => { database.close(); rmSync(dir, { recursive: true, force: true }); });

test('the counts are those of all rows, and the next to start are the oldest', () => {
  expect(store.counts(['nurse'])).toMatchObject({ queued: rows / 4, waiting: rows / 4, paused: rows / 4, completed: rows / 4, blocked: 0 });
  const next = store.runnable({ accounts: ['nurse'], now: 2, limit: 6, perPatientOrder: false, except: new Set() });
  expect(next.map(({ sequence }) => sequence)).toEqual([1, 5, 9, 13, 17, 21]);
  // Of a patient only the oldest counts: those that are paused do not hold the others up, those that wait do.
  const oneEach = store.runnable({ accounts: ['nurse'], now: 2, limit: 1_000, perPatientOrder: true, except: new Set() });
  expect(new Set(oneEach.map(({ facts }) => facts.patientId)).size).toBe(oneEach.length);
  expect(oneEach.length).toBe(125);
});

test('every row is met once by paging through all of them', () => {
  const seen = new Set<number>();
  for (let before: number | undefined; ;) {
    const { records, total } = store.page({ accounts: ['nurse'], filter: 'all', before, limit: 500 });
    expect(total).toBe(rows);
    for (const record of records) seen.add(record.sequence);
    if (records.length < 500) break;
    before = records.at(-1)?.sequence;
  }
  expect(seen.size).toBe(rows);
}, 60_000);
