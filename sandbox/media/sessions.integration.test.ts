import { randomBytes, randomUUID } from 'node:crypto';
import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { md5, md5Base64, sha256, TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const partBytes = 64 * 1024;

let sandbox: Sandbox;
let nurse: TestClient;
let s3: S3Client;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox({ limits: { partBytes, maxFileBytes: 1024 * 1024 } }));
  nurse = await TestClient.signIn(sandbox);
  const { endpoint, region, accessKeyId, secretAccessKey } = sandbox.spaces;
  s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
});
afterAll(async () => {
  s3.destroy();
  await dispose();
});
afterEach(() => sandbox.faults.reset());

const photo = (bytes = 10_000): Buffer => randomBytes(bytes);
const objectOf = async (key: string) => (await sandbox.store.objects({ prefix: key }))[0];

describe('one PUT', () => {
  it('stores a photo and answers the record of it', async () => {
    const body = photo();
    const created = await nurse.createUpload(nurse.patient(), body, { note: 'herida', tags: ['pie'], captured_at: '2026-11-22T08:00:00Z' });
    expect(created.status).toBe(201);
    const { upload } = created.json.data;
    expect(upload).toMatchObject({ state: 'open', part_bytes: partBytes, part_count: 1, parts: [] });
    expect(new URL(upload.single_put.url).origin).toBe(sandbox.ready.spaces.endpoint);
    expect(Date.parse(upload.single_put.expires_at)).toBeGreaterThan(Date.now());

    const put = await nurse.put(upload.single_put, body);
    expect(put.status).toBe(200);
    expect(put.headers.etag).toBe(`"${md5(body)}"`);
    const seen = await nurse.get(`/media/uploads/${upload.id}`);
    expect(seen.json.data.upload.parts).toEqual([{ number: 1, size: body.length, etag: md5(body) }]);

    const done = await nurse.complete(upload.id, [{ number: 1, etag: String(put.headers.etag) }]);
    expect(done.json.data.photo).toMatchObject({ patient_id: nurse.patient(), object_key: upload.object_key, size_bytes: body.length, sha256: sha256(body), content_type: 'image/jpeg' });
    expect(await objectOf(upload.object_key)).toEqual({ key: upload.object_key, size: body.length, etag: md5(body), sha256: sha256(body) });
    expect(sandbox.store.photos().at(-1)).toMatchObject({ note: 'herida', tags: ['pie'], sha256: sha256(body) });

    const again = await nurse.complete(upload.id, [{ number: 1, etag: String(put.headers.etag) }]);
    expect(again.json.data).toEqual(done.json.data);
  });

  it('signs the MD5 when it is told, so that Spaces refuse other bytes', async () => {
    const body = photo();
    const { upload } = (await nurse.createUpload(nurse.patient(), body, { md5: md5(body) })).json.data;
    expect(upload.single_put.headers['content-md5']).toBe(md5Base64(body));
    const other = await nurse.put(upload.single_put, photo());
    expect(other.status).toBe(400);
    expect(other.text).toContain('<Code>BadDigest</Code>');
    const unsigned = await nurse.put({ ...upload.single_put, headers: { 'content-type': 'image/jpeg' } }, body);
    expect(unsigned.status).toBe(403);
    expect((await nurse.put(upload.single_put, body)).status).toBe(200);
  });

  it('does not believe a client whose bytes are not what it announced', async () => {
    const body = photo();
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    const sameSize = photo();
    const put = await nurse.put(upload.single_put, sameSize);
    const refused = await nurse.complete(upload.id, [{ number: 1, etag: String(put.headers.etag) }]);
    expect(refused.status).toBe(409);
    expect(refused.json.error.code).toBe('integrity_mismatch');
    const after = await nurse.get(`/media/uploads/${upload.id}`);
    expect(after.json.data.upload).toMatchObject({ state: 'open', parts: [] });
    expect(await objectOf(upload.object_key)).toBeUndefined();

    const right = await nurse.put(after.json.data.upload.single_put, body);
    expect((await nurse.complete(upload.id, [{ number: 1, etag: String(right.headers.etag) }])).status).toBe(200);
  });

  it.each([
    ['nothing was sent', async () => md5(photo())],
    ['the ETag is another', async (put: () => Promise<unknown>) => (await put(), md5(photo()))],
  ])('stays open when %s', async (_name, etagAfter) => {
    const body = photo();
    const { upload } = (await nurse.createUpload(nurse.patient(), body)).json.data;
    const etag = await etagAfter(() => nurse.put(upload.single_put, body));
    const refused = await nurse.complete(upload.id, [{ number: 1, etag }]);
    expect([refused.status, refused.json.error.code]).toEqual([409, 'integrity_mismatch']);
    expect((await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload.state).toBe('open');
  });
});

it('compares the size also where it does not read objects back', async () => {
  const unverified = await temporarySandbox({ verifySha: false });
  try {
    const client = await TestClient.signIn(unverified.sandbox);
    const [body, sameSize, shorter] = [photo(), photo(), photo(9_999)];
    const { upload } = (await client.createUpload(client.patient(), body)).json.data;
    await client.put(upload.single_put, shorter);
    expect((await client.complete(upload.id, [{ number: 1, etag: md5(shorter) }])).status).toBe(409);
    await client.put(upload.single_put, sameSize);
    expect((await client.complete(upload.id, [{ number: 1, etag: md5(sameSize) }])).status).toBe(200);
  } finally {
    await unverified.dispose();
  }
});

describe('parts', () => {
  it('shows what Spaces have, completes, and leaves nothing unfinished', async () => {
    const body = photo(partBytes * 2 + 1234);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    expect(upload).toMatchObject({ part_count: 3, parts: [] });
    expect(upload.single_put).toBeUndefined();

    const [last] = await nurse.sendParts(upload, body, [3]);
    const seen = (await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload;
    expect(seen.parts).toEqual([{ number: 3, size: 1234, etag: md5(body.subarray(partBytes * 2)) }]);

    const early = await nurse.complete(upload.id, [last!]);
    expect([early.status, early.json.error.code]).toEqual([409, 'integrity_mismatch']);
    const others = await nurse.sendParts(upload, body, [1, 2]);
    const done = await nurse.complete(upload.id, [...others, last!]);
    expect(done.json.data.photo.sha256).toBe(sha256(body));
    expect(await objectOf(upload.object_key)).toMatchObject({ size: body.length, sha256: sha256(body), etag: expect.stringMatching(/-3$/) });
    expect(await sandbox.store.unfinishedUploads()).toEqual([]);
  });

  it('stays open when a part is not what the client says it is', async () => {
    const body = photo(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    const parts = await nurse.sendParts(upload, body, [1, 2]);
    const wrong = await nurse.complete(upload.id, [parts[0]!, { number: 2, etag: parts[0]!.etag }]);
    expect([wrong.status, wrong.json.error.code]).toEqual([409, 'integrity_mismatch']);
    // Too short, but faithfully told.
    const [short] = await nurse.sendParts(upload, body.subarray(0, -10), [2]);
    const refused = await nurse.complete(upload.id, [parts[0]!, short!]);
    expect([refused.status, refused.json.error.code]).toEqual([409, 'integrity_mismatch']);
    const [right] = await nurse.sendParts(upload, body, [2]);
    expect((await nurse.complete(upload.id, [parts[0]!, right!])).status).toBe(200);
  });

  it('refuses a part whose bytes are not those of its MD5', async () => {
    const body = photo(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    const { parts } = (await nurse.json('POST', `/media/uploads/${upload.id}/parts`, { parts: [{ number: 1, md5: md5Base64(body.subarray(0, partBytes)) }] })).json.data;
    expect((await nurse.put(parts[0], photo(partBytes))).text).toContain('BadDigest');
    expect((await nurse.put({ ...parts[0], headers: { 'content-md5': md5Base64(photo()) } }, body.subarray(0, partBytes))).status).toBe(403);
    expect((await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload.parts).toEqual([]);
    await nurse.call('DELETE', `/media/uploads/${upload.id}`);
  });

  it.each([
    ['asked to complete', (id: string, parts: { number: number; etag: string }[]) => nurse.complete(id, parts)],
    ['asked for its state', (id: string) => nurse.get(`/media/uploads/${id}`)],
  ])('finds out, when %s, that Spaces have completed it already', async (_name, ask) => {
    const body = photo(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    const parts = await nurse.sendParts(upload, body, [1, 2]);
    const [unfinished] = await sandbox.store.unfinishedUploads();
    // As when media died between Spaces' answer and its own.
    await s3.send(
      new CompleteMultipartUploadCommand({
        Bucket: sandbox.spaces.bucket,
        Key: unfinished!.key,
        UploadId: unfinished!.uploadId,
        MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag })) },
      }),
    );
    const { data } = (await ask(upload.id, parts)).json;
    expect((data.upload ?? data).photo.sha256).toBe(sha256(body));
    expect((await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload.state).toBe('completed');
  });

  it('starts again when Spaces have forgotten the upload', async () => {
    const body = photo(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    const before = await nurse.sendParts(upload, body, [1, 2]);
    const [unfinished] = await sandbox.store.unfinishedUploads();
    await s3.send(new AbortMultipartUploadCommand({ Bucket: sandbox.spaces.bucket, Key: unfinished!.key, UploadId: unfinished!.uploadId }));

    const refused = await nurse.complete(upload.id, before);
    expect([refused.status, refused.json.error.code]).toEqual([409, 'integrity_mismatch']);
    expect((await nurse.get(`/media/uploads/${upload.id}`)).json.data.upload).toMatchObject({ state: 'open', parts: [] });
    const after = await nurse.sendParts(upload, body, [1, 2]);
    expect((await nurse.complete(upload.id, after)).status).toBe(200);
  });

  it('knows no part beyond the last', async () => {
    const body = photo(partBytes * 2);
    const { upload } = (await nurse.createUpload(nurse.patient(1), body)).json.data;
    const answer = await nurse.json('POST', `/media/uploads/${upload.id}/parts`, { parts: [{ number: 3, md5: md5Base64(body) }] });
    expect(answer.status).toBe(422);
  });
});

describe('what is the same stays the same', () => {
  it('answers the same upload for the same identifier, whatever its state', async () => {
    const body = photo();
    const id = randomUUID();
    const first = await nurse.createUpload(nurse.patient(), body, { client_upload_id: id });
    const second = await nurse.createUpload(nurse.patient(), body, { client_upload_id: id });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.json.data.upload.id).toBe(first.json.data.upload.id);
    const aborted = await nurse.call('DELETE', `/media/uploads/${first.json.data.upload.id}`);
    expect(aborted.json.data.upload.state).toBe('aborted');
    expect((await nurse.call('DELETE', `/media/uploads/${first.json.data.upload.id}`)).status).toBe(200);
    expect((await nurse.createUpload(nurse.patient(), body, { client_upload_id: id })).json.data.upload.state).toBe('aborted');
    const late = await nurse.complete(first.json.data.upload.id, [{ number: 1, etag: md5(body) }]);
    expect([late.status, late.json.error.code]).toEqual([409, 'upload_aborted']);
  });

  it('refuses the identifier for another photo', async () => {
    const id = randomUUID();
    await nurse.createUpload(nurse.patient(), photo(), { client_upload_id: id });
    const other = await nurse.createUpload(nurse.patient(), photo(), { client_upload_id: id });
    expect([other.status, other.json.error.code]).toEqual([409, 'client_upload_id_reused']);
  });

  it('keeps the identifiers of two accounts apart', async () => {
    const admin = await TestClient.signIn(sandbox, 'admin@clinica.example');
    const id = randomUUID();
    const mine = await nurse.createUpload(nurse.patient(), photo(), { client_upload_id: id });
    const theirs = await admin.createUpload(nurse.patient(), photo(), { client_upload_id: id });
    expect(theirs.json.data.upload.id).not.toBe(mine.json.data.upload.id);
    expect((await admin.get(`/media/uploads/${mine.json.data.upload.id}`)).status).toBe(404);
  });

  it('tells a duplicate of the same patient, and takes it for another', async () => {
    const body = photo();
    const { upload } = (await nurse.createUpload(nurse.patient(2), body)).json.data;
    const put = await nurse.put(upload.single_put, body);
    const first = (await nurse.complete(upload.id, [{ number: 1, etag: String(put.headers.etag) }])).json.data.photo;
    const twin = (await nurse.createUpload(nurse.patient(2), body)).json.data.upload;
    expect(twin).toMatchObject({ state: 'completed', duplicate_of: first.id, photo: first });
    const elsewhere = (await nurse.createUpload(nurse.patient(3), body)).json.data.upload;
    expect(elsewhere.state).toBe('open');
  });

  it('makes one photo of two uploads of the same content that ran side by side', async () => {
    const body = photo();
    const uploads = await Promise.all([0, 1].map(async () => (await nurse.createUpload(nurse.patient(4), body)).json.data.upload));
    const photos = [];
    for (const upload of uploads) {
      await nurse.put(upload.single_put, body);
      photos.push((await nurse.complete(upload.id, [{ number: 1, etag: md5(body) }])).json.data.photo);
    }
    expect(photos[1]).toEqual(photos[0]);
    expect(await sandbox.store.objects({ prefix: `photos/${nurse.patient(4)}/` })).toHaveLength(1);
  });
});

describe('limits', () => {
  it('names them', async () => {
    expect((await nurse.get('/media/capabilities')).json.data.uploads).toEqual({
      version: 1,
      max_file_bytes: 1024 * 1024,
      accepted_types: ['image/jpeg', 'image/png', 'image/webp'],
      part_bytes: partBytes,
      max_parts_in_flight: 8,
      session_ttl_s: 7 * 24 * 3600,
    });
  });

  it.each([
    [413, 'file_too_large', { size_bytes: 1024 * 1024 + 1 }],
    [415, 'unsupported_file_type', { content_type: 'application/pdf' }],
    [400, 'empty_file', { size_bytes: 0 }],
    [422, 'validation_error', { sha256: 'no' }],
    [422, 'validation_error', { client_upload_id: 'no' }],
  ])('answers %i %s', async (status, code, extra) => {
    const answer = await nurse.createUpload(nurse.patient(), photo(), extra);
    expect([answer.status, answer.json.error.code, answer.json.data]).toEqual([status, code, null]);
  });

  it('guards patients, and wants a token', async () => {
    expect((await nurse.createUpload(randomUUID(), photo())).json.error.code).toBe('entity_not_found');
    const elsewhere = (await (await TestClient.signIn(sandbox, 'lucia.ferrer@clinica.example')).get('/user/caregiver/patients')).json.data.patients[0].id;
    const forbidden = await nurse.createUpload(elsewhere, photo());
    expect([forbidden.status, forbidden.json.error.code]).toEqual([403, 'forbidden']);
    const anonymous = await nurse.call('GET', `/media/uploads/${randomUUID()}`, { headers: { authorization: 'Bearer no' } });
    expect([anonymous.status, anonymous.json.error.code]).toEqual([401, 'unauthorized']);
  });

  it('takes a batch in order, each by itself', async () => {
    const [one, two] = [photo(), photo()];
    const uploads = [
      { patient_id: nurse.patient(), ...nurse.describe(one) },
      { patient_id: randomUUID(), ...nurse.describe(two) },
      { patient_id: nurse.patient(), ...nurse.describe(two, { content_type: 'text/plain' }) },
      { patient_id: nurse.patient() },
    ];
    const answer = await nurse.json('POST', '/media/uploads:batch', { uploads });
    expect(answer.status).toBe(200);
    const results = answer.json.data.uploads as { ok: boolean; upload?: { state: string }; error?: { code: string } }[];
    expect(results.map(({ ok, error }) => error?.code ?? ok)).toEqual([true, 'entity_not_found', 'unsupported_file_type', 'validation_error']);
    const tooMany = await nurse.json('POST', '/media/uploads:batch', { uploads: Array.from({ length: 101 }, () => uploads[0]) });
    expect(tooMany.status).toBe(422);
  });

  it('lets a session expire, for good', async () => {
    const short = await temporarySandbox({ timeouts: { sessionTtlS: 0 } });
    try {
      const client = await TestClient.signIn(short.sandbox);
      const body = photo();
      const id = randomUUID();
      const { upload } = (await client.createUpload(client.patient(), body, { client_upload_id: id })).json.data;
      expect((await client.get(`/media/uploads/${upload.id}`)).json.data.upload.state).toBe('expired');
      const late = await client.complete(upload.id, [{ number: 1, etag: md5(body) }]);
      expect([late.status, late.json.error.code]).toEqual([409, 'upload_expired']);
      expect((await client.createUpload(client.patient(), body, { client_upload_id: id })).json.data.upload.state).toBe('expired');
    } finally {
      await short.dispose();
    }
  });
});
