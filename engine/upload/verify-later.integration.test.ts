import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-verify-later-'));
  backend = await temporarySandbox({ contract: 'heartguard', timeouts: { gatewayMs: 30_000 } });
}, 60_000);
afterAll(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

async function open(): Promise<Engine> {
  await engine?.close();
  return engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(5), source: 'environment' }, kind: 'app' });
}

test('contract A: a photo that was taken but could not be looked at is looked at later, by another process too, and not sent again', async () => {
  const { ready, faults } = backend.sandbox;
  const first = await open();
  await first.calls.changeSettings({ gateway: ready.gateway });
  await first.calls.signIn({ email: ready.email, password: ready.password });
  await faults.set({ where: { service: 'spaces', method: 'HEAD' }, effect: { kind: 'status', status: 500 }, times: 'always' });
  await writeFile(join(dir, 'photo.jpg'), await makePhoto({ seed: 'verify later' }));
  const { outcomes: [added] } = await first.calls.addFiles({ batchId: 'one', patientId: ready.patients[0]!.id, paths: [join(dir, 'photo.jpg')] });
  const id = added?.outcome === 'queued' ? added.id : '';
  const state = async (): Promise<string> => (await engine!.calls.getUpload({ id })).item.state.name;
  await expect.poll(state, { timeout: 20_000 }).toBe('waiting');
  await first.calls.pauseQueue();

  const second = await open();
  await faults.clear();
  await second.calls.retryUpload({ id });
  await second.calls.resumeQueue();
  await expect.poll(state, { timeout: 20_000 }).toBe('completed');
  const sent = faults.requests().filter(({ service, method, path }) => service === 'media' && ['PUT', 'POST'].includes(method) && path.endsWith('/photo'));
  expect(sent).toHaveLength(1);
}, 60_000);
