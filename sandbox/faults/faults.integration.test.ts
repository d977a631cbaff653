import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { md5, sha256, TestClient, type Answer } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';
import type { FaultInput } from './fault.ts';

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox());
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
afterEach(() => sandbox.faults.reset());

const gateway = (effect: FaultInput['effect'], more: Partial<FaultInput> = {}): Promise<unknown> =>
  sandbox.faults.set({ where: { service: 'gateway', path: '/media/**' }, effect, ...more });
const spaces = (effect: FaultInput['effect'], more: Partial<FaultInput> = {}): Promise<unknown> =>
  sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect, times: 1, ...more });
const health = (): Promise<Answer> => nurse.get('/media/health');

async function openUpload(bytes = 300_000): Promise<{ body: Buffer; upload: Answer['json'] }> {
  const body = randomBytes(bytes);
  return { body, upload: (await nurse.createUpload(nurse.patient(), body)).json.data.upload };
}

/** Whether Spaces hold the object, with the right bytes. */
async function stored(upload: { object_key: string }, body: Buffer): Promise<boolean> {
  const [object] = await sandbox.store.objects({ prefix: upload.object_key });
  if (object) expect(object.sha256).toBe(sha256(body));
  return object !== undefined;
}

/** Nothing happens for this long. */
async function staysSilent(answer: Promise<unknown>, ms: number): Promise<void> {
  const silent = Symbol('silent');
  const first = await Promise.race([answer.catch((error: Error) => error), new Promise((resolve) => setTimeout(resolve, ms, silent))]);
  expect(first).toBe(silent);
}

describe('answers', () => {
  it.each([
    ['gateway', '/media/health', { error: 'service_unavailable', message: 'Servicio no disponible' }],
    ['media', '/media/health', { status: 'error', message: 'Servicio no disponible', data: null, error: { code: 'service_unavailable' }, trace_id: expect.any(String) }],
    ['auth', '/auth/verify', { error: 'service_unavailable', message: 'Servicio no disponible' }],
  ] as const)('status, as %s would say it', async (service, path, body) => {
    await sandbox.faults.set({ where: { service }, effect: { kind: 'status', status: 503, headers: { 'retry-after': '7', 'x-circuit': 'open' } } });
    const answer = await nurse.get(path);
    expect([answer.status, answer.headers['retry-after'], answer.headers['x-circuit'], answer.json]).toEqual([503, '7', 'open', body]);
  });

  it('status with a body of one’s own', async () => {
    await gateway({ kind: 'status', status: 200, body: { status: 'success', data: { checks: [] } } });
    expect((await health()).json).toEqual({ status: 'success', data: { checks: [] } });
  });

  it('status from Spaces, after the body was read and before it was stored', async () => {
    await spaces({ kind: 'status', status: 500 });
    const { body, upload } = await openUpload();
    const answer = await nurse.put(upload.single_put, body);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('<Code>InternalError</Code>');
    expect(await stored(upload, body)).toBe(false);
  });

  it('status in place of the real answer, the request being taken', async () => {
    await spaces({ kind: 'status', status: 500, applied: true });
    const { body, upload } = await openUpload();
    expect((await nurse.put(upload.single_put, body)).status).toBe(500);
    expect(await stored(upload, body)).toBe(true);
  });

  it('malformed JSON and a web page', async () => {
    await gateway({ kind: 'malformed-json' });
    const malformed = await health();
    expect([malformed.status, malformed.headers['content-type'], malformed.json]).toEqual([200, 'application/json', undefined]);
    await sandbox.faults.clear();
    await gateway({ kind: 'html', status: 502 });
    const page = await health();
    expect([page.status, page.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<html>');
  });

  it.each([
    ['gateway', 429],
    ['media', 429],
  ] as const)('rate limit of %s', async (service, status) => {
    await sandbox.faults.set({ where: { service, path: '/media/*' }, effect: { kind: 'rate-limited', retryAfter: 3 } });
    const answer = await health();
    expect([answer.status, answer.headers['retry-after']]).toEqual([status, '3']);
  });

  it('slow down from Spaces, with a date', async () => {
    const date = new Date(Date.now() + 5_000).toUTCString();
    await spaces({ kind: 'rate-limited', retryAfter: date });
    const { body, upload } = await openUpload();
    const answer = await nurse.put(upload.single_put, body);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, date]);
    expect(answer.text).toContain('<Code>SlowDown</Code>');
  });

  it.each([
    ['slow down', { kind: 'rate-limited', retryAfter: 1 }, 503, 0],
    ['a refusal', { kind: 'status', status: 403 }, 403, 0],
    ['what goes wrong in the work on the body', { kind: 'status', status: 500 }, 500, 300_000],
  ] as const)('%s costs a client that asks first as much of its body as was read', async (_name, effect, status, bytes) => {
    await spaces(effect);
    const { body, upload } = await openUpload();
    const ended = sandbox.faults.nextRequest(({ service }) => service === 'spaces');
    expect((await nurse.put({ ...upload.single_put, headers: { ...upload.single_put.headers, expect: '100-continue' } }, body)).status).toBe(status);
    expect((await ended).bytesIn).toBe(bytes);
  });

  it('a client that asks first and is not refused is told to go on', async () => {
    const { body, upload } = await openUpload();
    expect((await nurse.put({ ...upload.single_put, headers: { ...upload.single_put.headers, expect: '100-continue' } }, body)).status).toBe(200);
    expect(await stored(upload, body)).toBe(true);
  });

  it('200 with an S3 error inside', async () => {
    await spaces({ kind: 's3-error-in-200' });
    const { body, upload } = await openUpload();
    const answer = await nurse.put(upload.single_put, body);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('<Error><Code>InternalError</Code>');
    expect(await stored(upload, body)).toBe(false);
  });

  it('a wrong clock', async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    await gateway({ kind: 'headers', headers: { date } });
    const answer = await health();
    expect([answer.status, answer.headers.date, answer.json.data.status]).toEqual([200, date, 'healthy']);
  });
});

describe('time', () => {
  it('delay, then the real answer', async () => {
    await gateway({ kind: 'delay', ms: 150 });
    const startedAt = Date.now();
    expect((await health()).status).toBe(200);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(145);
  });

  it('delay, then another fault', async () => {
    await gateway({ kind: 'delay', ms: 100 });
    await gateway({ kind: 'status', status: 500 });
    const startedAt = Date.now();
    expect((await health()).status).toBe(500);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(95);
  });

  it('hang: takes the body, never answers, keeps the connection', async () => {
    await spaces({ kind: 'hang' });
    const { body, upload } = await openUpload(2_000_000);
    const answer = nurse.put(upload.single_put, body);
    await staysSilent(answer, 250);
    sandbox.faults.clearRequests();
    await sandbox.faults.network({ down: true });
    await expect(answer).rejects.toThrow();
  });

  it.each([
    ['half-open: reads nothing', { kind: 'half-open' }, 0, 300_000],
    ['stall-after: reads so much and no more', { kind: 'stall-after', bytes: 600_000 }, 600_000, 1_500_000],
  ] as const)('%s', async (_name, effect, least, most) => {
    await spaces(effect);
    const { body, upload } = await openUpload(8_000_000);
    const answer = nurse.put(upload.single_put, body);
    await staysSilent(answer, 300);
    const ended = sandbox.faults.nextRequest(({ service }) => service === 'spaces');
    await sandbox.faults.network({ down: true });
    await expect(answer).rejects.toThrow();
    const { bytesIn, status } = await ended;
    expect(bytesIn).toBeGreaterThanOrEqual(least);
    expect(bytesIn).toBeLessThan(most);
    expect(status).toBeUndefined();
    expect(await stored(upload, body)).toBe(false);
  });

  it('slow drip of the answer', async () => {
    const { text } = await health();
    await gateway({ kind: 'slow-drip', bytesPerSecond: Math.ceil(text.length * 2) });
    const startedAt = Date.now();
    const answer = await health();
    expect(answer.json.data.status).toBe('healthy');
    expect(Date.now() - startedAt).toBeGreaterThan(300);
  });

  it('slow drip of the body', async () => {
    await spaces({ kind: 'slow-drip', bytesPerSecond: 600_000, direction: 'body' });
    const { body, upload } = await openUpload(300_000);
    const startedAt = Date.now();
    expect((await nurse.put(upload.single_put, body)).status).toBe(200);
    expect(Date.now() - startedAt).toBeGreaterThan(350);
    expect(await stored(upload, body)).toBe(true);
  });
});

describe('connections', () => {
  it('reset before the body', async () => {
    await spaces({ kind: 'reset-before-body' });
    const { body, upload } = await openUpload(5_000_000);
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
    expect(await stored(upload, body)).toBe(false);
  });

  it('reset in the body leaves nothing stored, and the next PUT is good', async () => {
    await spaces({ kind: 'reset-mid-body', afterBytes: 1_000_000 });
    const { body, upload } = await openUpload(5_000_000);
    const ended = sandbox.faults.nextRequest(({ service }) => service === 'spaces');
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
    const { bytesIn, fault } = await ended;
    expect([bytesIn >= 1_000_000, bytesIn < 2_000_000, fault]).toEqual([true, true, 'reset-mid-body']);
    expect(await stored(upload, body)).toBe(false);
    expect((await nurse.put(upload.single_put, body)).status).toBe(200);
    expect(await stored(upload, body)).toBe(true);
  });

  it('reset after the body: taken, but never answered', async () => {
    await spaces({ kind: 'reset-after-body' });
    const { body, upload } = await openUpload();
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await stored(upload, body)).toBe(true);
  });

  it('reset after complete: the photo is there', async () => {
    const { body, upload } = await openUpload();
    await nurse.put(upload.single_put, body);
    await gateway({ kind: 'reset-after-body' }, { times: 1 });
    await expect(nurse.complete(upload.id, [{ number: 1, etag: md5(body) }])).rejects.toThrow();
    expect(sandbox.store.photos().filter(({ sha256: hash }) => hash === sha256(body))).toHaveLength(1);
    expect((await nurse.complete(upload.id, [{ number: 1, etag: md5(body) }])).status).toBe(200);
  });

  it('an answer cut off', async () => {
    await gateway({ kind: 'truncate-answer', bytes: 5 });
    await expect(health()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await sandbox.faults.clear();
    await gateway({ kind: 'truncate-answer', bytes: 0 });
    await expect(health()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('a closed port, until the fault is gone', async () => {
    const [fault] = await sandbox.faults.set({ where: { service: 'gateway' }, effect: { kind: 'refuse' } });
    await expect(health()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await sandbox.faults.clear(fault?.id);
    expect((await health()).status).toBe(200);
    await sandbox.faults.set({ where: { service: 'spaces' }, effect: { kind: 'refuse', forMs: 100 } });
    const { body, upload } = await openUpload();
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect.poll(() => nurse.put(upload.single_put, body).then(({ status }) => status, () => 0)).toBe(200);
  });

  it('the whole network: refused, live connections dropped, then the same ports again', async () => {
    const { port, hostname } = new URL(sandbox.ready.gateway);
    const idle = createConnection(Number(port), hostname);
    await once(idle, 'connect');
    idle.on('error', () => undefined);
    const dropped = new Promise<void>((resolve) => idle.once('close', () => resolve()));
    const { body, upload } = await openUpload();
    await sandbox.faults.network({ down: true });
    await dropped;
    await expect(health()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await sandbox.store.objects({ hash: false })).toEqual(expect.any(Array));
    await sandbox.faults.network({ down: false });
    expect((await health()).status).toBe(200);
    expect((await nurse.put(upload.single_put, body)).status).toBe(200);
  });
});

describe('which requests', () => {
  it('counts: so many, after so many', async () => {
    await gateway({ kind: 'status', status: 500 }, { times: 2, skip: 1 });
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await health()).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect(sandbox.faults.list()).toEqual([]);
  });

  it('narrows by method, path, pattern and query', async () => {
    await sandbox.faults.set(
      { where: { service: 'gateway', method: 'DELETE' }, effect: { kind: 'status', status: 501 } },
      { where: { service: 'gateway', path: '/user/*/patients' }, effect: { kind: 'status', status: 502 } },
      { where: { service: 'gateway', path: '^/auth/(verify|me)$' }, effect: { kind: 'status', status: 504 } },
      { where: { service: 'spaces', query: 'partNumber' }, effect: { kind: 'status', status: 500 } },
    );
    expect((await health()).status).toBe(200);
    expect((await nurse.call('DELETE', '/media/health')).status).toBe(501);
    expect((await nurse.get('/user/caregiver/patients')).status).toBe(502);
    expect((await nurse.get('/user/users/me/org-memberships')).status).toBe(200);
    expect((await nurse.get('/auth/me')).status).toBe(504);
    const single = await openUpload();
    expect((await nurse.put(single.upload.single_put, single.body)).status).toBe(200);
    const large = await openUpload(9 * 1024 * 1024);
    await expect(nurse.sendParts(large.upload, large.body, [1])).rejects.toThrow('InternalError');
    await nurse.call('DELETE', `/media/uploads/${large.upload.id}`);
  });

  it('chances, from the random numbers given', async () => {
    const numbers = [0.1, 0.9, 0.4];
    const other = await temporarySandbox({ random: () => numbers.shift() ?? 1 });
    try {
      await other.sandbox.faults.set({ where: { service: 'gateway' }, probability: 0.5, effect: { kind: 'status', status: 500 } });
      const client = other.sandbox.ready.gateway;
      const statuses = [];
      for (let index = 0; index < 3; index += 1) statuses.push((await fetch(`${client}/health/`)).status);
      expect(statuses).toEqual([500, 200, 500]);
    } finally {
      await other.dispose();
    }
  });

  it('replaces a fault of the same id', async () => {
    await gateway({ kind: 'status', status: 500 }, { id: 'one' });
    await gateway({ kind: 'status', status: 502 }, { id: 'one' });
    expect((await health()).status).toBe(502);
    expect(sandbox.faults.list()).toHaveLength(1);
  });
});
