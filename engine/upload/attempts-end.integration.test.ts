import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makePhoto } from '../../test-support/photos.ts';
import { systemClock } from '../clock.ts';
import { setUp, type Setup } from '../ingest/ingest-setup-for-tests.ts';
import { silentLogger } from '../logging/logger.ts';
import { toItem } from '../queue/queue-view.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { systemRandom } from '../random.ts';
import { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { createMemoryServer, createMemoryTransport, type MemoryServer } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';
import { runAttempt, type AttemptOutcome } from './attempt.ts';
import type { Housekeeping } from './housekeeping.ts';
import { createUploadCalls } from './upload-calls.ts';

let it: Setup;
let server: MemoryServer;
let queue: UploadQueue;
let id: string;
let now: number;
const clock = { ...systemClock, now: () => now };
beforeEach(async () => {
  it = await setUp();
  now = Date.now();
  server = createMemoryServer();
  queue = new UploadQueue(it.store);
  const path = join(it.sources, 'photo.jpg');
  writeFileSync(path, await makePhoto({ seed: 'one', width: 160, height: 120 }));
  const [outcome] = await it.add(path);
  if (outcome?.outcome !== 'queued') throw new Error('not queued');
  id = outcome.id;
});
afterEach(() => it.tearDown());

function attempt(change: Partial<Transport> = {}): Promise<AttemptOutcome> {
  return runAttempt({
    transport: { ...createMemoryTransport({ server, clock }), ...change }, transportOf: () => undefined, queue, spool: it.spool, slots: new AdaptiveSlots(4),
    clock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
  }, id, new AbortController().signal);
}
const calls = () => createUploadCalls({
  queue, clock, scheduler: { interrupt: async () => undefined } as unknown as Scheduler, housekeeping: {} as Housekeeping, mayChange: () => true, toItem: (record) => toItem(record, 0), onMoved: () => undefined,
});

/** A disk at the store flips a bit of what it had accepted, just before the whole is made of it. */
function rotAtTheStore(times: number): { sent: () => number; completed: () => number } {
  let left = times;
  const count = { sendPart: 0, complete: 0 };
  server.intercept = (step, when) => {
    if (when === 'after' || (step !== 'sendPart' && step !== 'complete')) return;
    count[step] += 1;
    if (step !== 'complete' || left-- <= 0) return;
    for (const upload of server.uploads.values()) for (const part of upload.parts.values()) part.bytes = Buffer.from(part.bytes).fill(7, 100, 101);
  };
  return { sent: () => count.sendPart, completed: () => count.complete };
}

test('a session that is gone however often another is opened ends the try, and the queue waits', async () => {
  const open = vi.fn<() => Promise<{ name: 'gone' }>>(async () => ({ name: 'gone' }));
  expect(await attempt({ open })).toMatchObject({ name: 'failed', failure: { code: 'upload-gone', disposition: 'retry' } });
  expect(open.mock.calls.length).toBeLessThanOrEqual(6);
  expect(it.store.get(id)).toMatchObject({ tries: 1, failuresInARow: 1, state: { name: 'waiting' } });
});

test('where the store\'s whole is not the photo, all of it is sent anew', async () => {
  const counted = rotAtTheStore(1);
  expect(await attempt()).toMatchObject({ name: 'completed' });
  expect([counted.sent(), counted.completed()]).toEqual([2, 2]);
  expect([...server.uploads.values()].map(({ state }) => state)).toEqual(['aborted', 'completed']);
});

test('after the third time a person is told, and may ask for three more', async () => {
  const counted = rotAtTheStore(Infinity);
  expect(await attempt()).toMatchObject({ name: 'failed', failure: { code: 'integrity-mismatch', disposition: 'needsAttention' } });
  expect(it.store.get(id)?.state).toMatchObject({ name: 'needsAttention' });
  expect([counted.sent(), counted.completed()]).toEqual([3, 3]);
  await calls().retryUpload({ id });
  expect(await attempt()).toMatchObject({ failure: { disposition: 'needsAttention' } });
  expect(counted.completed()).toBe(6);
});

test('where a patient has one photo, a person who retries the older one has it follow the newer, and nothing that was not asked for', async () => {
  const newer = it.store.insert(factsFor({ patientId: it.request.patientId }), 'normal', now);
  const complete = (which: string): unknown => it.store.commit(which, {
    state: { name: 'completed', at: now, photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } },
    remote: { transport: 'gateway-photo', at: 'gateway', sessionId: which, partBytes: 5, openedAt: 1, sentAt: 1 },
  }, []);
  complete(newer.facts.id);
  expect(await attempt({ ordering: 'per-patient' })).toMatchObject({ failure: { code: 'superseded' } });
  const unsent = it.store.insert(factsFor({ patientId: it.request.patientId }), 'normal', now);
  await calls().retryUpload({ id });
  const runnable = () => it.store.runnable({ accounts: ['nurse'], now, limit: 5, perPatientOrder: true, except: new Set() }).map((record) => record.facts.id);
  expect(runnable()).toEqual([unsent.facts.id]);
  complete(unsent.facts.id);
  expect(runnable()).toEqual([id]);
  const evenNewer = it.store.insert(factsFor({ patientId: it.request.patientId }), 'normal', now);
  complete(evenNewer.facts.id);
  expect(await attempt({ ordering: 'per-patient' })).toMatchObject({ failure: { code: 'superseded' } });
  await calls().retryUpload({ id });
  expect(await attempt({ ordering: 'per-patient' })).toMatchObject({ name: 'completed' });
});

test('a photo that is looked at later is known by the digests of its parts: from the ledger, or else from the sealed copy', async () => {
  const facts = it.store.get(id)!.facts;
  const told: unknown[] = [];
  const looking: Partial<Transport> = {
    verify: async (_photo, session, _stored, { partMd5s }) => {
      told.push(await partMd5s?.(session.partBytes), await partMd5s?.(1_000).then((md5s) => md5s?.length));
      if (told.length < 6) throw new AnswerError({ endpoint: 'spaces', status: 500, code: 'InternalError' });
    },
  };
  const later = async (): Promise<AttemptOutcome> => { now += 3_600_000; return attempt(looking); };
  expect(await later()).toMatchObject({ name: 'failed' });
  it.store.replaceParts(id, []);
  expect(await later()).toMatchObject({ name: 'failed' });
  expect(await later()).toMatchObject({ name: 'completed' });
  const parts = Math.ceil(facts.sizeBytes / 1_000);
  expect(told).toEqual([[facts.md5], parts, [facts.md5], parts, [facts.md5], parts]);
});
