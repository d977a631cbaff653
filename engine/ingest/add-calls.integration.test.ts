import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import { writePhotos } from '../../test-support/photos.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';

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
