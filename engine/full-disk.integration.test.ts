/** @file See [Note: a full disk]: the real engine on a real small disk, filled under its feet and freed again. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, statfsSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { writePhotos } from '../test-support/photos.ts';
import type { Engine } from './engine-types.ts';
import type { Logger } from './logging/logger.ts';
import { openEngine } from './open-engine.ts';

/** Only root may mount; elsewhere the same promise is kept by the simulation's full spool and the tests of the database. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
const diskBytes = 160 * 1024 * 1024;

let dir: string;
let disk: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'relevo-full-'));
  disk = join(dir, 'disk');
  execFileSync('mkdir', [disk]);
  if (mayMount) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]);
  sandbox = await temporarySandbox();
});
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  await sandbox.dispose();
  if (mayMount) execFileSync('umount', ['-l', disk]);
  rmSync(dir, { recursive: true, force: true });
});

/** To the last block. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  for (let piece = 4 * 1024 * 1024; piece >= 512;) {
    try { if (writeSync(handle, Buffer.alloc(piece)) < piece) piece /= 2; } catch { piece /= 2; }
  }
  closeSync(handle);
}

test.runIf(mayMount)('a full disk stops the sending and nothing else; with room again everything is sent once', async () => {
  const key = { bytes: randomBytes(32), source: 'key-file' } as const;
  const dataDir = join(disk, 'data');
  const told: string[] = [];
  const tell = (event: string, fields?: object): void => { told.push(`${event} ${JSON.stringify(fields ?? {})}`); };
  const log: Logger = { debug: () => undefined, info: tell, warn: tell, error: tell };
  const { ready } = sandbox.sandbox;
  engine = await openEngine({ dataDir, key, kind: 'cli', log, defaults: { gateway: ready.gateway } });
  await engine.calls.signIn({ email: ready.email, password: ready.password });
  await engine.calls.pauseQueue();
  const patientId = ready.patients[0]!.id;
  const photos = await writePhotos(join(dir, 'card'), 8, { seed: 'full', width: 96, height: 72, sizeOf: () => 700_000 });
  const { outcomes } = await engine.calls.addFiles({ batchId: 'a', patientId, paths: [join(dir, 'card')] });
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(photos.map(() => 'queued'));

  const filler = join(disk, 'filler');
  fill(filler);
  expect(statfsSync(disk).bavail).toBeLessThan(4);
  expect(await engine.calls.getStatus()).toMatchObject({ disk: { low: true, totalBytes: diskBytes } });
  // What cannot fit is refused before it starts, with how much there is.
  const more = await writePhotos(join(dir, 'more'), 1, { seed: 'more', width: 96, height: 72 });
  expect((await engine.calls.addFiles({ batchId: 'b', patientId, paths: [more[0]!.path] })).outcomes).toMatchObject([{ outcome: 'rejected', code: 'disk-full' }]);

  // Room for a few steps, then for none.
  truncateSync(filler, statSync(filler).size - 64 * 1024);
  await engine.calls.resumeQueue();
  await expect.poll(() => told.filter((line) => line.startsWith('database.trouble') && line.includes('disk-full')).length, { timeout: 30_000 }).toBeGreaterThan(0);
  const first = outcomes[0]!.outcome === 'queued' ? outcomes[0]!.id : '';
  await expect((async () => engine!.calls.setThumbnail({ id: first, bytes: new Uint8Array(65_000) }))()).rejects.toMatchObject({ name: 'CallError', code: 'disk-full' });
  const { counts } = await engine.calls.getStatus();
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(photos.length);
  expect(counts).toMatchObject({ needsAttention: 0, cancelled: 0 });

  rmSync(filler);
  await expect.poll(async () => (await engine!.calls.getStatus()).counts.completed, { timeout: 40_000 }).toBe(photos.length);
  expect(sandbox.sandbox.store.photos().map((photo) => photo.sha256).toSorted()).toEqual(photos.map((photo) => photo.sha256).toSorted());
  await expect.poll(() => readdirSync(join(dataDir, 'spool')), { timeout: 10_000 }).toEqual([]);
}, 120_000);
