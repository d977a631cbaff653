import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({ timeouts: { accessTokenS: 2 } }));
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());

const payloadOf = (token: string): { iat: number; exp: number; type: string } => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

it('signs staff in', async () => {
  const answer = await nurse.json('POST', '/auth/login/user', { email: 'Ana.Ruiz@clinica.example', password: sandbox.ready.password });
  expect(answer.json).toEqual({
    access_token: expect.any(String),
    refresh_token: expect.any(String),
    account_type: 'user',
    user: { id: expect.any(String), email: 'ana.ruiz@clinica.example', name: 'Ana Ruiz', system_role: 'user', org_count: 1 },
  });
  const refresh = payloadOf(answer.json.refresh_token);
  expect(refresh.exp - refresh.iat).toBe(7 * 24 * 3600);
});

it.each([
  [401, 'unauthorized', { email: 'ana.ruiz@clinica.example', password: 'wrong' }],
  [401, 'unauthorized', { email: 'nobody@clinica.example', password: 'wrong' }],
  [400, 'invalid_request', { email: 'ana.ruiz@clinica.example' }],
])('answers %i %s in bare JSON', async (status, error, body) => {
  const answer = await nurse.json('POST', '/auth/login/user', body);
  expect([answer.status, answer.json]).toEqual([status, { error, message: expect.any(String) }]);
});

it('tells who asks', async () => {
  const me = await nurse.get('/auth/me');
  expect(me.json).toMatchObject({ account_type: 'user', data: { name: 'Ana Ruiz', memberships: [{ org_code: 'CSM', org_name: 'Clínica Santa Marta', role_code: 'nurse' }] } });
});

it('lets an access token end, and gives another for the refresh token, which stays', async () => {
  const short = await TestClient.signIn(sandbox);
  expect((await short.get('/auth/verify')).json).toMatchObject({ valid: true, payload: { account_type: 'user', exp: expect.any(Number), iat: expect.any(Number) } });
  await expect.poll(async () => (await short.get('/auth/verify')).status, { timeout: 5_000, interval: 200 }).toBe(401);
  expect((await short.get('/user/caregiver/patients')).status).toBe(401);
  const refreshed = await short.json('POST', '/auth/refresh', { refresh_token: short.refreshToken });
  expect(Object.keys(refreshed.json)).toEqual(['access_token']);
  short.accessToken = refreshed.json.access_token;
  expect((await short.get('/auth/verify')).status).toBe(200);
});

it('takes neither token for the other', async () => {
  expect((await nurse.json('POST', '/auth/refresh', { refresh_token: nurse.accessToken })).status).toBe(401);
  expect((await nurse.call('GET', '/auth/verify', { headers: { authorization: `Bearer ${nurse.refreshToken}` } })).status).toBe(401);
});
