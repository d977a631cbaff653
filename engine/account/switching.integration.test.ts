/** @file The way to the store changes under uploads: contract B, contract A, own keys, and back. Nothing is lost, nothing goes twice. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OwnKeysInput } from '../../shared/domain/own-keys.ts';
import type { UploadItem } from '../../shared/domain/upload.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { createLeapingClock, type LeapingClock } from '../clock-for-tests.ts';
import type { Engine } from '../engine-types.ts';
import { createFileLogger, type FileLogger } from '../logging/file-logger.ts';
import { openEngine } from '../open-engine.ts';
import { confirmAfterMs } from './negotiation.ts';
import { startTestStore, type TestStore } from './store-for-tests.ts';

const mebibyte = 1024 ** 2;
let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let clock: LeapingClock;
let engine: Engine;
let log: FileLogger;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-switching-'));
  backend = await temporarySandbox({ limits: { partBytes: mebibyte }, timeouts: { gatewayMs: 30_000 } });
  clock = createLeapingClock();
  log = createFileLogger({ dir: join(dir, 'data', 'logs'), level: 'debug', clock });
  const { ready } = backend.sandbox;
  engine = await openEngine({
    dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(3), source: 'environment' }, kind: 'cli', clock, log, defaults: { gateway: ready.gateway },
    // The diagnosis has tests of its own; here its requests would only be in the way.
    diagnosis: { targets: () => ({ gateway: undefined, spaces: undefined, contract: undefined }), runCommand: () => Promise.resolve({ name: 'missing' }) },
  });
  await engine.calls.signIn({ email: ready.email, password: ready.password });
});
afterEach(async () => {
  await engine?.close();
  await log?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
});

async function add(seed: string, sizeBytes: number, patient = 0): Promise<UploadItem> {
  const bytes = await makePhoto({ seed, width: 96, height: 72, sizeBytes });
  const patientId = backend.sandbox.ready.patients[patient]?.id ?? '';
  const outcome = await engine.calls.addBytes({ batchId: seed, patientId, fileName: `${seed}.jpg`, bytes: new Uint8Array(bytes) });
  if (outcome.outcome !== 'queued') throw new Error(`${seed}: ${JSON.stringify(outcome)}`);
  return find(outcome.id);
}

const find = async (id: string): Promise<UploadItem> => (await engine.calls.getUpload({ id })).item;
const patience = { timeout: 60_000, interval: 50 };
async function untilState(id: string, ...names: UploadItem['state']['name'][]): Promise<void> {
  await expect.poll(async () => names.includes((await find(id)).state.name), patience).toBe(true);
}

const settled = (state: UploadItem['state']): boolean => state.name === 'completed' || (state.name === 'waiting' && state.failure.detail === 'route_missing');

const keys = (change: Partial<OwnKeysInput> = {}): OwnKeysInput => ({ ...backend.sandbox.spaces, pathStyle: true, ...change });
const ownObjects = (): Promise<{ sha256?: string }[]> => backend.sandbox.store.objects({ prefix: 'relevo/' });
const photosOf = ({ sha256 }: UploadItem): number => backend.sandbox.store.photos().filter((photo) => photo.sha256 === sha256).length;
const profilePhotosOf = ({ sizeBytes }: UploadItem): number => backend.sandbox.store.profilePhotos().filter((photo) => photo.sizeBytes === sizeBytes).length;

describe('a gateway goes from B down to A, and back', () => {
  test('in the middle of uploads: nothing is sent while it is in doubt, everything arrives once, and what is too large for A waits for B', async () => {
    const { sandbox } = backend;
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'delay', ms: 300 } });
    await engine.calls.changeSettings({ concurrency: 2 });
    const small: UploadItem[] = [];
    for (let index = 0; index < 10; index += 1) small.push(await add(`small ${index}`, 300_000 + index, index));
    const large = await add('large', 6 * mebibyte, 10);
    await expect.poll(async () => (await engine.calls.getStatus()).counts.completed, patience).toBeGreaterThan(1);
    await sandbox.setContract('heartguard');

    await expect.poll(async () => (await engine.calls.getNegotiation()).doubtedSince, patience).toBeTypeOf('number');
    expect(await engine.calls.getNegotiation()).toMatchObject({ limits: { contract: 'upload-sessions' }, lastAsked: { name: 'unclear', detail: '404 not_found' } });
    clock.leap(confirmAfterMs / 2);
    await expect.poll(async () => (await engine.calls.getNegotiation()).lastAsked?.at, patience).toBeGreaterThan(clock.now() - confirmAfterMs / 4);
    expect((await engine.calls.getNegotiation()).limits?.contract).toBe('upload-sessions');
    expect(sandbox.store.profilePhotos()).toEqual([]);

    clock.leap(confirmAfterMs / 2);
    await expect.poll(async () => (await engine.calls.getLimits())?.contract, patience).toBe('gateway-photo');
    // One whose complete was cut off by the change may be there already: only B can say, so it waits for B.
    for (const { id } of small) await expect.poll(async () => settled((await find(id)).state), patience).toBe(true);
    await untilState(large.id, 'needsAttention');
    expect((await find(large.id)).state).toMatchObject({ failure: { code: 'too-large', disposition: 'needsAttention' } });
    for (const item of small) expect(photosOf(item) + profilePhotosOf(item)).toBeLessThanOrEqual(1);
    expect(sandbox.store.profilePhotos().length).toBeGreaterThan(0);

    await sandbox.setContract('sessions');
    clock.leap(3 * 3_600_000);
    await expect.poll(async () => (await engine.calls.getLimits())?.contract, patience).toBe('upload-sessions');
    await engine.calls.retryUpload({ id: large.id });
    await untilState(large.id, 'completed');
    expect(photosOf(large)).toBe(1);
    for (const { id } of small) await untilState(id, 'completed');
    for (const item of small) expect([item.fileName, photosOf(item) + profilePhotosOf(item)]).toEqual([item.fileName, 1]);
    expect(await sandbox.store.unfinishedUploads()).toEqual([]);
  }, 120_000);

  test('a wrong route during a deploy, and B again: photos waited, and none replaced another', async () => {
    const { sandbox } = backend;
    const [fault] = await sandbox.faults.set({ where: { service: 'gateway', path: '/media/**' }, effect: { kind: 'status', status: 404, body: { error: 'not_found', message: 'Ruta no encontrada' } } });
    const item = await add('deploy', 300_000);
    await expect.poll(async () => (await engine.calls.getNegotiation()).doubtedSince, patience).toBeTypeOf('number');
    // What is added meanwhile is taken in, and waits; so does the first, though its time to be tried again has come.
    clock.leap(30_000);
    const later = await add('meanwhile', 300_000);
    await add('later still', 300_000);
    expect([(await find(item.id)).tries, (await find(later.id)).state.name]).toEqual([1, 'queued']);
    expect(sandbox.faults.requests().filter(({ method, path, status }) => method === 'POST' && path.startsWith('/media') && status === 404)).toHaveLength(1);
    await sandbox.faults.clear(fault?.id ?? '');
    clock.leap(60_000);
    await untilState(item.id, 'completed');
    expect((await engine.calls.getNegotiation())).toMatchObject({ limits: { contract: 'upload-sessions' }, lastAsked: { name: 'learnt' } });
    expect(photosOf(item)).toBe(1);
    expect(sandbox.store.profilePhotos()).toEqual([]);
  }, 120_000);
});

describe('own keys', () => {
  test('that do not work are not kept; those that work are used at once, and after their removal the gateway is', async () => {
    expect(await engine.calls.saveOwnKeys(keys({ secretAccessKey: 'wrong' }))).toMatchObject({ saved: false, passed: false });
    expect(await engine.calls.getOwnKeys()).toEqual({});
    const told: unknown[] = [];
    engine.subscribe((event, payload) => { if (event === 'account' && 'limits' in payload) told.push(payload.limits?.contract); });
    expect(await engine.calls.saveOwnKeys(keys())).toMatchObject({ saved: true, passed: true });
    const { secretAccessKey: _, ...shown } = keys();
    expect(await engine.calls.getOwnKeys()).toEqual({ ownKeys: shown });
    expect(await engine.calls.getNegotiation()).toMatchObject({ limits: { contract: 'own-keys' }, lastAsked: { name: 'learnt', contract: 'upload-sessions' } });
    const direct = await add('direct', 300_000);
    await untilState(direct.id, 'completed');
    expect((await ownObjects()).map(({ sha256 }) => sha256)).toEqual([direct.sha256]);
    expect(backend.sandbox.store.photos()).toEqual([]);

    await engine.calls.removeOwnKeys();
    expect(await engine.calls.getOwnKeys()).toEqual({});
    expect(told.filter((contract, index) => contract !== told[index - 1])).toEqual(['own-keys', 'upload-sessions']);
    const through = await add('through', 300_000);
    await untilState(through.id, 'completed');
    expect(photosOf(through)).toBe(1);
    expect(await ownObjects()).toHaveLength(1);
  });

  test('the secret may be left out for the same key at the same place, and nowhere else', async () => {
    await engine.calls.saveOwnKeys(keys());
    expect(await engine.calls.testOwnKeys(keys({ secretAccessKey: undefined, region: 'eu-west-1' }))).toMatchObject({ passed: true });
    for (const elsewhere of [{ endpoint: 'http://127.0.0.1:9' }, { bucket: 'another' }, { accessKeyId: 'another' }]) {
      await expect(Promise.resolve(engine.calls.testOwnKeys(keys({ secretAccessKey: undefined, ...elsewhere })))).rejects.toMatchObject({ code: 'invalid-input' });
    }
  });

  test('are of one gateway, and need one', async () => {
    await engine.calls.saveOwnKeys(keys());
    await engine.calls.changeSettings({ gateway: 'http://127.0.0.1:9' });
    expect(await engine.calls.getOwnKeys()).toEqual({});
    await engine.calls.changeSettings({ gateway: backend.sandbox.ready.gateway });
    expect((await engine.calls.getOwnKeys()).ownKeys?.bucket).toBe(keys().bucket);
  });

  test('come while a photo is half-way: it is begun anew, and nothing is left of the half', async () => {
    const { sandbox } = backend;
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT', query: 'partNumber' }, skip: 2, effect: { kind: 'status', status: 503 } });
    const item = await add('half', 3 * mebibyte);
    await untilState(item.id, 'waiting');
    expect(await sandbox.store.unfinishedUploads()).toHaveLength(1);
    await sandbox.faults.clear();
    await engine.calls.saveOwnKeys(keys());
    await Promise.resolve(engine.calls.retryUpload({ id: item.id })).catch(() => undefined);
    await untilState(item.id, 'completed');
    expect((await ownObjects()).map(({ sha256 }) => sha256)).toEqual([item.sha256]);
    expect(photosOf(item)).toBe(0);
    expect(await sandbox.store.unfinishedUploads()).toEqual([]);
  });

  test('come while the answer to complete was lost: the gateway is asked first, and the photo does not go twice', async () => {
    const { sandbox } = backend;
    await sandbox.faults.set(
      { where: { service: 'gateway', method: 'POST', path: '/media/uploads/*/complete' }, effect: { kind: 'reset-after-body' } },
      { where: { service: 'gateway', method: 'GET', path: '/media/uploads/*' }, effect: { kind: 'status', status: 500 } },
    );
    const item = await add('ambiguous', 300_000);
    await untilState(item.id, 'waiting', 'blocked');
    expect(photosOf(item)).toBe(1);
    await engine.calls.saveOwnKeys(keys());
    // As long as the gateway does not say, nothing is sent again.
    const { tries } = await find(item.id);
    clock.leap(30_000);
    await expect.poll(async () => (await find(item.id)).tries, patience).toBeGreaterThanOrEqual(tries);
    await untilState(item.id, 'waiting', 'blocked');
    expect(await ownObjects()).toEqual([]);

    await sandbox.faults.clear();
    clock.leap(60_000);
    await untilState(item.id, 'completed');
    expect([photosOf(item), (await ownObjects()).length]).toEqual([1, 0]);
  }, 90_000);

  test('go while a photo is half-way: it is taken back there and goes through the gateway', async () => {
    const { sandbox } = backend;
    await engine.calls.saveOwnKeys(keys());
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT', query: 'partNumber' }, effect: { kind: 'status', status: 503 } });
    const item = await add('half own', 9 * mebibyte);
    await untilState(item.id, 'waiting');
    expect(await sandbox.store.unfinishedUploads()).toHaveLength(1);
    await engine.calls.pauseUpload({ id: item.id });
    await engine.calls.removeOwnKeys();
    expect(await sandbox.store.unfinishedUploads()).toEqual([]);
    await sandbox.faults.clear();
    await engine.calls.resumeUpload({ id: item.id });
    await untilState(item.id, 'completed');
    expect([photosOf(item), (await ownObjects()).length]).toEqual([1, 0]);
  });

  test('go while the answer to a photo was lost: the store is asked before they go, and what it has counts', async () => {
    const { sandbox } = backend;
    await engine.calls.saveOwnKeys(keys());
    await sandbox.faults.set(
      { where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'reset-after-body' } },
      // The first question comes before anything is sent.
      { where: { service: 'spaces', method: 'HEAD' }, skip: 1, effect: { kind: 'status', status: 503 } },
    );
    const item = await add('ambiguous own', 300_000);
    await untilState(item.id, 'waiting', 'blocked');
    await engine.calls.pauseUpload({ id: item.id });
    await sandbox.faults.clear();
    await engine.calls.removeOwnKeys();
    expect([(await find(item.id)).state.name, (await ownObjects()).length, photosOf(item)]).toEqual(['completed', 1, 0]);
    // It is sent, so its copy here goes, as that of any other.
    await expect.poll(() => readdir(join(dir, 'data', 'spool')), patience).toEqual([]);
  });

  test('go while somebody pauses the queue: it stays paused', async () => {
    const { sandbox } = backend;
    await engine.calls.saveOwnKeys(keys());
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'status', status: 503 } });
    const item = await add('paused', 300_000);
    await untilState(item.id, 'waiting');
    await sandbox.faults.clear();
    await sandbox.faults.set({ where: { service: 'spaces', method: 'HEAD' }, effect: { kind: 'delay', ms: 2_000 } });
    const removed = engine.calls.removeOwnKeys();
    await engine.calls.pauseQueue();
    await removed;
    expect((await engine.calls.getStatus()).transfer.paused).toBe(true);
  });

  test('are sealed: the secret is in no file, log, bundle, answer or error', async () => {
    const secret = 'ZqxSecretOfTheClinic0123456789abcdefgh';
    let store: TestStore | undefined;
    try {
      let refusing = false;
      store = await startTestStore(() => (refusing ? { status: 403, code: 'AccessDenied' } : undefined));
      const given: OwnKeysInput = { endpoint: store.endpoint, region: 'ams3', bucket: 'clinic', accessKeyId: 'ZQXKEY', secretAccessKey: secret, pathStyle: true };
      const answers: unknown[] = [await engine.calls.saveOwnKeys(given), await engine.calls.getOwnKeys(), await engine.calls.getNegotiation(), await engine.calls.getAccount()];
      const sent = await add('sealed', 300_000);
      await untilState(sent.id, 'completed');
      refusing = true;
      answers.push(await engine.calls.testOwnKeys({ ...given, secretAccessKey: undefined }));
      const refused = await add('refused', 300_000);
      await untilState(refused.id, 'needsAttention');
      answers.push(await engine.calls.getUpload({ id: refused.id }), await engine.calls.getLog({ level: 'debug', search: '', limit: 2_000 }));
      await Promise.resolve(engine.calls.saveOwnKeys({ ...given, endpoint: 'http://127.0.0.1:9' })).catch((error: unknown) => answers.push(String(error)));
      await engine.calls.writeBundle({ file: join(dir, 'data', 'bundle.zip') });
      answers.push(await engine.calls.previewBundle());
      await log.flush();
      expect(JSON.stringify(answers)).not.toContain(secret);
      for (const name of await readdir(join(dir, 'data'), { recursive: true, withFileTypes: true })) {
        if (!name.isFile()) continue;
        const bytes = await readFile(join(name.parentPath, name.name));
        expect([name.name, bytes.includes(secret)]).toEqual([name.name, false]);
      }
    } finally {
      await store?.close();
    }
  }, 60_000);
});
