/** @file A gateway that went from B to A is asked until that is known, whoever asked first: the start, a command, a nurse who signs in again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { createLeapingClock, type LeapingClock } from '../clock-for-tests.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';
import { confirmAfterMs } from './negotiation.ts';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let clock: LeapingClock;
let engine: Engine;
const patience = { timeout: 60_000, interval: 50 };

async function open(sending: boolean): Promise<void> {
  engine = await openEngine({
    dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(3), source: 'environment' }, kind: 'cli', clock, sending, defaults: { gateway: backend.sandbox.ready.gateway },
    diagnosis: { targets: () => ({ gateway: undefined, spaces: undefined, contract: undefined }), runCommand: () => Promise.resolve({ name: 'missing' }) },
    network: { runCommand: () => Promise.resolve({ name: 'missing' }) },
  });
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-doubt-'));
  backend = await temporarySandbox();
  clock = createLeapingClock();
  await open(false);
  const { email, password } = backend.sandbox.ready;
  await engine.calls.signIn({ email, password });
  await engine.close();
  await backend.sandbox.setContract('heartguard');
});
afterEach(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
});

async function add(): Promise<void> {
  const bytes = new Uint8Array(await makePhoto({ seed: 'doubt', width: 96, height: 72 }));
  await engine.calls.addBytes({ batchId: 'doubt', patientId: backend.sandbox.ready.patients[0]?.id ?? '', fileName: 'doubt.jpg', bytes });
}
const doubtedSince = async (): Promise<number | undefined> => (await engine.calls.getNegotiation()).doubtedSince;
const completed = async (): Promise<number> => (await engine.calls.getStatus()).counts.completed;

test('that began while the app was closed: the photo goes a little more than ten minutes after the start', async () => {
  await open(true);
  await expect.poll(doubtedSince, patience).toBeTypeOf('number');
  await add();
  // Minutes pass one by one, as they do.
  for (let minutes = 0; minutes < 13; minutes += 1) {
    const { lastAsked } = await engine.calls.getNegotiation();
    clock.leap(60_000);
    await expect.poll(async () => (await engine.calls.getNegotiation()).lastAsked?.at, patience).not.toBe(lastAsked?.at);
    if ((await engine.calls.getLimits())?.contract === 'gateway-photo') break;
  }
  await expect.poll(completed, patience).toBe(1);
  expect(backend.sandbox.store.profilePhotos()).toHaveLength(1);
}, 120_000);

test('commands alone, one after the other, come to know it too', async () => {
  await open(false);
  await add();
  expect(await engine.calls.sync({})).toMatchObject({ completed: 0, waiting: 1 });
  expect((await engine.calls.getStatus()).transfer.hold).toBe('contract');
  await engine.close();
  clock.leap(confirmAfterMs + 60_000);
  await open(false);
  expect(await engine.calls.sync({})).toMatchObject({ completed: 1, waiting: 0 });
  expect((await engine.calls.getStatus()).transfer.hold).toBeUndefined();
}, 120_000);

test('a nurse whose session had ended, and who opens the lock with the password that she has now: the server is asked from then on', async () => {
  const { faults, ready: { gateway, email, password } } = backend.sandbox;
  const [ended] = await faults.set({ where: { service: 'auth', path: '/auth/refresh' }, effect: { kind: 'status', status: 401 } });
  clock.leap(20 * 60_000);
  await open(true);
  await expect.poll(async () => (await engine.calls.getAccount()).name, patience).toBe('expired');
  await engine.calls.lock();
  await engine.close();

  await open(true);
  const answer = await fetch(`${gateway}/auth/login/user`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email, password }) });
  await faults.clear(ended?.id ?? '');
  await faults.set({ where: { service: 'auth', path: '/auth/login/user' }, effect: { kind: 'status', status: 200, body: await answer.json() as Record<string, unknown> } });
  await engine.calls.unlock({ password: 'the one that she has now' });
  expect((await engine.calls.getAccount()).name).toBe('signedIn');
  clock.leap(3 * 3_600_000);
  await expect.poll(doubtedSince, patience).toBeTypeOf('number');
}, 120_000);
