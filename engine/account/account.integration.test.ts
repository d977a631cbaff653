/** @file Accounts on real sockets: the whole engine against the sandbox, one computer with several people. */
import { describe, expect, test } from 'vitest';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { ownerKey } from './owner.ts';
import { ana, lucia, patience, TestComputer } from './testing/computer.ts';

const computer = TestComputer.forEachTest();

describe('the session', () => {
  test('a token that ends in the middle of twenty uploads is renewed once, and nobody notices', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    await computer.add(computer.sandbox.ready.patients[0]!.id, 20);
    const some = computer.once('queue', ({ counts: now }) => now.completed >= 5);
    await computer.calls.resumeQueue();
    await some;
    computer.ended.add(computer.shown.at(-1)!.authorization);
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(await computer.counts()).toMatchObject({ completed: 20 });
    expect(computer.refreshes()).toBe(1);
    expect(computer.sandbox.store.photos()).toHaveLength(20);
  }, patience);

  test('a 401 that contract A gives to a body of more than its limit does not end it', async () => {
    await computer.start({ contract: 'heartguard', limits: { photoRequestBytes: 40_000 } });
    await computer.signIn(ana);
    const bytes = new Uint8Array(await makePhoto({ seed: 'too large', width: 160, height: 120, sizeBytes: 200_000 }));
    await computer.calls.addBytes({ batchId: 'b', patientId: computer.sandbox.ready.patients[0]!.id, fileName: 'a.jpg', bytes });
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0, needsAttention: 1 });
    expect(await computer.calls.getAccount()).toMatchObject({ name: 'signedIn' });
    const [item] = (await computer.calls.getQueuePage({ filter: 'all', limit: 1 })).items;
    expect(item?.state).toMatchObject({ name: 'needsAttention', failure: { code: 'too-large' } });
    expect(computer.refreshes()).toBe(0);
  }, patience);

  test('that has ended for good keeps the queue, which goes on after signing in again', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    await computer.add(computer.sandbox.ready.patients[0]!.id, 3);
    computer.ended.add(computer.shown.at(-1)!.authorization);
    await computer.sandbox.faults.set({ where: { service: 'auth', path: '/auth/refresh' }, effect: { kind: 'status', status: 401 } });
    const expired = computer.once('account', ({ name }) => name === 'expired');
    await computer.calls.resumeQueue();
    await expired;
    expect(await computer.calls.getAccount()).toMatchObject({ name: 'expired', person: { name: 'Ana Ruiz' } });
    expect((await computer.counts()).completed).toBe(0);
    expect((await computer.page()).total).toBe(3);
    await computer.signIn(ana);
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0 });
    expect((await computer.counts()).completed).toBe(3);
  }, patience);

  test('is there after a restart without a network, with its patients and their age; what is added goes when the network is back', async () => {
    await computer.start();
    await computer.signIn(ana);
    const patientId = (await computer.patientIds())[0]!;
    const { fetchedAt } = await computer.calls.searchPatients({ text: '', limit: 1, refresh: false });
    await computer.engine.close();
    await computer.sandbox.faults.network({ down: true });
    await computer.open();
    expect(await computer.calls.getAccount()).toMatchObject({ name: 'signedIn', person: { name: 'Ana Ruiz' }, limits: { contract: 'upload-sessions' } });
    expect(await computer.calls.searchPatients({ text: '', limit: 1000, refresh: true })).toMatchObject({ fetchedAt, total: computer.sandbox.ready.patients.length });
    await computer.add(patientId, 2);
    const sent = computer.once('queue', ({ counts: now }) => now.completed === 2);
    await computer.sandbox.faults.network({ down: false });
    await computer.calls.wake({ reason: 'network-online' });
    await sent;
    expect(computer.sandbox.store.photos()).toHaveLength(2);
  }, patience);

  test('without a list of patients nothing is taken in: nobody could say whose photo it is, and that is told', async () => {
    await computer.start();
    await computer.sandbox.faults.set({ where: { service: 'gateway', path: '/user/**' }, effect: { kind: 'status', status: 500 } });
    expect(await computer.signIn(ana)).toMatchObject({ name: 'signedIn' });
    const patientId = computer.sandbox.ready.patients[0]!.id;
    await expect(computer.add(patientId, 1)).rejects.toMatchObject({ code: 'server' });
    expect((await computer.counts()).queued).toBe(0);
    await computer.sandbox.faults.reset();
    await computer.calls.wake({ reason: 'network-online' });
    await computer.add(patientId, 1);
    await computer.calls.sync({});
    expect((await computer.counts()).completed).toBe(1);
  }, patience);
});

describe('two people at one computer', () => {
  test('what one leaves behind is not shown to the other, by whatever call, nor changed, nor sent, and goes on when its owner is back', async () => {
    await computer.start();
    const patientId = await computer.commonPatient();
    await computer.calls.pauseQueue();
    await computer.signIn(ana);
    const ids = await computer.add(patientId, 3);
    await computer.calls.signOut();
    expect((await computer.page()).items).toEqual([]);

    await computer.signIn(lucia);
    await computer.calls.resumeQueue();
    const told: unknown[] = [];
    const stop = computer.engine.subscribe((event, payload) => { if (event === 'queue') told.push(...(payload as EventPayload<EngineContract, 'queue'>).items); });
    expect(await computer.page()).toEqual({ items: [], total: 0 });
    expect((await computer.counts()).queued).toBe(0);
    for (const id of ids) {
      for (const call of ['getUpload', 'pauseUpload', 'resumeUpload', 'retryUpload', 'cancelUpload'] as const) {
        await expect((async () => computer.calls[call]({ id }))(), call).rejects.toMatchObject({ code: 'not-found' });
      }
      await expect((async () => computer.calls.setThumbnail({ id, bytes: new Uint8Array([1]) }))()).rejects.toMatchObject({ code: 'not-found' });
      expect(await computer.calls.getThumbnail({ id })).toEqual({ bytes: undefined });
    }
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    await computer.calls.wake({ reason: 'network-online' });
    expect(computer.askedOfMedia()).toEqual([]);
    expect(computer.sandbox.store.photos()).toEqual([]);
    expect((await computer.calls.getPeople()).people.map(({ person, waiting }) => [person.name, waiting])).toEqual([['Lucía Ferrer', 0], ['Ana Ruiz', 3]]);
    stop();
    expect(told).toEqual([]);

    await computer.calls.signOut();
    await computer.signIn(ana);
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(computer.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId).sort()).toEqual([...ids].sort());
  }, patience);

  test('who takes another’s place in the middle of sending sends nothing of theirs', async () => {
    await computer.start();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    await computer.sandbox.faults.set({ where: { service: 'gateway', path: '/media/uploads/*/complete' }, skip: 2, effect: { kind: 'delay', ms: 600_000 } });
    const ids = await computer.add(computer.sandbox.ready.patients[0]!.id, 12);
    const some = computer.once('queue', ({ counts: now }) => now.completed >= 2 && now.completing > 0);
    await computer.calls.resumeQueue();
    await some;
    await computer.signIn(lucia);
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    expect(computer.askedOfMedia()).not.toContain(lucia);
    await computer.sandbox.faults.reset();
    await computer.signIn(ana);
    await computer.calls.sync({});
    expect(computer.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId).sort()).toEqual([...ids].sort());
    expect(new Set(computer.askedOfMedia())).toEqual(new Set([ana]));
  }, patience);

  test('with a shared queue the other sees it, is told of what she adds again, and sends it; who added it stays known', async () => {
    await computer.start();
    const patientId = await computer.commonPatient();
    await computer.calls.pauseQueue();
    await computer.calls.changeSettings({ shareQueue: true });
    const { person } = await computer.signIn(ana) as { person: { id: string } };
    const bytes = new Uint8Array(await makePhoto({ seed: 'shared', width: 160, height: 120 }));
    const [id] = await computer.add(patientId, 1);
    await computer.calls.addBytes({ batchId: 's', patientId, fileName: 's.jpg', bytes });
    await computer.calls.signOut();

    await computer.signIn(lucia);
    expect((await computer.page()).total).toBe(2);
    expect(await computer.calls.addBytes({ batchId: 's', patientId, fileName: 's.jpg', bytes })).toMatchObject({ outcome: 'duplicate' });
    await computer.add(patientId, 1);
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(await computer.counts()).toMatchObject({ completed: 3 });
    expect((await computer.calls.getUpload({ id: id! })).item).toMatchObject({ accountId: ownerKey({ gateway: computer.sandbox.ready.gateway, personId: person.id }), state: { name: 'completed' } });
    expect(computer.sandbox.store.photos()).toHaveLength(3);
  }, patience);

  test('sharing is in force as soon as it is set, and ends as soon as it is taken back', async () => {
    await computer.start();
    const patientId = await computer.commonPatient();
    await computer.calls.pauseQueue();
    await computer.signIn(ana);
    await computer.add(patientId, 2);
    await computer.calls.signOut();
    await computer.signIn(lucia);
    const reread = (): Promise<void> => computer.once('queue', ({ more }) => more);
    let told = reread();
    await computer.calls.changeSettings({ shareQueue: true });
    await told;
    expect((await computer.page()).total).toBe(2);
    told = reread();
    await computer.calls.changeSettings({ shareQueue: false });
    await told;
    expect((await computer.page()).total).toBe(0);
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ completed: 0 });
  }, patience);

  test('on contract A a sealed older photo neither holds up another person’s newer one nor replaces it later', async () => {
    await computer.start({ contract: 'heartguard' });
    const patientId = await computer.commonPatient();
    await computer.calls.pauseQueue();
    await computer.signIn(ana);
    const [older] = await computer.add(patientId, 1);
    await computer.calls.signOut();
    await computer.signIn(lucia);
    const [newer] = await computer.add(patientId, 1);
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect((await computer.counts()).completed).toBe(1);
    const sent = (await computer.calls.getUpload({ id: newer! })).item;
    await computer.calls.signOut();
    await computer.signIn(ana);
    expect(await computer.calls.sync({})).toMatchObject({ needsAttention: 1 });
    expect((await computer.calls.getUpload({ id: older! })).item.state).toMatchObject({ name: 'needsAttention', failure: { code: 'superseded' } });
    expect(computer.sandbox.store.profilePhotos()).toMatchObject([{ patientId, sizeBytes: sent.sizeBytes, present: true }]);
  }, patience);

  test('on contract A a shared queue keeps a patient’s photos in the order in which they were added, whoever added them', async () => {
    await computer.start({ contract: 'heartguard' });
    const patientId = await computer.commonPatient();
    await computer.calls.changeSettings({ shareQueue: true });
    await computer.calls.pauseQueue();
    const order: string[] = [];
    for (const who of [ana, lucia, ana]) {
      await computer.signIn(who);
      const [id] = await computer.add(patientId, 1);
      order.push(id!);
    }
    await computer.calls.resumeQueue();
    expect(await computer.calls.sync({})).toMatchObject({ needsAttention: 0, waiting: 0 });
    expect(await computer.counts()).toMatchObject({ completed: 3 });
    const sizes = await Promise.all(order.map(async (id) => (await computer.calls.getUpload({ id })).item.sizeBytes));
    expect(computer.sandbox.store.profilePhotos().map(({ sizeBytes }) => sizeBytes)).toEqual(sizes);
  }, patience);
});
