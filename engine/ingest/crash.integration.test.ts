/** @file See [Note: safe to remove]: the process that takes photos in is killed anywhere, and everything it said holds. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePhotos, type WrittenPhoto } from '../../test-support/photos.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { openEncryptedSpool } from '../spool/encrypted-spool.ts';
import type { Spool, SpoolWriter } from '../spool/spool.ts';
import { createIngest } from './ingest.ts';
import { setUp, summary } from './ingest-setup-for-tests.ts';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logging/logger.ts';
import { systemRandom } from '../random.ts';

const root = mkdtempSync(join(tmpdir(), 'relevo-crash-'));
const sources = join(root, 'card');
let photos: WrittenPhoto[];
beforeAll(async () => { photos = await writePhotos(sources, 30, { seed: 'crash', width: 96, height: 72, sizeOf: (index) => 300_000 + index * 20_000 }); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const module = (path: string): string => JSON.stringify(join(import.meta.dirname, path));

/** Takes the photos in, in a process of its own, which dies as soon as it has said so many. @returns the ids it called queued. */
async function takeInUntilKilled(data: string, key: Buffer, killAfter: number): Promise<string[]> {
  const script = `
    const { openDatabase } = await import(${module('../queue/database.ts')});
    const { createSqliteUploadStore } = await import(${module('../queue/sqlite-upload-store.ts')});
    const { UploadQueue } = await import(${module('../queue/upload-queue.ts')});
    const { openEncryptedSpool } = await import(${module('../spool/encrypted-spool.ts')});
    const { createIngest } = await import(${module('./ingest.ts')});
    const { systemClock } = await import(${module('../clock.ts')});
    const { systemRandom } = await import(${module('../random.ts')});
    const { silentLogger } = await import(${module('../logging/logger.ts')});
    const key = Buffer.from('${key.toString('hex')}', 'hex');
    const spool = await openEncryptedSpool({ dir: ${JSON.stringify(join(data, 'spool'))}, key });
    const store = createSqliteUploadStore(openDatabase({ file: ${JSON.stringify(join(data, 'queue.db'))}, key }));
    // Every announcement, however close to the last one.
    let now = 0;
    const ingest = createIngest({ spool, queue: new UploadQueue(store), clock: { ...systemClock, monotonic: () => now += 1000 }, random: systemRandom, log: silentLogger, limits: () => undefined, removeLocation: () => true, diskFree: async () => 1e15 });
    await ingest.addFiles({ batchId: 'b', accountId: 'a', patientId: 'p', patientName: 'n', paths: [${JSON.stringify(sources)}] },
      (progress) => { for (const one of progress.outcomes) process.stdout.write(one.id + '\\n'); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => { child.once('close', resolve); });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (said.split('\n').length > killAfter) child.kill('SIGKILL');
  });
  await closed;
  return said.split('\n').slice(0, -1);
}

test.each([1, 4, 11, 22])('killed after %i photos: each that was called queued is there, whole, and nothing else is in the way', async (killAfter) => {
  const data = mkdtempSync(join(root, 'data-'));
  const key = randomBytes(32);
  const queued = await takeInUntilKilled(data, key, killAfter);
  expect(queued.length).toBeGreaterThanOrEqual(killAfter);
  const database = openDatabase({ file: join(data, 'queue.db'), key });
  const store = createSqliteUploadStore(database);
  const spool = await openEncryptedSpool({ dir: join(data, 'spool'), key });
  await spool.removePartial();
  const entries = await spool.list();
  for (const id of queued) expect(store.get(id)?.state.name).toBe('queued');
  // Whatever is sealed is whole, with a row or without; whatever has a row is sealed.
  for (const entry of entries) {
    const reader = await spool.open(entry.id);
    for await (const _ of reader.pieces(0, reader.facts.sizeBytes)) { /* Its seal is checked. */ }
    expect(photos.map((photo) => photo.sha256)).toContain(reader.facts.sha256);
    await reader.close();
  }
  const sealed = new Set(entries.map((entry) => entry.id));
  for (const id of store.idsInState(['queued'])) expect(sealed).toContain(id);
  // A photo sealed without its row is found again by its bytes: adding the card again completes it, with none twice in the queue.
  const ingest = createIngest({ spool, queue: new UploadQueue(store), clock: systemClock, random: systemRandom, log: silentLogger, limits: () => undefined, removeLocation: () => true, diskFree: async () => 1e15 });
  await ingest.addFiles({ batchId: 'b', accountId: 'a', patientId: 'p', patientName: 'n', paths: [sources] }, () => undefined);
  const shas = store.idsInState(['queued']).map((id) => store.get(id)?.facts.sha256);
  expect(shas.toSorted()).toEqual(photos.map((photo) => photo.sha256).toSorted());
  database.close();
}, 60_000);

describe('a step that fails leaves nothing that was not told', () => {
  const failing = (writer: SpoolWriter, at: 'write' | 'seal', error: Error): SpoolWriter => ({
    write: (bytes) => at === 'write' ? Promise.reject(error) : writer.write(bytes),
    seal: (facts) => at === 'seal' ? Promise.reject(error) : writer.seal(facts),
    discard: () => writer.discard(),
  });

  test.each(['create', 'write', 'seal', 'insert'] as const)('%s', async (step) => {
    const it = await setUp();
    const error = Object.assign(new Error('planted'), { code: 'EIO' });
    const spool: Spool = {
      create: async (id) => {
        if (step === 'create') throw error;
        const writer = await it.spool.create(id);
        return step === 'insert' ? writer : failing(writer, step, error);
      },
      open: (id) => it.spool.open(id), remove: (id) => it.spool.remove(id), list: () => it.spool.list(), removePartial: () => it.spool.removePartial(),
    };
    const store = step === 'insert' ? { ...it.store, insert: () => { throw error; } } : it.store;
    const ingest = createIngest({ spool, queue: new UploadQueue(store), clock: systemClock, random: systemRandom, log: silentLogger, limits: () => undefined, removeLocation: () => true, diskFree: async () => 1e15 });
    const outcomes = await ingest.addFiles({ ...it.request, paths: [photos[0]!.path, photos[1]!.path] }, () => undefined);
    expect(summary(outcomes).every((line) => line.includes('rejected'))).toBe(true);
    expect(await it.spool.list()).toEqual([]);
    expect(it.store.counts().queued).toBe(0);
    expect(summary(await it.add(photos[0]!.path))).toEqual(['IMG_0001.jpg queued']);
    it.tearDown();
  });
});
