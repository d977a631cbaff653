/** @file One person id at two gateways: two real backends with the same people and patients, as a training copy and its original are. */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { systemClock } from '../clock.ts';
import { dataFolderPaths } from '../data-folder/data-folder.ts';
import { openDatabase } from '../queue/database.ts';
import { migrations } from '../queue/migrations.ts';
import { giveOwners } from '../queue/owner-migration.ts';
import { openEncryptedSpool } from '../spool/encrypted-spool.ts';
import { windowCalls } from '../window-calls.ts';
import { ana, lucia, patience, TestComputer } from './testing/computer.ts';

const computer = TestComputer.forEachTest();
let other: Awaited<ReturnType<typeof temporarySandbox>> | undefined;
afterEach(async () => {
  await other?.dispose();
  other = undefined;
}, patience);

/** Another backend with the same person and patient ids. @returns its address */
async function copyOfTheBackend(options: Parameters<typeof temporarySandbox>[0] = {}): Promise<string> {
  other = await temporarySandbox(options);
  return other.sandbox.ready.gateway;
}
const signInAtTheCopy = (email: string) => computer.calls.signIn({ email, password: other!.sandbox.ready.password });
const askedOfTheCopy = (): string[] => other!.sandbox.faults.requests().filter(({ path }) => /^\/media\/(uploads|patients)/.test(path)).map(({ path }) => path);
const personId = async (): Promise<string> => {
  const account = await computer.calls.getAccount();
  return account.name === 'signedOut' ? '' : account.person.id;
};

test('at another gateway that gives out the same person id nothing of the queue is shown, changed, sent or called a duplicate; back at the first all is sent', async () => {
  await computer.start();
  await computer.signIn(ana);
  await computer.calls.pauseQueue();
  const her = await personId();
  const patientId = computer.sandbox.ready.patients[0]!.id;
  const bytes = new Uint8Array(await makePhoto({ seed: 'both', width: 160, height: 120 }));
  const ids = await computer.add(patientId, 3);
  await computer.calls.addBytes({ batchId: 'b', patientId, fileName: 'a.jpg', bytes });
  const [last] = await computer.add(patientId, 1);
  const copy = await copyOfTheBackend();

  // Whoever sits down at the locked window can sign the person out, and name a server.
  const window = windowCalls(computer.engine, systemClock);
  await window.calls.lock();
  await window.calls.signOut();
  await window.calls.changeSettings({ gateway: copy });
  await window.calls.signIn({ email: ana, password: other!.sandbox.ready.password });
  expect(await personId()).toBe(her);
  expect(await window.calls.getQueuePage({ filter: 'all', limit: 10 })).toEqual({ items: [], total: 0 });
  expect((await window.calls.getStatus()).counts).toMatchObject({ queued: 0, completed: 0 });
  await expect((async () => window.calls.getUpload({ id: ids[0]! }))()).rejects.toMatchObject({ code: 'not-found' });
  await expect((async () => window.calls.cancelUpload({ id: last! }))()).rejects.toMatchObject({ code: 'not-found' });
  await window.calls.resumeQueue();
  expect(await window.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
  expect(askedOfTheCopy()).toEqual([]);
  expect((await window.calls.getPeople()).people.map(({ gateway, waiting }) => [gateway, waiting])).toEqual([[copy, 0], [computer.sandbox.ready.gateway, 5]]);
  // What waits for the one backend is not there at the other.
  await computer.calls.searchPatients({ text: '', limit: 1, refresh: true });
  expect(await window.calls.addBytes({ batchId: 'c', patientId, fileName: 'a.jpg', bytes })).toMatchObject({ outcome: 'queued' });
  expect(await window.calls.sync({})).toMatchObject({ waiting: 0 });
  expect(await computer.counts()).toMatchObject({ completed: 1 });
  window.close();

  await computer.calls.signOut();
  await computer.calls.changeSettings({ gateway: computer.sandbox.ready.gateway });
  await computer.signIn(ana);
  expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
  expect(await computer.counts()).toMatchObject({ completed: 5 });
  expect(computer.sandbox.store.photos()).toHaveLength(5);
  expect(other!.sandbox.store.photos()).toHaveLength(1);
  expect(await computer.calls.addBytes({ batchId: 'd', patientId, fileName: 'a.jpg', bytes })).toMatchObject({ outcome: 'duplicate' });
}, patience);

test('on contract A a patient’s photo at one gateway neither replaces nor is replaced by one of the same patient id at another', async () => {
  await computer.start({ contract: 'heartguard' });
  await computer.signIn(ana);
  await computer.calls.pauseQueue();
  const patientId = computer.sandbox.ready.patients[0]!.id;
  const [older] = await computer.add(patientId, 1);
  await computer.calls.changeSettings({ gateway: await copyOfTheBackend({ contract: 'heartguard' }) });
  await signInAtTheCopy(ana);
  await computer.calls.resumeQueue();
  await computer.add(patientId, 1);
  expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
  await computer.calls.changeSettings({ gateway: computer.sandbox.ready.gateway });
  await computer.signIn(ana);
  expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
  expect((await computer.calls.getUpload({ id: older! })).item.state.name).toBe('completed');
  expect([computer.sandbox.store.profilePhotos().length, other!.sandbox.store.profilePhotos().length]).toEqual([1, 1]);
}, patience);

describe('a shared queue', () => {
  test('is shared by those of one gateway', async () => {
    await computer.start();
    const patientId = await computer.commonPatient();
    await computer.calls.changeSettings({ shareQueue: true });
    await computer.calls.pauseQueue();
    await computer.signIn(ana);
    await computer.add(patientId, 2);
    await computer.calls.changeSettings({ gateway: await copyOfTheBackend() });
    for (const who of [ana, lucia]) {
      await signInAtTheCopy(who);
      expect((await computer.page()).total).toBe(0);
    }
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    expect(askedOfTheCopy()).toEqual([]);
    await computer.calls.changeSettings({ gateway: computer.sandbox.ready.gateway });
    await computer.signIn(lucia);
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(computer.sandbox.store.photos()).toHaveLength(2);
  }, patience);
});

describe('a backend that has moved', () => {
  /** The same backend, by another address. */
  const movedTo = (): string => computer.sandbox.ready.gateway.replace('127.0.0.1', 'localhost');

  test('is sent what was queued under its former address, once an administrator has named that', async () => {
    await computer.start();
    await computer.signIn(ana);
    const former = computer.sandbox.ready.gateway;
    const patientId = computer.sandbox.ready.patients[0]!.id;
    const bytes = new Uint8Array(await makePhoto({ seed: 'moved', width: 160, height: 120 }));
    await computer.calls.addBytes({ batchId: 'b', patientId, fileName: 'a.jpg', bytes });
    expect(await computer.calls.sync({})).toMatchObject({ completed: 1 });
    await computer.sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'status', status: 503 } });
    const [begun, cancelled] = await computer.add(patientId, 2);
    await computer.once('queue', ({ counts }) => counts.waiting === 2);
    await computer.calls.pauseQueue();
    await computer.sandbox.faults.network({ down: true });
    await computer.calls.cancelUpload({ id: cancelled! });
    const waiting = await computer.add(patientId, 1);

    await computer.calls.changeSettings({ gateway: movedTo() });
    await computer.sandbox.faults.network({ down: false });
    await computer.sandbox.faults.reset();
    await computer.signIn(ana);
    expect((await computer.page()).total).toBe(0);
    const told = computer.once('queue', ({ more }) => more);
    await computer.calls.changeSettings({ formerGateways: { [movedTo()]: [former] } });
    await told;
    expect((await computer.page()).total).toBe(4);
    expect(await computer.calls.addBytes({ batchId: 'c', patientId, fileName: 'a.jpg', bytes })).toMatchObject({ outcome: 'duplicate' });
    await computer.calls.resumeQueue();
    await computer.calls.retryUpload({ id: begun! });
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(computer.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId)).toEqual(expect.arrayContaining([begun, ...waiting]));
    expect(computer.sandbox.store.photos()).toHaveLength(3);
    // The one that was cancelled on its way is taken back there.
    await computer.calls.wake({ reason: 'network-online' });
    const takenBack = () => computer.sandbox.faults.requests().filter(({ service, method, path }) => service === 'gateway' && method === 'DELETE' && path.startsWith('/media/uploads/'));
    await expect.poll(() => takenBack().length, { timeout: 20_000 }).toBeGreaterThan(0);
  }, patience);

  test('lends its former addresses to no other gateway that somebody names', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    await computer.add(computer.sandbox.ready.patients[0]!.id, 2);
    await computer.calls.changeSettings({ formerGateways: { [movedTo()]: [computer.sandbox.ready.gateway, 'unknown'] } });
    const copy = await copyOfTheBackend();
    await computer.calls.changeSettings({ gateway: copy });
    await signInAtTheCopy(ana);
    expect((await computer.page()).total).toBe(0);
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    expect(askedOfTheCopy()).toEqual([]);
  }, patience);
});

describe('photos of an earlier version, which noted the person’s id alone', () => {
  /** What the version before left on the disk: the same rows, with bare ids in them. */
  async function asBefore(): Promise<void> {
    await computer.engine.close();
    const database = openDatabase({ file: dataFolderPaths(join(computer.dir, 'data')).database, key: new Uint8Array(computer.key) });
    for (const table of ['uploads', 'tries', 'tallies']) database.exec(`UPDATE ${table} SET account_id = substr(account_id, instr(account_id, ' ') + 1)`);
    database.exec(`UPDATE uploads SET facts = json_set(facts, '$.accountId', account_id)`);
    database.pragma(`user_version = ${migrations.indexOf(giveOwners)}`);
    database.close();
  }

  /** One whose row was never written, or is lost. */
  async function sealWithoutRow(accountId: string, patientId: string): Promise<string> {
    const spool = await openEncryptedSpool({ dir: dataFolderPaths(join(computer.dir, 'data')).spool, key: new Uint8Array(computer.key) });
    const bytes = await makePhoto({ seed: 'orphan', width: 160, height: 120 });
    const id = randomUUID();
    const writer = await spool.create(id);
    await writer.write(bytes);
    await writer.seal({
      id, accountId, patientId, patientName: 'María', fileName: 'o.jpg', contentType: 'image/jpeg', sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'), md5: createHash('md5').update(bytes).digest('hex'), tags: [], addedAt: 1,
    });
    return id;
  }

  test('go on for whoever is signed in at the only gateway that was ever used here, the sealed ones without a row too', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    const her = await personId();
    const patientId = computer.sandbox.ready.patients[0]!.id;
    const ids = await computer.add(patientId, 3);
    await asBefore();
    const orphan = await sealWithoutRow(her, patientId);
    await computer.open();
    expect((await computer.page()).total).toBe(4);
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(computer.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId).sort()).toEqual([...ids, orphan].sort());
  }, patience);

  test('stay sealed where nothing tells which of two gateways was meant, until an administrator does', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    const original = computer.sandbox.ready.gateway;
    const patientId = computer.sandbox.ready.patients[0]!.id;
    await computer.add(patientId, 2);
    const her = await personId();
    const copy = await copyOfTheBackend();
    await computer.calls.changeSettings({ gateway: copy });
    await signInAtTheCopy(ana);
    await computer.calls.signOut();
    await asBefore();
    await sealWithoutRow(her, patientId);
    await computer.open();
    expect((await computer.counts()).queued).toBe(3);
    await computer.calls.resumeQueue();
    for (const gateway of [copy, original]) {
      await computer.calls.changeSettings({ gateway });
      await (gateway === copy ? signInAtTheCopy(ana) : computer.signIn(ana));
      expect((await computer.page()).total).toBe(0);
      expect(await computer.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
      expect(await computer.calls.getStatus()).toMatchObject({ withoutGateway: 3 });
    }
    await computer.calls.changeSettings({ formerGateways: { [original]: ['unknown'] } });
    expect(await computer.calls.getStatus()).not.toHaveProperty('withoutGateway');
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(computer.sandbox.store.photos()).toHaveLength(3);
    expect(askedOfTheCopy()).toEqual([]);
  }, patience);
});
