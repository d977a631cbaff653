import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePhoto } from '../../test-support/photos.ts';
import { systemClock } from '../clock.ts';
import { setUp, type Setup } from '../ingest/ingest-setup-for-tests.ts';
import { silentLogger } from '../logging/logger.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { systemRandom } from '../random.ts';
import { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { createMemoryServer, createMemoryTransport, type MemoryServer } from '../transport/memory.ts';
import { runAttempt, type AttemptOutcome } from './attempt.ts';
import { Housekeeping } from './housekeeping.ts';
import { satisfyTwin } from './renew-copy.ts';

let it: Setup;
let server: MemoryServer;
let card: string;
let id: string;
beforeEach(async () => {
  it = await setUp();
  server = createMemoryServer();
  card = join(it.sources, 'photo.jpg');
  writeFileSync(card, await makePhoto({ seed: 'again', width: 160, height: 120 }));
  const [outcome] = await it.add(card);
  if (outcome?.outcome !== 'queued') throw new Error('not queued');
  id = outcome.id;
});
afterEach(() => it.tearDown());

function rot(): void {
  const file = openSync(join(it.data, 'spool', `${id}.photo`), 'r+');
  writeSync(file, Buffer.from([1, 2, 3, 4]), 0, 4, 200);
  closeSync(file);
}

const attempt = (): Promise<AttemptOutcome> => runAttempt({
  transport: createMemoryTransport({ server, clock: systemClock }), transportOf: () => undefined, queue: new UploadQueue(it.store), spool: it.spool, slots: new AdaptiveSlots(4),
  clock: systemClock, random: systemRandom, log: silentLogger, onUnconfirmed: () => undefined,
}, id, new AbortController().signal);
const start = (): Promise<number> => new Housekeeping({
  queue: new UploadQueue(it.store), spool: it.spool, clock: systemClock, log: silentLogger, accounts: () => [], transport: () => undefined, transportOf: () => undefined,
}).recover();
const sealed = async (): Promise<string[]> => (await it.spool.list()).map((entry) => entry.id);
const failure = { code: 'spool-missing', disposition: 'needsAttention', endpoint: 'local', ambiguous: false } as const;

test('a photo whose sealed copy has rotted or is gone goes on once it is added again', async () => {
  for (const spoil of [async () => rot(), () => it.spool.remove(id)]) {
    await spoil();
    expect(await attempt()).toMatchObject({ name: 'failed', failure: { disposition: 'needsAttention', endpoint: 'local' } });
    expect(await it.add(card)).toMatchObject([{ outcome: 'queued', id }]);
    expect(it.store.get(id)?.state).toEqual({ name: 'queued' });
    expect(await sealed()).toEqual([id]);
  }
  expect(await attempt()).toMatchObject({ name: 'completed' });
  expect(server.objects.size).toBe(1);
});

test('nobody is told that a photo is there already while its copy has rotted and it has not been noticed yet', async () => {
  it.store.commit(id, { state: { name: 'paused' } }, []);
  rot();
  expect(await it.add(card)).toMatchObject([{ outcome: 'queued', id }]);
  expect(it.store.get(id)?.state).toEqual({ name: 'paused' });
  expect(await it.add(card)).toMatchObject([{ outcome: 'duplicate', id }]);
  new UploadQueue(it.store).apply(id, { type: 'resume' });
  expect(await attempt()).toMatchObject({ name: 'completed' });
});

test('a row that is cancelled while its new copy is being sealed leaves the copy to whoever brought it', async () => {
  const known = it.store.get(id)!;
  const other = { ...known.facts, id: factsFor({}).id };
  const bytes = await it.plain(id);
  await it.spool.remove(id);
  const queue = new UploadQueue(it.store);
  const twin = await satisfyTwin({ queue, spool: it.spool, clock: systemClock }, known, async () => {
    const writer = await it.spool.create(other.id);
    await writer.write(bytes);
    await writer.seal(other);
    queue.apply(id, { type: 'cancel' });
    return other.id;
  });
  expect(twin).toEqual({ name: 'cancelled' });
  expect(await sealed()).toContain(other.id);
});

test('a start gives the copy that nobody knew of to the row that lacks its own, and removes it where the row has one', async () => {
  const facts = it.store.get(id)!.facts;
  const orphan = { ...facts, id: factsFor({}).id };
  const sealOrphan = async (bytes: Uint8Array): Promise<void> => {
    const writer = await it.spool.create(orphan.id);
    await writer.write(bytes);
    await writer.seal(orphan);
  };
  const bytes = await it.plain(id);
  await sealOrphan(bytes);
  await it.spool.remove(id);
  it.store.commit(id, { state: { name: 'needsAttention', failure } }, []);
  await start();
  expect(it.store.get(id)?.state).toEqual({ name: 'queued' });
  expect(await sealed()).toEqual([id]);
  expect(Buffer.compare(await it.plain(id), bytes)).toBe(0);
  await sealOrphan(bytes);
  await start();
  expect(await sealed()).toEqual([id]);
  expect(await attempt()).toMatchObject({ name: 'completed' });
});

test('a photo that a newer one has replaced at the server can be sent there again', async () => {
  const complete = (which: string): unknown => it.store.commit(which, {
    state: { name: 'completed', at: 1, photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } },
    remote: { transport: 'gateway-photo', at: 'gateway', sessionId: which, partBytes: 5, openedAt: 1, sentAt: 1 },
  }, []);
  complete(id);
  expect(await it.add(card)).toMatchObject([{ outcome: 'duplicate', id }]);
  complete(it.store.insert(factsFor({ patientId: it.request.patientId }), 'normal', 2).facts.id);
  const [again] = await it.add(card);
  expect(again).toMatchObject({ outcome: 'queued' });
  expect(again).not.toMatchObject({ id });
});
