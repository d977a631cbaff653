import { beforeEach, expect, test } from 'vitest';
import type { Failure } from '../../shared/domain/failure.ts';
import type { Clock } from '../clock.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import { VirtualTime } from '../virtual-time.ts';
import { openDatabase } from './database.ts';
import { QueueHold } from './queue-hold.ts';
import { Scheduler } from './scheduler.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';
import { UploadQueue } from './upload-queue.ts';

const open: Failure = { code: 'circuit-open', disposition: 'wait', endpoint: 'gateway', ambiguous: false, httpStatus: 503 };
const failed = (failure: Partial<Failure>, more: { ours?: boolean; elsewhere?: boolean } = {}): AttemptOutcome =>
  ({ name: 'failed', failure: { ...open, ...failure }, ours: false, elsewhere: false, ...more });
const completed: AttemptOutcome = { name: 'completed', bytes: 1 };

let time: VirtualTime;
let hold: QueueHold;
let queue: UploadQueue;
let scheduler: Scheduler;
let tried: { id: string; at: number; isTrial: boolean }[];
let comesOf: (id: string) => AttemptOutcome;
let ids: string[];
/** Added to the clock with each look at it. */
let lookTakesMs: number;
let looks: number;

beforeEach(() => {
  time = new VirtualTime(1_000_000);
  [lookTakesMs, looks] = [0, 0];
  const clock: Clock = { now: () => time.now(), monotonic: () => time.monotonic() + looks++ * lookTakesMs, sleep: (ms, signal) => time.sleep(ms, signal) };
  queue = new UploadQueue(createSqliteUploadStore(openDatabase({ file: ':memory:' })));
  hold = new QueueHold({ clock, onChange: () => scheduler.poke() });
  tried = [];
  scheduler = new Scheduler({
    queue, clock, hold, concurrency: () => 2, onTrouble: () => undefined, ready: () => ({ accounts: ['nurse'], perPatientOrder: false }),
    runAttempt: async (id, _signal, isTrial) => {
      tried.push({ id, at: time.monotonic(), isTrial });
      queue.apply(id, { type: 'start', now: time.now() });
      await time.sleep(100);
      const outcome = comesOf(id);
      if (outcome.name === 'completed') queue.apply(id, { type: 'verified', at: time.now(), photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } });
      else queue.apply(id, { type: 'held' });
      hold.ended(id, outcome, isTrial);
      return outcome;
    },
  });
  ids = Array.from({ length: 4 }, () => { const facts = factsFor({}); queue.store.insert(facts, 'normal', 1); return facts.id; });
  scheduler.start(false);
});

const times = (): number[] => tried.map(({ at }) => Math.round(at / 1_000));

test('one goes out as the trial when it is due, each in its turn, and all others stay as they are', async () => {
  comesOf = () => failed({});
  await time.run(52_000);
  expect(tried.slice(0, 2).map(({ isTrial }) => isTrial)).toEqual([false, false]);
  expect(times().slice(2)).toEqual([10, 20, 30, 40, 51]);
  expect(tried.slice(2).map(({ id }) => ids.indexOf(id))).toEqual([2, 3, 0, 1, 2]);
  expect(queue.store.counts().queued).toBe(4);
});

test('a photo that alone is held does not hold the others for longer than its own turn', async () => {
  comesOf = (id) => id === ids[0] ? failed({}) : completed;
  await time.run(9_000);
  expect(queue.store.counts().completed).toBe(1);
  await time.run(11_000);
  expect(queue.store.counts()).toMatchObject({ completed: 3, queued: 1 });
});

test('a trial that went through lets all go at once', async () => {
  comesOf = () => failed({});
  await time.run(1_000);
  comesOf = () => completed;
  await time.run(10_500);
  expect(queue.store.counts().completed).toBe(4);
  expect(hold.untilTrialMs).toBeUndefined();
});

test('a trial that meets something else on the way is one more that did not get through', async () => {
  comesOf = () => failed({});
  await time.run(1_000);
  comesOf = () => failed({ code: 'bad-gateway', disposition: 'retry', httpStatus: 502 });
  await time.run(25_000);
  expect(times().slice(2)).toEqual([10, 20]);
});

test('what a server’s breaker asks for is waited for, and what our own still needs', async () => {
  comesOf = () => failed({ retryAfterMs: 60_000 });
  await time.run(61_000);
  expect(times().slice(2)).toEqual([60]);
  comesOf = () => failed({ retryAfterMs: 4_000 }, { ours: true });
  hold.lift();
  await time.run(66_500);
  expect(times().slice(3)).toEqual([61, 61, 65]);
});

test('a Retry-After holds all, to the second; one that is waited for within the request does not', async () => {
  comesOf = () => failed({ code: 'rate-limited', httpStatus: 429, retryAfterMs: 90_000 });
  await time.run(89_000);
  expect(times()).toEqual([0, 0]);
  expect(hold.shown(queue.store.get(ids[2]!)!).state).toMatchObject({ name: 'waiting', retryAt: 1_090_100, failure: { code: 'rate-limited' } });
  comesOf = () => completed;
  await time.run(91_000);
  expect(queue.store.counts().completed).toBe(4);
  hold.ended(ids[0]!, failed({ code: 'rate-limited', httpStatus: 429, retryAfterMs: 2_000 }), false);
  expect(hold.untilTrialMs).toBeUndefined();
});

test('a place to which no other photo goes holds nobody', async () => {
  comesOf = () => failed({}, { elsewhere: true });
  hold.ended(ids[0]!, failed({}, { elsewhere: true, ours: true }), false);
  expect(hold.untilTrialMs).toBeUndefined();
});

test('a trial is due at once when the address is used again', async () => {
  comesOf = () => failed({});
  await time.run(1_000);
  comesOf = () => completed;
  hold.tryNow();
  await time.run(1_500);
  expect(queue.store.counts().completed).toBe(4);
});

test('is shown, and counted, as blocked; nothing of it is written', async () => {
  comesOf = () => failed({});
  await time.run(5_000);
  const record = queue.store.get(ids[3]!)!;
  expect(record.state).toEqual({ name: 'queued' });
  expect(hold.shown(record).state).toEqual({ name: 'blocked', by: 'circuit', failure: open });
  expect(hold.shownCounts(queue.store.counts())).toMatchObject({ queued: 0, blocked: 4 });
  expect(queue.store.page({ filter: 'waiting', held: true, limit: 10 })).toMatchObject({ total: 4, records: { length: 4 } });
  expect(queue.store.page({ filter: 'sending', held: true, limit: 10 })).toMatchObject({ total: 0 });
});

test('whoever waits until nothing can be sent does not wait for a server that fails', async () => {
  comesOf = () => failed({});
  await time.run(1_000);
  let over = false;
  void scheduler.untilIdle(12_000, new AbortController().signal).then(() => { over = true; });
  await time.run(1_001);
  expect(over).toBe(true);
});

test.each([0.01, 0.1, 0.4])('a trial is not forgotten where its time comes between two looks at the clock, each %s ms later', async (step) => {
  comesOf = () => failed({});
  await time.run(1_000);
  // A timer of the computer's may fire a moment too early.
  [lookTakesMs, looks] = [step, 0];
  for (let early = 0; early < 20; early += 1) {
    await time.run(time.monotonic() + (hold.untilTrialMs ?? 0) - 0.2);
    scheduler.poke();
    await time.run(time.monotonic() + 5);
    looks = 0;
    await time.run(time.monotonic() + 200);
    expect(tried).toHaveLength(3 + early);
  }
});
