import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TestClient } from '../../sandbox/testing/client.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import type { DoctorReport } from '../../shared/domain/diagnosis.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine;

/** Somebody who signed in and then did nothing for longer than an access token lives, by the server's own word. */
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-idle-'));
  backend = await temporarySandbox({ timeouts: { accessTokenS: 1 } });
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(6), source: 'environment' }, kind: 'app', version: '1.2.3', sending: false });
  const { ready } = backend.sandbox;
  await engine.calls.changeSettings({ gateway: ready.gateway });
  await engine.calls.signIn({ email: ready.email, password: ready.password });
  const signedInLater = await TestClient.signIn(backend.sandbox);
  await vi.waitUntil(async () => {
    const { status } = await fetch(`${ready.gateway}/auth/verify`, { headers: { authorization: `Bearer ${signedInLater.accessToken}` } });
    return status === 401;
  }, { timeout: 20_000 });
}, 60_000);

afterEach(async () => {
  await engine?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

const ofKind = (report: DoctorReport, kind: string) => report.probes.find((probe) => probe.kind === kind);
const due = { status: 'skipped', why: 'the access token is due for renewal' };

test('an access token that ended while nothing was sent is renewed, as for an upload', async () => {
  const report = await engine.calls.checkConnection({});
  expect(report.diagnosis.code).toBe('HEALTHY');
  for (const kind of ['auth', 'readyz', 'canary']) expect(ofKind(report, kind)).toMatchObject({ status: 'ran', outcome: 'ok' });
  expect(await engine.calls.getAccount()).toMatchObject({ name: 'signedIn' });
}, 60_000);

test('a token that cannot be renewed just now says nothing of the session', async () => {
  await backend.sandbox.faults.set({ where: { service: 'auth', path: '/auth/refresh' }, effect: { kind: 'status', status: 503 } });
  const report = await engine.calls.checkConnection({});
  expect(report.diagnosis.code).not.toBe('AUTH_EXPIRED');
  for (const kind of ['auth', 'canary']) expect(ofKind(report, kind)).toMatchObject(due);
  expect(await engine.calls.getAccount()).toMatchObject({ name: 'signedIn' });
}, 60_000);

test('what else is said to a token that is due is still seen', async () => {
  await backend.sandbox.faults.set({ where: { service: 'auth' }, effect: { kind: 'status', status: 500 } });
  expect(ofKind(await engine.calls.checkConnection({}), 'auth')).toMatchObject({ status: 'ran', outcome: 'failed', httpStatus: 500 });
}, 60_000);

test('a session that the sign-in service has ended is told as over', async () => {
  await backend.sandbox.faults.set({ where: { service: 'auth', path: '/auth/refresh' }, effect: { kind: 'status', status: 401, body: { error: 'invalid_token', message: 'over' } } });
  expect((await engine.calls.checkConnection({})).diagnosis.code).toBe('AUTH_EXPIRED');
  expect(await engine.calls.getAccount()).toMatchObject({ name: 'expired' });
  // And again, when the account has known it for a while, also where the server would take its last token: nothing is sent before a sign-in.
  await backend.sandbox.faults.set({ where: { service: 'auth', path: '/auth/verify' }, effect: { kind: 'status', status: 200, body: { valid: true } } });
  expect((await engine.calls.checkConnection({ only: 'AUTH_EXPIRED' })).diagnosis.code).toBe('AUTH_EXPIRED');
}, 60_000);
