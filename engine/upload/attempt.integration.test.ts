import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { setUp, type Setup } from '../ingest/ingest-setup-for-tests.ts';
import { silentLogger } from '../logging/logger.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { systemRandom } from '../random.ts';
import { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { createMemoryServer, createMemoryTransport } from '../transport/memory.ts';
import type { Transport } from '../transport/transport.ts';
import { runAttempt } from './attempt.ts';

const mebibyte = 1024 * 1024;
let setup: Setup;
beforeEach(async () => { setup = await setUp(); });
afterEach(() => setup.tearDown());

/** Sends a JPEG of 12 MiB to a server that offers parts of 8 MiB. @returns the sizes of the parts that arrived, largest first */
async function send(slots: AdaptiveSlots): Promise<number[]> {
  const id = await setup.addLarge(12 * mebibyte);
  const server = createMemoryServer();
  const sizes: number[] = [];
  server.intercept = (step, when) => {
    if (step === 'complete' && when === 'before') for (const upload of server.uploads.values()) for (const part of upload.parts.values()) sizes.push(part.bytes.length);
  };
  const ended = await runAttempt({
    transport: createMemoryTransport({ server, clock: systemClock }), transportOf: () => undefined, queue: new UploadQueue(setup.store), spool: setup.spool, slots,
    clock: systemClock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
  }, id, new AbortController().signal);
  expect(ended).toEqual({ name: 'completed', bytes: 12 * mebibyte });
  return sizes.sort((one, other) => other - one);
}

it('sends parts of the size that the server offers', async () => {
  expect(await send(new AdaptiveSlots(4))).toEqual([8 * mebibyte, 4 * mebibyte]);
});

it('asks for the smallest parts while the process before this one is known to have died at its work', async () => {
  const slots = new AdaptiveSlots(4);
  slots.startCarefully();
  expect(await send(slots)).toEqual([5 * mebibyte, 5 * mebibyte, 2 * mebibyte]);
});

it.each([['of another person', 'another', 'waiting'], ['that was cancelled on its way', 'nurse', 'cancelled']] as const)('waits until an older photo of the patient %s can no longer arrive after it, where a patient has one photo', async (_name, accountId, name) => {
  const now = Date.now();
  const sentAt = now - 10_000;
  const older = setup.store.insert(factsFor({ accountId, patientId: setup.request.patientId }), 'normal', now);
  const failure = { code: 'gateway-timeout', disposition: 'wait', endpoint: 'gateway', ambiguous: true } as const;
  setup.store.commit(older.facts.id, {
    state: name === 'waiting' ? { name, retryAt: now, failure } : { name },
    remote: { transport: 'gateway-photo', at: 'memory:', sessionId: older.facts.id, partBytes: mebibyte, openedAt: sentAt, sentAt },
  }, []);
  const path = join(setup.sources, 'photo.jpg');
  writeFileSync(path, await makePhoto({ seed: 'newer', width: 160, height: 120 }));
  const [outcome] = await setup.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
  const server = createMemoryServer();
  const clock = { ...systemClock, now: () => moment };
  let moment = now;
  const attempt = () => runAttempt({
    transport: { ...createMemoryTransport({ server, clock }), ordering: 'per-patient' }, transportOf: () => undefined, queue: new UploadQueue(setup.store), spool: setup.spool,
    slots: new AdaptiveSlots(4), clock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
  }, outcome.id, new AbortController().signal);
  expect(await attempt()).toMatchObject({ name: 'failed', failure: { disposition: 'wait' } });
  expect(setup.store.get(outcome.id)?.state).toMatchObject({ name: 'waiting', retryAt: sentAt + 160_000 });
  expect(server.uploads.size).toBe(0);
  moment = sentAt + 160_000;
  expect(await attempt()).toMatchObject({ name: 'completed' });
});

/** One photo at a store that answers every part like this. @returns the waits between its tries, in milliseconds */
async function waitsAfter(error: AnswerError, times: number): Promise<number[]> {
  const path = join(setup.sources, 'photo.jpg');
  writeFileSync(path, await makePhoto({ seed: 'waits', width: 160, height: 120 }));
  const [outcome] = await setup.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
  let now = Date.now();
  const clock = { ...systemClock, now: () => now };
  const transport: Transport = { ...createMemoryTransport({ server: createMemoryServer(), clock }), sendPart: () => Promise.reject(error) };
  const waits: number[] = [];
  for (let nth = 0; nth < times; nth += 1) {
    await runAttempt({
      transport, transportOf: () => transport, queue: new UploadQueue(setup.store), spool: setup.spool, slots: new AdaptiveSlots(4),
      clock, random: { unit: () => 1, uuid: systemRandom.uuid }, log: silentLogger, onUnconfirmed: () => undefined,
    }, outcome.id, new AbortController().signal);
    const record = setup.store.get(outcome.id);
    if (record?.state.name !== 'waiting') throw new Error(JSON.stringify(record?.state));
    expect(record.tries).toBe(0);
    waits.push(record.state.retryAt - now);
    now = record.state.retryAt;
  }
  return waits;
}

it.each([
  ['a full store', { status: 507, code: 'malformed' }],
  ['a store with a full bucket', { status: 403, code: 'Presigned.QuotaExceeded' }],
  ['SlowDown', { status: 503, code: 'SlowDown' }],
  ['a full store that asks for no wait', { status: 507, code: 'malformed', headers: { 'retry-after': '0' } }],
])('waits longer each time for %s, up to a quarter of an hour', async (_name, said) => {
  expect(await waitsAfter(new AnswerError({ endpoint: 'spaces', ...said }), 10))
    .toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000]);
});

it('waits as long as the store asks, each time', async () => {
  expect(await waitsAfter(new AnswerError({ endpoint: 'spaces', status: 507, code: 'malformed', headers: { 'retry-after': '7' } }), 3)).toEqual([7_000, 7_000, 7_000]);
});

it('a breaker that is open at the place where a photo was begun once keeps that photo waiting, longer each time, and nobody else', async () => {
  const path = join(setup.sources, 'photo.jpg');
  writeFileSync(path, await makePhoto({ seed: 'moved', width: 160, height: 120 }));
  const [outcome] = await setup.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
  const { id } = outcome;
  const now = Date.now();
  const session = { transport: 'gateway-photo', at: 'elsewhere:', sessionId: id, partBytes: mebibyte, openedAt: now, sentAt: now } as const;
  setup.store.commit(id, { remote: session }, []);
  const clock = { ...systemClock, now: () => now };
  const transport = createMemoryTransport({ server: createMemoryServer(), clock });
  const open = new AnswerError({ endpoint: 'gateway', status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open', 'retry-after': '10' }, ours: true });
  for (const wait of [5_000, 10_000]) {
    const ended = await runAttempt({
      transport, transportOf: () => ({ ...transport, name: 'gateway-photo', at: 'elsewhere:', inspect: () => Promise.reject(open) }), queue: new UploadQueue(setup.store), spool: setup.spool,
      slots: new AdaptiveSlots(4), clock, random: { unit: () => 1, uuid: systemRandom.uuid }, log: silentLogger, onUnconfirmed: () => undefined,
    }, id, new AbortController().signal);
    expect(ended).toMatchObject({ name: 'failed', elsewhere: true, ours: true });
    expect(setup.store.get(id)?.state).toMatchObject({ name: 'waiting', retryAt: now + wait });
    setup.store.commit(id, { state: { name: 'queued' } }, []);
  }
});

it('a trial tells nothing before something of it is stored, and then all of it', async () => {
  const path = join(setup.sources, 'photo.jpg');
  writeFileSync(path, await makePhoto({ seed: 'trial', width: 160, height: 120 }));
  const [outcome] = await setup.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
  const { id } = outcome;
  const server = createMemoryServer();
  const open = new AnswerError({ endpoint: 'spaces', status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open' }, ours: true });
  const transport = createMemoryTransport({ server, clock: systemClock });
  let stored = 0;
  const attempt = (sendPart: Transport['sendPart']) => runAttempt({
    transport: { ...transport, sendPart }, transportOf: () => undefined, queue: new UploadQueue(setup.store), spool: setup.spool, slots: new AdaptiveSlots(4),
    clock: systemClock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined, trial: { onStored: () => { stored += 1; } },
  }, id, new AbortController().signal);
  const before = setup.store.get(id);
  for (let night = 0; night < 3; night += 1) expect(await attempt(() => Promise.reject(open))).toMatchObject({ name: 'failed', elsewhere: false });
  expect(setup.store.story(id).map(({ kind }) => kind)).toEqual(['added']);
  expect(setup.store.get(id)).toMatchObject({ state: { name: 'queued' }, tries: 0, updatedAt: before?.updatedAt });
  expect(stored).toBe(0);
  expect(await attempt(transport.sendPart)).toMatchObject({ name: 'completed' });
  expect(setup.store.story(id).map(({ kind }) => kind)).toEqual(['added', 'started', 'resumed', 'part-stored', 'completing', 'completed']);
  expect(stored).toBe(1);
});
