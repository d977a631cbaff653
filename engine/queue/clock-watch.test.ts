import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Failure } from '../../shared/domain/failure.ts';
import { VirtualTime } from '../virtual-time.ts';
import { watchClock } from './clock-watch.ts';
import { openDatabase, type Database } from './database.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';
import { UploadQueue } from './upload-queue.ts';

const failure: Failure = { code: 'server-error', disposition: 'retry', endpoint: 'gateway', ambiguous: false };
const year = 365 * 86_400_000;
let time: VirtualTime;
let closing: AbortController;
let database: Database;
let queue: UploadQueue;

beforeEach(() => {
  time = new VirtualTime(Date.UTC(2026, 10, 1));
  closing = new AbortController();
  database = openDatabase({ file: ':memory:' });
  queue = new UploadQueue(createSqliteUploadStore(database));
});
afterEach(() => { closing.abort(); database.close(); });

function failNow(): string {
  const facts = factsFor({});
  queue.store.insert(facts, 'normal', time.now());
  queue.apply(facts.id, { type: 'start', now: time.now() });
  queue.apply(facts.id, { type: 'failed', failure, retryAt: time.now() + 60_000 }, {}, [{ at: time.now(), kind: 'failed', failure }]);
  return facts.id;
}

test('tells of a clock that was set back, not of one that was set ahead or is kept right', async () => {
  let told = 0;
  void watchClock({ clock: time, closing: closing.signal, onSetBack: () => { told += 1; } });
  await time.run(60_000);
  time.setAhead(year);
  await time.run(120_000);
  time.setAhead(year - 500);
  await time.run(180_000);
  expect(told).toBe(0);
  time.setAhead(0);
  await time.run(240_000);
  expect(told).toBe(1);
});

test('what failed in a time that has been taken back starts again; what failed before it waits on', () => {
  const before = failNow();
  time.setAhead(year);
  const ahead = failNow();
  time.setAhead(1_000);
  expect(queue.wakeSome('clock', time.now()).ids).toEqual([ahead]);
  expect(queue.store.get(ahead)?.state).toEqual({ name: 'queued' });
  expect(queue.store.get(before)?.state.name).toBe('waiting');
  // Its next wait is one of the time that it is now.
  queue.apply(ahead, { type: 'start', now: time.now() });
  queue.apply(ahead, { type: 'failed', failure, retryAt: time.now() + 60_000 }, {}, [{ at: time.now(), kind: 'failed', failure }]);
  expect(queue.wakeSome('clock', time.now()).ids).toEqual([]);
});
