/** @file What the sandbox does with the embedded Spaces, on the software that Spaces run on. Needs `SPACES_*`, as the script that runs these tests sets them. */
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Sandbox } from '../sandbox.ts';
import { call, md5, md5Base64, sha256, TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const mebibyte = 1024 * 1024;
const { SPACES_ENDPOINT: endpoint, SPACES_REGION: region, SPACES_BUCKET: bucket, SPACES_ACCESS_KEY: accessKeyId, SPACES_SECRET_KEY: secretAccessKey } = z
  .object({ SPACES_ENDPOINT: z.url(), SPACES_REGION: z.string(), SPACES_BUCKET: z.string(), SPACES_ACCESS_KEY: z.string(), SPACES_SECRET_KEY: z.string() })
  .parse(process.env);
const spaces = { kind: 'env', endpoint, region, bucket, accessKeyId, secretAccessKey } as const;

describe.each([
  ['directly', false],
  ['through the front', true],
])('Ceph, %s', (_name, spacesFront) => {
  let sandbox: Sandbox;
  let nurse: TestClient;
  let dispose: () => Promise<void>;

  beforeAll(async () => {
    ({ sandbox, dispose } = await temporarySandbox({ spaces, spacesFront, limits: { partBytes: 5 * mebibyte } }));
    nurse = await TestClient.signIn(sandbox);
  });
  afterAll(() => dispose());
  afterEach(() => sandbox.faults.reset());

  it('takes a photo in one PUT, its MD5 signed', async () => {
    const body = randomBytes(3 * mebibyte);
    const { upload } = (await nurse.createUpload(nurse.patient(), body, { md5: md5(body) })).json.data;
    expect(new URL(upload.single_put.url).origin === endpoint).toBe(!spacesFront);
    const other = await nurse.put(upload.single_put, randomBytes(body.length));
    expect([other.status, other.text.includes('BadDigest')]).toEqual([400, true]);
    expect((await nurse.put({ ...upload.single_put, headers: { 'content-type': 'image/jpeg', 'expect': '100-continue' } }, body)).status).toBe(403);
    expect((await nurse.put(upload.single_put, body)).status).toBe(200);
    const done = await nurse.complete(upload.id, [{ number: 1, etag: md5(body) }]);
    expect(done.json.data.photo.sha256).toBe(sha256(body));
    expect(await sandbox.store.objects({ prefix: upload.object_key })).toEqual([{ key: upload.object_key, size: body.length, etag: md5(body), sha256: sha256(body) }]);
    // What a nurse sent is not for everybody.
    expect((await call('GET', `${endpoint}/${bucket}/${upload.object_key}`)).status).toBe(403);
  });

  it('takes parts, lists them and completes', async () => {
    const body = randomBytes(12 * mebibyte);
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    const [third] = await nurse.sendParts(upload, body, [3]);
    const seen = (await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload.parts;
    expect(seen).toEqual([{ number: 3, size: 2 * mebibyte, etag: third!.etag.replaceAll('"', '') }]);
    const others = await nurse.sendParts(upload, body, [1, 2]);
    expect((await nurse.complete(upload.id, [...others, third!])).json.data.photo.sha256).toBe(sha256(body));
    expect(await sandbox.store.objects({ prefix: upload.object_key })).toMatchObject([{ size: body.length, sha256: sha256(body) }]);
  });

  it('refuses a part of other bytes, and forgets what is aborted', async () => {
    const body = randomBytes(6 * mebibyte);
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    const { parts } = (await nurse.json('POST', `/media/uploads/${upload.id}/parts`, { parts: [{ number: 1, md5: md5Base64(body) }] })).json.data;
    expect((await nurse.put(parts[0], randomBytes(5 * mebibyte))).text).toContain('BadDigest');
    expect(await sandbox.store.unfinishedUploads()).toMatchObject([{ key: upload.object_key }]);
    await nurse.call('DELETE', `/media/uploads/${upload.id}`);
    expect(await sandbox.store.unfinishedUploads()).toEqual([]);
  });

  it('makes a profile photo readable by everybody', async () => {
    const body = randomBytes(mebibyte);
    const { photo } = (await nurse.sendPhoto(nurse.patient(1), body)).json.data;
    const head = await call('HEAD', photo.url);
    expect([head.status, head.headers.etag]).toEqual([200, `"${md5(body)}"`]);
  });

  it('is asked by readyz', async () => {
    expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ name: 'spaces', ok: true, http_status: 200 });
    sandbox.faults.media({ spacesUnreachable: 'forbidden' });
    expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ ok: false, http_status: 403 });
  });

  if (!spacesFront) {
    it('is not ours to stop', async () => {
      await expect(sandbox.services.spaces.stop()).rejects.toThrow('not ours to stop');
    });
    return;
  }

  it('meets faults at the front', async () => {
    const body = randomBytes(3 * mebibyte);
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'reset-mid-body', afterBytes: mebibyte }, times: 1 });
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
    expect(await sandbox.store.objects({ prefix: upload.object_key })).toEqual([]);
    await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'reset-after-body' }, times: 1 });
    await expect(nurse.put(upload.single_put, body)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await sandbox.store.objects({ prefix: upload.object_key })).toMatchObject([{ sha256: sha256(body) }]);
    expect((await nurse.complete(upload.id, [{ number: 1, etag: md5(body) }])).status).toBe(200);
  });

  it('is down for clients and for media when it is stopped', async () => {
    await sandbox.services.spaces.stop();
    expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ ok: false, errno: 'ECONNREFUSED' });
    await expect(call('GET', sandbox.ready.spaces.endpoint)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await sandbox.services.spaces.start();
    expect((await nurse.get('/media/readyz')).json.data.checks[0]).toMatchObject({ ok: true });
  });
});
