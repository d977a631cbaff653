import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { call, photoForm, TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({ timeouts: { gatewayMs: 3_000 } }));
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
afterEach(() => sandbox.faults.reset());

describe('the gateway by itself', () => {
  it('says that it is well, and redirects without the slash', async () => {
    const health = await call('GET', `${sandbox.ready.gateway}/health/`);
    expect(health.json).toEqual({ status: 'ok', service: 'heartguard-gateway', timestamp: expect.any(String), debug: false });
    const redirect = await call('GET', `${sandbox.ready.gateway}/health`);
    expect([redirect.status, redirect.headers.location]).toEqual([308, '/health/']);
  });

  it('answers bare JSON for a route that it does not have', async () => {
    const answer = await nurse.get('/nothing');
    expect([answer.status, answer.json]).toEqual([404, { error: 'not_found', message: 'Ruta no encontrada' }]);
  });

  it.each(['auth', 'user', 'media'] as const)('answers 503 when %s refuses the connection, and is well again after', async (name) => {
    const path = { auth: '/auth/health', user: '/user/health', media: '/media/health' }[name];
    await sandbox.services[name].stop();
    const answer = await nurse.get(path);
    expect([answer.status, answer.json.error]).toEqual([503, 'service_unavailable']);
    expect((await nurse.get('/health/')).status).toBe(200);
    await sandbox.services[name].start();
    expect((await nurse.get(path)).status).toBe(200);
  });

  it('answers 504 when a service is late', async () => {
    await sandbox.faults.set({ where: { service: 'user' }, effect: { kind: 'hang' }, times: 1 });
    const startedAt = Date.now();
    const answer = await nurse.get('/user/caregiver/patients');
    expect([answer.status, answer.json.error]).toEqual([504, 'timeout']);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2_990);
  });

  it('answers 504 when a service does not read, but waits for a client that is slow to send', async () => {
    const { body, headers } = photoForm(randomBytes(4 * 1024 * 1024));
    const path = `/media/patients/${nurse.patient()}/photo`;
    await sandbox.faults.set({ where: { service: 'media' }, effect: { kind: 'half-open' }, times: 1 });
    // More than the sockets' own buffers take.
    const answer = await nurse.call('POST', path, { body: randomBytes(40 * 1024 * 1024), headers });
    expect([answer.status, answer.json.error]).toEqual([504, 'timeout']);
    await sandbox.faults.set({ where: { service: 'gateway' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: 1024 * 1024 }, times: 1 });
    expect((await nurse.call('POST', path, { body, headers })).status).toBe(201);
  });

  it('answers 502 when a service breaks off, and never half an answer as a whole one', async () => {
    await sandbox.faults.set({ where: { service: 'user' }, effect: { kind: 'reset-after-body' }, times: 1 });
    expect((await nurse.get('/user/caregiver/patients')).status).toBe(502);
    await sandbox.faults.set({ where: { service: 'user' }, effect: { kind: 'truncate-answer', bytes: 10 }, times: 1 });
    await expect(nurse.get('/user/caregiver/patients')).rejects.toThrow();
  });

  it('passes the trace id on, or makes one', async () => {
    const given = await nurse.call('GET', '/user/caregiver/patients', { headers: { 'x-trace-id': 'trace-1' } });
    expect([given.headers['x-trace-id'], given.json.trace_id]).toEqual(['trace-1', 'trace-1']);
    const made = await nurse.get('/user/caregiver/patients');
    expect(made.json.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(made.headers['x-trace-id']).toBe(made.json.trace_id);
  });

  it('passes bodies on whole', async () => {
    sandbox.faults.clearRequests();
    const { body, headers } = photoForm(randomBytes(1024 * 1024));
    expect((await nurse.call('POST', `/media/patients/${nurse.patient()}/photo`, { body, headers })).status).toBe(201);
    const seen = sandbox.faults.requests().filter(({ method, path }) => method === 'POST' && path.endsWith('/photo'));
    expect(seen.map(({ service, path, bytesIn, status }) => ({ service, path, bytesIn, status }))).toEqual(
      ['media', 'gateway'].map((service) => ({ service, path: '/media/patients/{id}/photo', bytesIn: body.length, status: 201 })),
    );
  });
});

it('limits the rate of an account when told to, with Retry-After', async () => {
  const limited = await temporarySandbox({ rateLimit: { perSecond: 0.5, burst: 3 } });
  try {
    const client = await TestClient.signIn(limited.sandbox);
    const answers = [];
    for (let index = 0; index < 4; index += 1) answers.push(await client.get('/media/capabilities'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers[3]?.headers['retry-after']).toBe('2');
    expect(answers[3]?.json.error).toBe('rate_limited');
    const admin = await TestClient.signIn(limited.sandbox, 'admin@clinica.example');
    expect((await admin.get('/media/capabilities')).status).toBe(200);
  } finally {
    await limited.dispose();
  }
});
