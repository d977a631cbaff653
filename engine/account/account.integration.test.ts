/** @file Accounts on real sockets: the whole engine against the sandbox, one computer with several people. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SandboxOptions } from '../../sandbox/options.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import { makePhoto, writePhotos } from '../../test-support/photos.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';
import type { Http } from '../transport/http.ts';
import { createNodeHttp } from '../transport/node-http.ts';

type Backend = Awaited<ReturnType<typeof temporarySandbox>>;

const patience = 120_000;
const ana = 'ana.ruiz@clinica.example';
const lucia = 'lucia.ferrer@clinica.example';

let dir: string;
let backend: Backend;
let engine: Engine;
let key: Uint8Array;
let cards = 0;
/** Requests to the gateway with a token, in order. */
let shown: { authorization: string; path: string }[];
/** Tokens that the gateway takes for ended, as it does when their time is over, until a new one is issued: within a second that is the same text. */
let ended: Set<string>;

/** The real network; at the gateway's door, tokens can end at a moment that the test chooses. */
function http(): Http {
  const real = createNodeHttp();
  return {
    ...real,
    send: async (request) => {
      const { authorization } = request.headers;
      if (authorization !== undefined) shown.push({ authorization, path: new URL(request.url).pathname });
      if (authorization !== undefined && ended.has(authorization)) {
        const body = Buffer.from('{"error":"unauthorized","message":""}');
        return { status: 401, headers: { date: new Date().toUTCString(), 'content-type': 'application/json' }, body, phases: { total: 1 } };
      }
      const answer = await real.send(request);
      if (answer.status === 200 && /\/auth\/(refresh|login\/user)$/.test(request.url)) ended.clear();
      return answer;
    },
    forgetConnections: () => real.forgetConnections(),
    close: () => real.close(),
  };
}

async function open(): Promise<void> {
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(key), source: 'environment' }, kind: 'app', http: http(), administratorFile: join(dir, 'none.json') });
}

async function start(options: Partial<SandboxOptions> = {}): Promise<void> {
  backend = await temporarySandbox(options);
  await open();
  await engine.calls.changeSettings({ gateway: backend.sandbox.ready.gateway });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-account-'));
  key = randomBytes(32);
  shown = [];
  ended = new Set();
});
afterEach(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

const signIn = (email: string) => engine.calls.signIn({ email, password: backend.sandbox.ready.password });
const patientIds = async (): Promise<string[]> => (await engine.calls.searchPatients({ text: '', limit: 1000, refresh: false })).patients.map(({ id }) => id);
const counts = async () => (await engine.calls.getStatus()).counts;
const refreshes = (): number => backend.sandbox.faults.requests().filter(({ service, path }) => service === 'auth' && path === '/auth/refresh').length;

/** In whose name photos were sent, or asked after. */
function askedOfMedia(): { email: string; path: string }[] {
  return shown.filter(({ path }) => /^\/media\/(uploads|patients)/.test(path)).map(({ authorization, path }) => {
    const { email } = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as { email: string };
    return { email, path };
  });
}

/** A card's photos for a patient. @returns their ids */
async function add(patientId: string, count: number): Promise<string[]> {
  cards += 1;
  const photos = await writePhotos(join(dir, `card-${cards}`), count, { seed: `account ${cards}`, width: 160, height: 120 });
  const { outcomes } = await engine.calls.addFiles({ batchId: `batch-${cards}`, patientId, paths: photos.map(({ path }) => path) });
  return outcomes.map((outcome) => {
    if (outcome.outcome !== 'queued') throw new Error(JSON.stringify(outcome));
    return outcome.id;
  });
}

/** A patient whom both look after. Leaves nobody signed in. */
async function commonPatient(): Promise<string> {
  await signIn(ana);
  const hers = new Set(await patientIds());
  await engine.calls.signOut();
  await signIn(lucia);
  const common = (await patientIds()).find((id) => hers.has(id));
  await engine.calls.signOut();
  if (common === undefined) throw new Error('the sandbox has no such patient');
  return common;
}

/** Resolves with the first event of which this holds. */
function once<E extends keyof EngineContract['events'] & string>(event: E, holds: (payload: EventPayload<EngineContract, E>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = engine.subscribe((name, payload) => {
      if ((name as string) !== event || !holds(payload as unknown as EventPayload<EngineContract, E>)) return;
      stop();
      resolve();
    });
  });
}

describe('the session', () => {
  test('a token that ends in the middle of twenty uploads is renewed once, and nobody notices', async () => {
    await start();
    await signIn(ana);
    await engine.calls.pauseQueue();
    await add(backend.sandbox.ready.patients[0]!.id, 20);
    const some = once('queue', ({ counts: now }) => now.completed >= 5);
    await engine.calls.resumeQueue();
    await some;
    ended.add(shown.at(-1)!.authorization);
    expect(await engine.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(await counts()).toMatchObject({ completed: 20 });
    expect(refreshes()).toBe(1);
    expect(backend.sandbox.store.photos()).toHaveLength(20);
  }, patience);

  test('a 401 that contract A gives to a body of more than its limit does not end it', async () => {
    await start({ contract: 'heartguard', limits: { photoRequestBytes: 40_000 } });
    await signIn(ana);
    const bytes = new Uint8Array(await makePhoto({ seed: 'too large', width: 160, height: 120, sizeBytes: 200_000 }));
    await engine.calls.addBytes({ batchId: 'b', patientId: backend.sandbox.ready.patients[0]!.id, fileName: 'a.jpg', bytes });
    expect(await engine.calls.sync({})).toMatchObject({ completed: 0, needsAttention: 1 });
    expect(await engine.calls.getAccount()).toMatchObject({ name: 'signedIn' });
    const [item] = (await engine.calls.getQueuePage({ filter: 'all', limit: 1 })).items;
    expect(item?.state).toMatchObject({ name: 'needsAttention', failure: { code: 'too-large' } });
    expect(refreshes()).toBe(0);
  }, patience);

  test('that has ended for good keeps the queue, which goes on after signing in again', async () => {
    await start();
    await signIn(ana);
    await engine.calls.pauseQueue();
    await add(backend.sandbox.ready.patients[0]!.id, 3);
    ended.add(shown.at(-1)!.authorization);
    await backend.sandbox.faults.set({ where: { service: 'auth', path: '/auth/refresh' }, effect: { kind: 'status', status: 401 } });
    const expired = once('account', ({ name }) => name === 'expired');
    await engine.calls.resumeQueue();
    await expired;
    expect(await engine.calls.getAccount()).toMatchObject({ name: 'expired', person: { name: 'Ana Ruiz' } });
    expect((await counts()).completed).toBe(0);
    expect((await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).total).toBe(3);
    await signIn(ana);
    expect(await engine.calls.sync({})).toMatchObject({ waiting: 0 });
    expect((await counts()).completed).toBe(3);
  }, patience);

  test('is there after a restart without a network, with its patients and their age; what is added goes when the network is back', async () => {
    await start();
    await signIn(ana);
    const patientId = (await patientIds())[0]!;
    const { fetchedAt } = await engine.calls.searchPatients({ text: '', limit: 1, refresh: false });
    await engine.close();
    await backend.sandbox.faults.network({ down: true });
    await open();
    expect(await engine.calls.getAccount()).toMatchObject({ name: 'signedIn', person: { name: 'Ana Ruiz' }, limits: { contract: 'upload-sessions' } });
    expect(await engine.calls.searchPatients({ text: '', limit: 1000, refresh: true })).toMatchObject({ fetchedAt, total: backend.sandbox.ready.patients.length });
    await add(patientId, 2);
    const sent = once('queue', ({ counts: now }) => now.completed === 2);
    await backend.sandbox.faults.network({ down: false });
    await engine.calls.wake({ reason: 'network-online' });
    await sent;
    expect(backend.sandbox.store.photos()).toHaveLength(2);
  }, patience);

  test('without a list of patients nothing is taken in: nobody could say whose photo it is, and that is told', async () => {
    await start();
    await backend.sandbox.faults.set({ where: { service: 'gateway', path: '/user/**' }, effect: { kind: 'status', status: 500 } });
    expect(await signIn(ana)).toMatchObject({ name: 'signedIn' });
    const patientId = backend.sandbox.ready.patients[0]!.id;
    await expect(add(patientId, 1)).rejects.toMatchObject({ code: 'server' });
    expect((await counts()).queued).toBe(0);
    await backend.sandbox.faults.reset();
    await engine.calls.wake({ reason: 'network-online' });
    await add(patientId, 1);
    await engine.calls.sync({});
    expect((await counts()).completed).toBe(1);
  }, patience);
});

describe('two people at one computer', () => {
  test('what one leaves behind is not shown to the other, by whatever call, nor changed, nor sent, and goes on when its owner is back', async () => {
    await start();
    const patientId = await commonPatient();
    await engine.calls.pauseQueue();
    await signIn(ana);
    const ids = await add(patientId, 3);
    await engine.calls.signOut();
    expect((await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).items).toEqual([]);

    await signIn(lucia);
    await engine.calls.resumeQueue();
    const told: unknown[] = [];
    const stop = engine.subscribe((event, payload) => { if (event === 'queue') told.push(...(payload as EventPayload<EngineContract, 'queue'>).items); });
    expect(await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).toEqual({ items: [], total: 0 });
    expect((await counts()).queued).toBe(0);
    for (const id of ids) {
      for (const call of ['getUpload', 'pauseUpload', 'resumeUpload', 'retryUpload', 'cancelUpload'] as const) {
        await expect((async () => engine.calls[call]({ id }))(), call).rejects.toMatchObject({ code: 'not-found' });
      }
      await expect((async () => engine.calls.setThumbnail({ id, bytes: new Uint8Array([1]) }))()).rejects.toMatchObject({ code: 'not-found' });
      expect(await engine.calls.getThumbnail({ id })).toEqual({ bytes: undefined });
    }
    expect(await engine.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    await engine.calls.wake({ reason: 'network-online' });
    expect(askedOfMedia()).toEqual([]);
    expect(backend.sandbox.store.photos()).toEqual([]);
    expect((await engine.calls.getPeople()).people.map(({ person, waiting }) => [person.name, waiting])).toEqual([['Lucía Ferrer', 0], ['Ana Ruiz', 3]]);
    stop();
    expect(told).toEqual([]);

    await engine.calls.signOut();
    await signIn(ana);
    expect(await engine.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(backend.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId).sort()).toEqual([...ids].sort());
  }, patience);

  test('who takes another’s place in the middle of sending sends nothing of theirs', async () => {
    await start();
    await signIn(ana);
    await engine.calls.pauseQueue();
    await backend.sandbox.faults.set({ where: { service: 'gateway', path: '/media/uploads/*/complete' }, skip: 2, effect: { kind: 'delay', ms: 600_000 } });
    const ids = await add(backend.sandbox.ready.patients[0]!.id, 12);
    const some = once('queue', ({ counts: now }) => now.completed >= 2 && now.completing > 0);
    await engine.calls.resumeQueue();
    await some;
    await signIn(lucia);
    expect(await engine.calls.sync({})).toMatchObject({ completed: 0, waiting: 0 });
    expect(askedOfMedia().map(({ email }) => email)).not.toContain(lucia);
    await backend.sandbox.faults.reset();
    await signIn(ana);
    await engine.calls.sync({});
    expect(backend.sandbox.store.photos().map(({ clientUploadId }) => clientUploadId).sort()).toEqual([...ids].sort());
    expect(new Set(askedOfMedia().map(({ email }) => email))).toEqual(new Set([ana]));
  }, patience);

  test('with a shared queue the other sees it, is told of what she adds again, and sends it; who added it stays known', async () => {
    await start();
    const patientId = await commonPatient();
    await engine.calls.pauseQueue();
    await engine.calls.changeSettings({ shareQueue: true });
    const { person } = await signIn(ana) as { person: { id: string } };
    const bytes = new Uint8Array(await makePhoto({ seed: 'shared', width: 160, height: 120 }));
    const [id] = await add(patientId, 1);
    await engine.calls.addBytes({ batchId: 's', patientId, fileName: 's.jpg', bytes });
    await engine.calls.signOut();

    await signIn(lucia);
    expect((await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).total).toBe(2);
    expect(await engine.calls.addBytes({ batchId: 's', patientId, fileName: 's.jpg', bytes })).toMatchObject({ outcome: 'duplicate' });
    await add(patientId, 1);
    await engine.calls.resumeQueue();
    expect(await engine.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect(await counts()).toMatchObject({ completed: 3 });
    expect((await engine.calls.getUpload({ id: id! })).item).toMatchObject({ accountId: person.id, state: { name: 'completed' } });
    expect(backend.sandbox.store.photos()).toHaveLength(3);
  }, patience);

  test('sharing is in force as soon as it is set, and ends as soon as it is taken back', async () => {
    await start();
    const patientId = await commonPatient();
    await engine.calls.pauseQueue();
    await signIn(ana);
    await add(patientId, 2);
    await engine.calls.signOut();
    await signIn(lucia);
    const reread = (): Promise<void> => once('queue', ({ more }) => more);
    let told = reread();
    await engine.calls.changeSettings({ shareQueue: true });
    await told;
    expect((await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).total).toBe(2);
    told = reread();
    await engine.calls.changeSettings({ shareQueue: false });
    await told;
    expect((await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).total).toBe(0);
    await engine.calls.resumeQueue();
    expect(await engine.calls.sync({})).toMatchObject({ completed: 0 });
  }, patience);

  test('on contract A a sealed older photo neither holds up another person’s newer one nor replaces it later', async () => {
    await start({ contract: 'heartguard' });
    const patientId = await commonPatient();
    await engine.calls.pauseQueue();
    await signIn(ana);
    const [older] = await add(patientId, 1);
    await engine.calls.signOut();
    await signIn(lucia);
    const [newer] = await add(patientId, 1);
    await engine.calls.resumeQueue();
    expect(await engine.calls.sync({})).toMatchObject({ waiting: 0, needsAttention: 0 });
    expect((await counts()).completed).toBe(1);
    const sent = (await engine.calls.getUpload({ id: newer! })).item;
    await engine.calls.signOut();
    await signIn(ana);
    expect(await engine.calls.sync({})).toMatchObject({ needsAttention: 1 });
    expect((await engine.calls.getUpload({ id: older! })).item.state).toMatchObject({ name: 'needsAttention', failure: { code: 'superseded' } });
    expect(backend.sandbox.store.profilePhotos()).toMatchObject([{ patientId, sizeBytes: sent.sizeBytes, present: true }]);
  }, patience);

  test('on contract A a shared queue keeps a patient’s photos in the order in which they were added, whoever added them', async () => {
    await start({ contract: 'heartguard' });
    const patientId = await commonPatient();
    await engine.calls.changeSettings({ shareQueue: true });
    await engine.calls.pauseQueue();
    const order: string[] = [];
    for (const who of [ana, lucia, ana]) {
      await signIn(who);
      const [id] = await add(patientId, 1);
      order.push(id!);
    }
    await engine.calls.resumeQueue();
    expect(await engine.calls.sync({})).toMatchObject({ needsAttention: 0, waiting: 0 });
    expect(await counts()).toMatchObject({ completed: 3 });
    const sizes = await Promise.all(order.map(async (id) => (await engine.calls.getUpload({ id })).item.sizeBytes));
    expect(backend.sandbox.store.profilePhotos().map(({ sizeBytes }) => sizeBytes)).toEqual(sizes);
  }, patience);
});
