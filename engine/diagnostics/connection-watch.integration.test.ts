import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import type { ConnectionSnapshot } from '../../shared/domain/diagnosis.ts';
import type { Engine, EngineEventName } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine;
const seen: { event: EngineEventName; payload: unknown }[] = [];
const chromiumAsked: string[] = [];

async function open(): Promise<void> {
  engine = await openEngine({
    dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(6), source: 'environment' }, kind: 'app', version: '1.2.3',
    diagnosis: { chromium: { get: async (url) => { chromiumAsked.push(url); return { name: 'answer', status: 200 }; } } },
  });
  engine.subscribe((event, payload) => { seen.push({ event, payload }); });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-watch-'));
  backend = await temporarySandbox();
  await open();
}, 60_000);
afterAll(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

/** The next panel, as it is announced, that fits. */
function panel(fits: (snapshot: ConnectionSnapshot) => boolean): Promise<ConnectionSnapshot> {
  return new Promise((resolve) => {
    const stop = engine.subscribe((event, payload) => {
      if (event !== 'connection' || !fits(payload as ConnectionSnapshot)) return;
      stop();
      resolve(payload as ConnectionSnapshot);
    });
  });
}

const code = (snapshot: ConnectionSnapshot): string | undefined => snapshot.diagnosis?.code;

test('what is broken shows in the panel by itself, and what is mended too; nothing is asked before there is a gateway', async () => {
  const { ready, services } = backend.sandbox;
  expect(await engine.calls.getConnection()).toMatchObject({ changes: [], lastProbes: [] });
  const healthy = panel((snapshot) => code(snapshot) === 'HEALTHY');
  await engine.calls.changeSettings({ gateway: ready.gateway });
  await engine.calls.signIn({ email: ready.email, password: ready.password });
  await healthy;

  const photo = async (seed: string): Promise<void> => {
    await writeFile(join(dir, `${seed}.jpg`), await makePhoto({ seed }));
    const { outcomes } = await engine.calls.addFiles({ batchId: randomUUID(), patientId: ready.patients[0]!.id, paths: [join(dir, `${seed}.jpg`)] });
    expect(outcomes).toMatchObject([{ outcome: 'queued' }]);
  };
  await photo('first');
  await engine.calls.sync({ timeoutSeconds: 20 });
  // Spaces are known from the first photo's addresses, and looked at from now on.
  await engine.calls.checkConnection({});
  const { latency, lastProbes } = await engine.calls.getConnection();
  expect(latency.find((series) => series.target === 'spaces')?.points.length).toBeGreaterThan(0);
  expect(lastProbes.find((probe) => probe.kind === 'chromium')).toMatchObject({ status: 'ran', outcome: 'ok' });
  expect(chromiumAsked[0]).toContain(ready.gateway);

  // A photo of our own fails: that shows at once, without three runs and ten seconds.
  const broken = panel((snapshot) => code(snapshot) === 'MEDIA_DOWN');
  await services.media.stop();
  await photo('second');
  const brokenAt = performance.now();
  expect((await broken).path.broken).not.toEqual({ kind: 'none' });
  expect(performance.now() - brokenAt).toBeLessThan(10_000);

  const mended = panel((snapshot) => code(snapshot) === 'HEALTHY');
  await services.media.start();
  await mended;
  expect((await engine.calls.getConnection()).changes.slice(0, 2).map(({ to }) => to)).toEqual(['HEALTHY', 'MEDIA_DOWN']);
  const progress = seen.filter(({ event }) => event === 'check').map(({ payload }) => payload as { finished: boolean; done: number });
  expect(progress.some(({ finished }) => finished)).toBe(true);
  expect(progress.filter(({ done }) => done > 0).length).toBeGreaterThan(10);
}, 100_000);

test('the log can be searched, by level, newest first, and is told in batches', async () => {
  const { lines } = await engine.calls.getLog({ level: 'debug', search: '', limit: 2_000 });
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).toSorted((one, other) => other - one));
  const found = await engine.calls.getLog({ level: 'warn', search: 'UPLOAD.', limit: 5 });
  expect(found.lines.length).toBeGreaterThan(0);
  for (const line of found.lines) expect([line.event.startsWith('upload.'), ['warn', 'error'].includes(line.level)]).toEqual([true, true]);
  const batches = seen.filter(({ event }) => event === 'log').map(({ payload }) => (payload as { lines: unknown[] }).lines.length);
  expect(batches.length).toBeGreaterThan(0);
  expect(Math.max(...batches)).toBeGreaterThan(1);
});

test('the history outlives the process; a file that cannot be written is told as such', async () => {
  const before = (await engine.calls.getConnection()).changes;
  await engine.close();
  await open();
  expect((await engine.calls.getConnection()).changes.slice(-before.length)).toEqual(before);
  await expect(Promise.resolve(engine.calls.writeBundle({ file: join(dir, 'nowhere', 'x.zip') }))).rejects.toMatchObject({ code: 'not-possible-now', detail: 'ENOENT' });
}, 60_000);
