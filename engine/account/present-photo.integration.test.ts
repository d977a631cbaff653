/** @file The photo that would be replaced, and records that lead somewhere else: real sockets, a gateway that names what it is told to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PresentPhoto } from '../../shared/domain/account.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { TestClient } from '../../sandbox/testing/client.ts';
import { makePhoto } from '../../test-support/photos.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let engine: Engine;
let elsewhere: Server;
let asked: IncomingMessage[] = [];
let answers: (request: IncomingMessage, response: ServerResponse) => void;
let photo: Buffer;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-present-'));
  photo = await makePhoto({ seed: 'present', width: 96, height: 72 });
  backend = await temporarySandbox({ contract: 'heartguard' });
  elsewhere = createServer((request, response) => { asked.push(request); answers(request, response); });
  await new Promise<void>((resolve) => { elsewhere.listen(0, '127.0.0.1', resolve); });
  const { ready } = backend.sandbox;
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(3), source: 'environment' }, kind: 'cli', sending: false, defaults: { gateway: ready.gateway } });
  await engine.calls.signIn({ email: ready.email, password: ready.password });
  await engine.calls.searchPatients({ text: '', limit: 1, refresh: true });
});
afterAll(async () => {
  await engine?.close();
  elsewhere?.close();
  elsewhere?.closeAllConnections();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  asked = [];
  answers = (_request, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(photo);
  await backend.sandbox.faults.reset();
});

const patientId = (index: number): string => backend.sandbox.ready.patients[index]?.id ?? '';
const present = async (index = 0): Promise<PresentPhoto> => engine.calls.getPresentPhoto({ patientId: patientId(index) });
const origin = (): string => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;

/** The patient's record names this address. */
async function pointsTo(address: string | null): Promise<void> {
  const body = { status: 'success', message: '', data: { patient: { profile_photo_url: address } }, error: null, trace_id: 't' };
  await backend.sandbox.faults.set({ where: { service: 'gateway', path: '/user/orgs/*/patients/*' }, effect: { kind: 'status', status: 200, body } });
}

test('a patient’s photo is shown as it is in the store, and one without any has none', async () => {
  expect(await present()).toEqual({ name: 'none' });
  const nurse = await TestClient.signIn(backend.sandbox);
  expect((await nurse.sendPhoto(patientId(0), photo)).status).toBe(201);
  const shown = await present();
  expect(shown).toMatchObject({ name: 'present', contentType: 'image/jpeg' });
  expect(shown.name === 'present' && Buffer.compare(shown.bytes, photo)).toBe(0);
  expect(await present(1)).toEqual({ name: 'none' });
});

test('a photo elsewhere is fetched without any token, and known by its bytes, not by what it is called', async () => {
  await pointsTo(`${origin()}/photo.jpg?x=1`);
  expect(await present()).toMatchObject({ name: 'present', contentType: 'image/jpeg' });
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /photo.jpg?x=1']);
  expect(Object.keys(asked[0]?.headers ?? {}).filter((name) => /auth|cookie|token/i.test(name))).toEqual([]);
});

test('who has signed out meanwhile is shown nothing any more', async () => {
  await pointsTo(`${origin()}/photo`);
  answers = (_request, response) => { void Promise.resolve(engine.calls.signOut(undefined)).then(() => response.writeHead(200).end(photo)); };
  try {
    expect(await present()).toEqual({ name: 'unknown' });
    expect(asked).toHaveLength(1);
  } finally {
    const { email, password } = backend.sandbox.ready;
    await engine.calls.signIn({ email, password });
  }
});

test('a relative address is the gateway’s own', async () => {
  await backend.sandbox.faults.set({ where: { service: 'gateway', path: '/pictures/*' }, effect: { kind: 'html' } });
  await pointsTo('/pictures/one.jpg');
  const from = backend.sandbox.faults.requests().at(-1)?.number ?? 0;
  expect(await present()).toEqual({ name: 'unknown' });
  expect(backend.sandbox.faults.requests(from).filter(({ path }) => path.startsWith('/pictures'))).toHaveLength(1);
});

test.each<[string, () => string]>([
  ['a file', () => 'file:///etc/passwd'],
  ['a script', () => 'javascript:alert(1)'],
  ['an address with a user part', () => origin().replace('http://', 'http://nurse:password@')],
  ['no address', () => 'http://'],
  ['an address where nothing listens', () => 'http://127.0.0.1:1/photo.jpg'],
  ['ftp', () => 'ftp://127.0.0.1/photo.jpg'],
])('a record that names %s is not followed', async (_name, address) => {
  await pointsTo(address());
  expect(await present()).toEqual({ name: 'unknown' });
  expect(asked).toEqual([]);
});

test.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
  ['a redirect', (_request, response) => response.writeHead(302, { location: `${origin()}/other.jpg` }).end()],
  ['a web page', (_request, response) => response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>Bienvenido</html>')],
  ['an image with a status that is no success', (_request, response) => response.writeHead(404).end(photo)],
  ['seven million bytes', (_request, response) => response.writeHead(200).end(Buffer.concat([photo, Buffer.alloc(7_000_000)]))],
  ['a connection that breaks', (_request, response) => { response.writeHead(200, { 'content-length': '1000' }); response.write(photo.subarray(0, 100), () => response.destroy()); }],
])('%s in the place of the photo is not shown', async (_name, answer) => {
  answers = answer;
  await pointsTo(`${origin()}/photo.jpg`);
  expect(await present()).toEqual({ name: 'unknown' });
  expect(asked).toHaveLength(1);
});

test('an answer that never comes is not waited for', async () => {
  answers = () => undefined;
  await pointsTo(`${origin()}/photo.jpg`);
  expect(await present()).toEqual({ name: 'unknown' });
});

test('a gateway that fails, or does not know the patient, says nothing of a photo', async () => {
  await backend.sandbox.faults.set({ where: { service: 'gateway', path: '/user/orgs/*/patients/*' }, effect: { kind: 'status', status: 404, body: { error: 'not_found' } } });
  expect(await present()).toEqual({ name: 'unknown' });
  expect(await engine.calls.getPresentPhoto({ patientId: 'nobody' })).toEqual({ name: 'unknown' });
});

test('where many photos of a patient are kept, none would be replaced, and nobody is asked', async () => {
  await backend.sandbox.setContract('sessions');
  // The connections to the gateway that was replaced are dead.
  await engine.calls.wake({ reason: 'network-online' });
  await engine.calls.signIn({ email: backend.sandbox.ready.email, password: backend.sandbox.ready.password });
  const from = backend.sandbox.faults.requests().at(-1)?.number ?? 0;
  expect(await present()).toEqual({ name: 'none' });
  expect(backend.sandbox.faults.requests(from)).toEqual([]);
});
