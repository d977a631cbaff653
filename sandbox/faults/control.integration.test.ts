import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { call, TestClient, type Answer } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox());
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
afterEach(() => sandbox.faults.reset());

const control = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  call(method, `${sandbox.ready.control}${path}`, body === undefined ? { headers } : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

it('sets, shows and removes faults', async () => {
  const fault = { where: { service: 'gateway', path: '/media/health' }, effect: { kind: 'status', status: 500 }, times: 3 };
  const set = await control('POST', '/faults', fault);
  const [{ id }] = set.json.faults;
  expect((await nurse.get('/media/health')).status).toBe(500);
  expect((await control('GET', '/faults')).json).toMatchObject({ faults: [{ id, left: 2, where: fault.where }], networkDown: false, spacesUnreachable: null });
  expect((await control('DELETE', `/faults/${id}`)).json).toEqual({ removed: 1 });
  expect((await nurse.get('/media/health')).status).toBe(200);
  await control('POST', '/faults', [fault, fault]);
  expect((await control('DELETE', '/faults')).json).toEqual({ removed: 2 });
});

it.each([
  ['/faults', { where: { service: 'nobody' }, effect: { kind: 'hang' } }],
  ['/faults', { where: { service: 'gateway' }, effect: { kind: 'nothing' } }],
  ['/faults', { where: { service: 'gateway', path: '^(' }, effect: { kind: 'hang' } }],
  ['/network', {}],
  ['/media', { spacesUnreachable: 'sometimes' }],
])('refuses what it does not understand at %s', async (path, body) => {
  expect((await control('POST', path, body)).status).toBe(400);
  expect(sandbox.faults.list()).toEqual([]);
});

it('stops and starts services, on the same port', async () => {
  expect((await control('POST', '/services/media/stop')).json).toEqual({ name: 'media', running: false });
  expect((await nurse.get('/media/health')).status).toBe(503);
  expect((await control('GET', '/services')).json.services).toContainEqual({ name: 'media', url: sandbox.services.media.url, running: false });
  await control('POST', '/services/media/start');
  expect((await nurse.get('/media/health')).status).toBe(200);
  expect((await control('POST', '/services/nobody/start')).status).toBe(400);
});

it('cuts the network and media’s way to Spaces', async () => {
  await control('POST', '/network', { down: true });
  await expect(nurse.get('/health/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await control('POST', '/network', { down: false });
  await control('POST', '/media', { spacesUnreachable: 'refused' });
  expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ ok: false, errno: 'ECONNREFUSED' });
  expect((await control('POST', '/reset')).json).toEqual({ faults: [], networkDown: false, spacesUnreachable: null });
  expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ ok: true });
});

it('shows requests, totals and the store', async () => {
  await control('DELETE', '/requests');
  const sent = await nurse.sendPhoto(nurse.patient(), Buffer.from('a photo'));
  const { requests, totals } = (await control('GET', '/requests')).json;
  expect(requests.at(-1)).toMatchObject({ service: 'gateway', method: 'POST', path: '/media/patients/{id}/photo', query: [], status: 201, at: expect.any(String), traceId: sent.json.trace_id });
  expect(totals.gateway).toEqual({ requests: 1, bytesIn: requests.at(-1).bytesIn });
  expect((await control('GET', `/requests?since=${requests.at(-1).number}`)).json.requests).toEqual([]);
  const store = (await control('GET', '/store')).json;
  expect(store).toMatchObject({ objects: [{ key: sent.json.data.photo.object_key, sha256: expect.any(String) }], unfinished: [], photos: [], profilePhotos: [{ present: true }] });
});

it('is not for web pages', async () => {
  expect((await control('POST', '/network', { down: true }, { origin: 'http://example.com' })).status).toBe(403);
  expect(sandbox.faults.networkDown).toBe(false);
});
