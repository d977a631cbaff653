import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import { writePhotos } from '../../test-support/photos.ts';
import { createLeapingClock } from '../clock-for-tests.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine-types.ts';
import { silentLogger } from '../logging/logger.ts';
import { openEngine } from '../open-engine.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteKeyValueStore } from '../queue/sqlite-key-value-store.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { systemRandom } from '../random.ts';
import { openEncryptedSpool } from '../spool/encrypted-spool.ts';
import { createNodeHttp } from '../transport/node-http.ts';

type QueueEvent = EventPayload<EngineContract, 'queue'>;

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-add-'));
  backend = await temporarySandbox();
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(4), source: 'environment' }, kind: 'app' });
  await engine.calls.changeSettings({ gateway: backend.sandbox.ready.gateway });
  await engine.calls.signIn({ email: backend.sandbox.ready.email, password: backend.sandbox.ready.password });
}, 60_000);
afterAll(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

test('whoever hears that a batch is safe has heard of its photos in the queue', async () => {
  const photos = await writePhotos(join(dir, 'card'), 5, { seed: 'order' });
  await engine.calls.pauseQueue();
  let waiting = 0;
  const waitingWhenSafe: number[] = [];
  const stop = engine.subscribe((event, payload) => {
    if (event === 'queue') waiting = (payload as QueueEvent).counts.queued;
    if (event === 'ingest' && 'finished' in payload && payload.finished) waitingWhenSafe.push(waiting);
  });
  // The pause has just been told, so the next announcement would be due a quarter of a second from now.
  await engine.calls.addFiles({ batchId: 'one', patientId: backend.sandbox.ready.patients[0]!.id, paths: photos.map(({ path }) => path) });
  stop();
  expect(waitingWhenSafe).toEqual([5]);
  await engine.calls.resumeQueue();
});

test('while a card is read that gives nothing, what is queued begins after five seconds all the same', async () => {
  const clock = createLeapingClock();
  let hangs = false;
  let goOn = (): void => undefined;
  let isHanging = (): void => undefined;
  const hanging = new Promise<void>((resolve) => { isHanging = resolve; });
  const free = { freeBytes: 2 ** 40, totalBytes: 2 ** 41 };
  const slow = await createEngine({
    clock, random: systemRandom, log: silentLogger, http: createNodeHttp(), sending: true, keySource: 'environment',
    spool: await openEncryptedSpool({ dir: join(dir, 'slow'), key: new Uint8Array(32).fill(5) }),
    ...memoryStores(), defaults: { gateway: backend.sandbox.ready.gateway },
    diskSpace: () => hangs ? new Promise((resolve) => { goOn = () => resolve(free); isHanging(); }) : Promise.resolve(free),
  });
  try {
    const { email, password, patients } = backend.sandbox.ready;
    const patientId = patients[1]!.id;
    await slow.calls.signIn({ email, password });
    await slow.calls.pauseQueue(undefined);
    const [first, second] = await writePhotos(join(dir, 'slow-card'), 2, { seed: 'slow' });
    await slow.calls.addFiles({ batchId: 'one', patientId, paths: [first!.path] });
    hangs = true;
    const adding = Promise.resolve(slow.calls.addFiles({ batchId: 'two', patientId, paths: [second!.path] }));
    await hanging;
    await slow.calls.resumeQueue(undefined);
    const sent = new Promise<void>((resolve) => {
      slow.subscribe((event, payload) => { if (event === 'queue' && (payload as QueueEvent).counts.completed === 1) resolve(); });
    });
    clock.leap(5_000);
    await sent;
    goOn();
    await adding;
  } finally {
    goOn();
    await slow.close();
  }
}, 20_000);

function memoryStores() {
  const database = openDatabase({ file: ':memory:' });
  return { store: createSqliteUploadStore(database), keyValues: createSqliteKeyValueStore(database) };
}
