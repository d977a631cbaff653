import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { md5Base64, TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const partBytes = 64 * 1024;

let sandbox: Sandbox;
let nurse: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({ limits: { partBytes }, timeouts: { sessionConnectMs: 500, onLinkMs: 100 } }));
  nurse = await TestClient.signIn(sandbox);
});
afterAll(() => dispose());
afterEach(() => sandbox.faults.reset());

describe('readyz', () => {
  const checks = async () => (await nurse.get('/media/readyz')).json.data.checks as Record<string, unknown>[];

  it('asks Spaces and the database', async () => {
    expect(await checks()).toEqual([
      { name: 'spaces', ok: true, latency_ms: expect.any(Number), http_status: 200, address: '127.0.0.1', on_link: false },
      { name: 'database', ok: true, latency_ms: expect.any(Number) },
    ]);
  });

  it.each([
    ['refused', { errno: 'ECONNREFUSED', on_link: false }],
    ['on-link', { errno: 'EHOSTUNREACH', on_link: true, address: '134.199.128.128' }],
    ['timeout', { errno: 'ETIMEDOUT' }],
    ['forbidden', { http_status: 403 }],
  ] as const)('tells %s', async (fault, expected) => {
    sandbox.faults.media({ spacesUnreachable: fault });
    expect((await checks())[0]).toMatchObject({ name: 'spaces', ok: false, ...expected });
    expect((await nurse.get('/media/health')).status).toBe(200);
  });

  it('tells Spaces that are stopped, and sessions answer 503 with Retry-After', async () => {
    const body = randomBytes(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    await sandbox.services.spaces.stop();
    try {
      expect((await checks())[0]).toMatchObject({ ok: false, errno: 'ECONNREFUSED' });
      const answer = await nurse.json('POST', `/media/uploads/${upload.id}/parts`, { parts: [{ number: 1, md5: md5Base64(body) }] });
      expect([answer.status, answer.json.error.code, answer.headers['retry-after']]).toEqual([503, 'storage_unavailable', '5']);
    } finally {
      await sandbox.services.spaces.start();
    }
    expect((await checks())[0]).toMatchObject({ ok: true });
  });
});
