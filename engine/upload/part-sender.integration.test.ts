import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { setUp, type Setup } from '../ingest/ingest-setup-for-tests.ts';
import { silentLogger } from '../logging/logger.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { systemRandom } from '../random.ts';
import { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { HttpError } from '../transport/http.ts';
import { createMemoryServer, createMemoryTransport } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';
import { runAttempt, type AttemptOutcome } from './attempt.ts';

const mebibyte = 1024 * 1024;
const spaces = { endpoint: 'spaces' } as const;

let setup: Setup;
/** Three parts, two at a time. */
let id: string;
let transport: Transport;
let begun: number[];
beforeEach(async () => {
  setup = await setUp();
  id = await setup.addLarge(20 * mebibyte);
  begun = [];
  const memory = createMemoryTransport({ server: createMemoryServer(), clock: systemClock });
  transport = { ...memory, limits: { ...memory.limits, maxPartsInFlight: 2 } };
});
afterEach(() => setup.tearDown());

function attempt(sendPart: Transport['sendPart'], { interrupted = new AbortController().signal, places = 4 } = {}): Promise<AttemptOutcome> {
  const sending: Transport = { ...transport, sendPart: (photo, session, part, options) => { begun.push(part.number); return sendPart(photo, session, part, options); } };
  return runAttempt({
    transport: sending, transportOf: () => undefined, queue: new UploadQueue(setup.store), spool: setup.spool, slots: new AdaptiveSlots(4, places),
    clock: systemClock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
  }, id, interrupted);
}

/** The first part fails while the second is under way. @param then what becomes of the second, once that is known */
function firstFails(error: AnswerError | HttpError, then: Transport['sendPart']): Transport['sendPart'] {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  return async (photo, session, part, options) => {
    if (part.number === 1) {
      await second.promise;
      first.resolve();
      throw error;
    }
    second.resolve();
    await first.promise;
    // By then whoever waits for the first one has heard of it.
    await new Promise(setImmediate);
    return then(photo, session, part, options);
  };
}

const stored = () => setup.store.parts(id).map(({ number }) => number);

test('a part that the store has no time for does not cut off the one beside it, and nothing new begins', async () => {
  const slow = new AnswerError({ ...spaces, status: 503, code: 'SlowDown' });
  const sending = firstFails(slow, transport.sendPart);
  expect(await attempt(sending)).toMatchObject({ name: 'failed', failure: { code: 'rate-limited' } });
  expect(begun.sort()).toEqual([1, 2]);
  expect(stored()).toEqual([2]);
  begun = [];
  setup.store.commit(id, { state: { name: 'queued' } }, []);
  expect(await attempt(transport.sendPart)).toMatchObject({ name: 'completed' });
  expect(begun.sort()).toEqual([1, 3]);
});

test('a part that waits for a place does not get the one of the part that failed', async () => {
  const slow = new AnswerError({ ...spaces, status: 503, code: 'SlowDown' });
  expect(await attempt(() => Promise.reject(slow), { places: 1 })).toMatchObject({ name: 'failed', failure: { code: 'rate-limited' } });
  expect(begun).toEqual([1]);
});

test('where no answer came, what is under way beside it is cut off: nothing says that the way is open', async () => {
  const cuts: unknown[] = [];
  const gone = new HttpError({ reason: 'offline', endpoint: 'spaces', requestSent: false });
  const sending = firstFails(gone, async (_photo, _session, _part, { signal }) => {
    if (!signal.aborted) await once(signal, 'abort');
    cuts.push(signal.reason);
    throw signal.reason;
  });
  expect(await attempt(sending)).toMatchObject({ name: 'failed', failure: { code: 'offline' } });
  expect(cuts).toEqual([gone]);
});

test('a part beside one that will never be taken is not sent to its end', async () => {
  const refused = new AnswerError({ ...spaces, status: 404, code: 'NoSuchUpload' });
  let cut = false;
  const sending = firstFails(refused, async (_photo, _session, _part, { signal }) => {
    if (!signal.aborted) await once(signal, 'abort');
    cut = true;
    throw signal.reason;
  });
  let lost = false;
  await attempt((...part) => (lost ? transport.sendPart(...part) : sending(...part).finally(() => { lost = cut; })));
  expect(cut).toBe(true);
  expect(setup.store.get(id)?.state.name).toBe('completed');
});

test('a pause ends all that is under way at once', async () => {
  const pause = new AbortController();
  const both = Promise.withResolvers<void>();
  const ended = attempt(async (_photo, _session, _part, { signal }) => {
    if (begun.length === 2) both.resolve();
    await once(signal, 'abort');
    throw signal.reason;
  }, { interrupted: pause.signal });
  await both.promise;
  pause.abort(new Error('paused'));
  expect(await ended).toEqual({ name: 'interrupted' });
  expect(begun.sort()).toEqual([1, 2]);
});
