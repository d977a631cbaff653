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
import { createMemoryServer, createMemoryTransport } from '../transport/memory.ts';
import { runAttempt } from './attempt.ts';

const mebibyte = 1024 * 1024;
let setup: Setup;
beforeEach(async () => { setup = await setUp(); });
afterEach(() => setup.tearDown());

/** Sends a JPEG of 12 MiB to a server that offers parts of 8 MiB. @returns the sizes of the parts that arrived, largest first */
async function send(slots: AdaptiveSlots): Promise<number[]> {
  const path = join(setup.sources, 'photo.jpg');
  writeFileSync(path, Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]), Buffer.alloc(12 * mebibyte - 13, 7), Buffer.from([0xff, 0xd9])]));
  const [outcome] = await setup.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
  const server = createMemoryServer();
  const sizes: number[] = [];
  server.intercept = (step, when) => {
    if (step === 'complete' && when === 'before') for (const upload of server.uploads.values()) for (const part of upload.parts.values()) sizes.push(part.bytes.length);
  };
  const ended = await runAttempt({
    transport: createMemoryTransport({ server, clock: systemClock }), transportOf: () => undefined, queue: new UploadQueue(setup.store), spool: setup.spool, slots,
    clock: systemClock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
  }, outcome.id, new AbortController().signal);
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
