import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { call, md5, photoForm, sha256, TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const limit = 5 * 1024 * 1024;

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({
    contract: 'heartguard',
    timeouts: { gatewayMs: 1_000, mediaConnectMs: 700, mediaTries: 2, mediaBackoffMs: 10 },
  }));
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
afterEach(() => sandbox.faults.reset());

const photo = (bytes = 20_000): Buffer => randomBytes(bytes);
const organization = async (): Promise<string> => (await nurse.get('/user/users/me/org-memberships')).json.data.memberships[0].org_id;
const pointsAt = async (patient: string): Promise<string | null> => (await nurse.get(`/user/orgs/${await organization()}/patients/${patient}`)).json.data.patient.profile_photo_url;

describe('a photo of a patient', () => {
  it('is stored, readable by everybody, and what the patient points at', async () => {
    const body = photo(3 * 1024 * 1024);
    const answer = await nurse.sendPhoto(nurse.patient(), body);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ status: 'success', error: null });
    const sent = answer.json.data.photo;
    expect(sent).toMatchObject({ entity_type: 'patients', entity_id: nurse.patient(), content_type: 'image/jpeg', size_bytes: body.length, etag: md5(body) });
    expect(await pointsAt(nurse.patient())).toBe(sent.url);
    const head = await call('HEAD', sent.url);
    expect([head.status, head.headers.etag, head.headers['content-length']]).toEqual([200, `"${md5(body)}"`, String(body.length)]);
  });

  it('is replaced under a new key, and the previous object goes', async () => {
    const first = (await nurse.sendPhoto(nurse.patient(1), photo())).json.data.photo;
    const body = photo();
    const answer = await nurse.sendPhoto(nurse.patient(1), body, { method: 'PUT', field: 'file', type: 'image/png' });
    expect(answer.status).toBe(200);
    const second = answer.json.data.photo;
    expect(second.object_key).not.toBe(first.object_key);
    expect(await sandbox.store.objects({ prefix: `patients/${nurse.patient(1)}/` })).toEqual([{ key: second.object_key, size: body.length, etag: md5(body), sha256: sha256(body) }]);
    expect(sandbox.store.profilePhotos().filter(({ patientId }) => patientId === nurse.patient(1)).map(({ present }) => present)).toEqual([false, true]);

    const removed = await nurse.call('DELETE', `/media/patients/${nurse.patient(1)}/photo`);
    expect(removed.json.data.photo).toEqual({ entity_type: 'patients', entity_id: nurse.patient(1), deleted_objects: 1, prefix: `patients/${nurse.patient(1)}/` });
    expect(await pointsAt(nurse.patient(1))).toBeNull();
  });
});

describe('refusals', () => {
  it('says 401 to a request over 5 MB, while the session is good', async () => {
    const answer = await nurse.sendPhoto(nurse.patient(), photo(limit));
    expect(answer.status).toBe(401);
    expect(answer.json).toMatchObject({ status: 'error', message: 'Error al validar token', error: { code: 'unauthorized' } });
    expect((await nurse.get('/auth/verify')).status).toBe(200);
  });

  it('measures the whole request, not the photo', async () => {
    const overhead = photoForm(Buffer.alloc(0)).body.length;
    expect((await nurse.sendPhoto(nurse.patient(), photo(limit - overhead))).status).toBe(201);
    expect((await nurse.sendPhoto(nurse.patient(), photo(limit - overhead + 1))).status).toBe(401);
  });

  it.each([
    [415, 'unsupported_file_type', () => nurse.sendPhoto(nurse.patient(), photo(), { type: 'image/gif' })],
    [400, 'empty_file', () => nurse.sendPhoto(nurse.patient(), Buffer.alloc(0))],
    [400, 'missing_file', () => nurse.sendPhoto(nurse.patient(), photo(), { field: 'picture' })],
    [400, 'missing_file', () => nurse.json('POST', `/media/patients/${nurse.patient()}/photo`, {})],
    [404, 'entity_not_found', () => nurse.sendPhoto(randomUUID(), photo())],
    [401, 'unauthorized', () => nurse.call('POST', `/media/patients/${nurse.patient()}/photo`, { ...photoForm(photo()), headers: { ...photoForm(photo()).headers, authorization: 'Bearer no' } })],
  ])('answers %i %s in the envelope', async (status, code, send) => {
    const answer = await send();
    expect([answer.status, answer.json.error.code, answer.json.data]).toEqual([status, code, null]);
    expect(answer.json.trace_id).toBe(answer.headers['x-trace-id']);
  });

  it('answers 403 for a patient of another organization', async () => {
    const lucia = await TestClient.signIn(sandbox, 'lucia.ferrer@clinica.example');
    const elsewhere = (await lucia.get('/user/caregiver/patients')).json.data.patients[0].id;
    const answer = await nurse.sendPhoto(elsewhere, photo());
    expect([answer.status, answer.json.error.code]).toEqual([403, 'forbidden']);
  });

  it.each(['/media/capabilities', '/media/readyz', `/media/uploads/${randomUUID()}`])('knows nothing of sessions: %s', async (path) => {
    const answer = await nurse.get(path);
    expect([answer.status, answer.json.error, answer.json.data]).toEqual([404, 'not_found', undefined]);
  });
});

describe('Spaces out of reach of media', () => {
  it('ends in 504 from the gateway while the photo arrives later (the incident, slow)', async () => {
    const patient = nurse.patient(3);
    const body = photo();
    const before = await pointsAt(patient);
    sandbox.faults.media({ spacesUnreachable: { slow: 1_800 } });
    const finished = sandbox.faults.nextRequest(({ service, method, path }) => service === 'gateway' && method === 'POST' && path.endsWith('/photo'));
    const startedAt = Date.now();
    const answer = await nurse.sendPhoto(patient, body);
    expect(answer.status).toBe(504);
    expect(answer.json).toEqual({ error: 'timeout', message: 'El media-service no respondió a tiempo' });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(990);
    expect((await finished).status).toBe(504);
    expect(await pointsAt(patient)).toBe(before);
    await expect.poll(() => pointsAt(patient), { timeout: 5_000 }).not.toBe(before);
    const head = await call('HEAD', String(await pointsAt(patient)));
    expect(head.headers.etag).toBe(`"${md5(body)}"`);
  });

  it('ends in 504 and no photo where connections time out', async () => {
    sandbox.faults.media({ spacesUnreachable: 'timeout' });
    const gaveUp = sandbox.faults.nextRequest(({ service, path }) => service === 'media' && path.endsWith('/photo'));
    const answer = await nurse.sendPhoto(nurse.patient(4), photo());
    expect([answer.status, answer.json.error]).toEqual([504, 'timeout']);
    await gaveUp;
    expect(await pointsAt(nurse.patient(4))).toBeNull();
  });

  it.each(['refused', 'forbidden'] as const)('answers 502 when Spaces are %s', async (fault) => {
    sandbox.faults.media({ spacesUnreachable: fault });
    const answer = await nurse.sendPhoto(nurse.patient(5), photo());
    expect([answer.status, answer.json.status, answer.json.error.code]).toEqual([502, 'error', 'upload_failed']);
    expect(await pointsAt(nurse.patient(5))).toBeNull();
  });
});
