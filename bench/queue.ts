/** @file The queue with 100,000 photos beside the same queue with ten: what the window and the scheduler ask of it. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, type Database } from '../engine/queue/database.ts';
import { fillQueue } from '../engine/queue/testing/full-queue.ts';
import { createSqliteUploadStore } from '../engine/queue/sqlite-upload-store.ts';
import type { UploadStore } from '../engine/queue/upload-store.ts';
import { median } from './measured.ts';

const few = 10;
const many = 100_000;
const turns = 25;

interface Queue { store: UploadStore; database: Database; open: () => Database }

type Question = (queue: Queue, rows: number) => unknown;

const ask = (change: object = {}) => ({ accounts: ['nurse'], now: 2, limit: 6, perPatientOrder: false, except: new Set<string>(), ...change });

const questions: Record<string, Question> = {
  'opening it': ({ open }) => open().close(),
  'the next six': ({ store }) => store.runnable(ask()),
  'the next six, one a patient': ({ store }) => store.runnable(ask({ perPatientOrder: true })),
  'the next six, all due at once': ({ store }) => store.runnable(ask({ now: 2e12 })),
  'when to look again': ({ store }) => store.nextRetryAt(['nurse'], 2),
  'the first page': ({ store }) => store.page({ accounts: ['nurse'], filter: 'all', limit: 100 }),
  'a page in the middle': ({ store }, rows) => store.page({ accounts: ['nurse'], filter: 'waiting', before: rows / 2, limit: 100 }),
  'the counts': ({ store }) => store.counts(['nurse']),
  'the oldest': ({ store }) => store.oldestUnfinishedAt(['nurse']),
  'a duplicate': ({ store }) => store.findDuplicate(['nurse'], 'patient-1', 'f'.repeat(64)),
};

async function queueOf(rows: number, folder: string): Promise<Queue> {
  const key = randomBytes(32);
  const file = join(folder, `${rows}.db`);
  fillQueue({ file, key, rows });
  const open = (): Database => openDatabase({ file, key });
  const database = open();
  return { open, database, store: createSqliteUploadStore(database) };
}

/** In turn, so that what the machine does besides befalls both alike. In milliseconds. */
function timed(question: Question, short: Queue, long: Queue): { ofFew: number; ofMany: number } {
  const ofFew: number[] = [];
  const ofMany: number[] = [];
  const once = (queue: Queue, rows: number): number => {
    const began = performance.now();
    question(queue, rows);
    return performance.now() - began;
  };
  for (let turn = 0; turn < turns; turn += 1) {
    ofFew.push(once(short, few));
    ofMany.push(once(long, many));
  }
  return { ofFew: median(ofFew), ofMany: median(ofMany) };
}

/** A table, a row a question: medians in milliseconds with ten and with 100,000 photos. */
export async function queueSizes(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-bench-queue-'));
  const [short, long] = [await queueOf(few, folder), await queueOf(many, folder)];
  try {
    const row = (name: string, ...figures: string[]): string => `${name.padEnd(34)}${figures.map((figure) => figure.padStart(14)).join('')}`;
    const rows = Object.entries(questions).map(([name, question]) => {
      const { ofFew, ofMany } = timed(question, short, long);
      return row(name, ofFew.toFixed(3), ofMany.toFixed(3));
    });
    return [row('the queue, ms', `of ${few}`, `of ${many}`), ...rows, ''].join('\n');
  } finally {
    short.database.close();
    long.database.close();
    await rm(folder, { recursive: true, force: true });
  }
}
