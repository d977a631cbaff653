import { randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { call, md5, md5Base64, sha256 } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

const mebibyte = 1024 * 1024;

let sandbox: Sandbox;
let dispose: () => Promise<void>;
let s3: S3Client;
let Bucket: string;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox());
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = sandbox.spaces;
  Bucket = bucket;
  s3 = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
});
afterAll(async () => {
  s3.destroy();
  await dispose();
});
afterEach(() => sandbox.faults.reset());

const url = (key: string): string => `${sandbox.ready.spaces.endpoint}/${Bucket}/${key}`;
const hashOf = async (Key: string): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return sha256(Buffer.from(await Body!.transformToByteArray()));
};

it('lets nobody in without a signature, but to what is public', async () => {
  const body = randomBytes(100);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'private.jpg', Body: body }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'public.jpg', Body: body, ACL: 'public-read' }));
  expect((await call('GET', url('private.jpg'))).status).toBe(403);
  expect((await call('HEAD', url('missing.jpg'))).status).toBe(403);
  expect((await call('PUT', url('public.jpg'), { body })).status).toBe(403);
  expect((await call('DELETE', url('public.jpg'))).status).toBe(403);
  expect((await call('GET', url(''))).status).toBe(403);
  const seen = await call('GET', url('public.jpg'));
  expect([seen.status, seen.headers.etag, seen.headers['x-amz-acl']]).toEqual([200, `"${md5(body)}"`, undefined]);
  expect((await call('HEAD', `${sandbox.ready.spaces.endpoint}/`)).status).toBe(200);
});

it('keeps the object that was there when a PUT over it breaks off', async () => {
  const body = randomBytes(mebibyte);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'kept.jpg', Body: body }));
  await sandbox.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'reset-mid-body', afterBytes: 100_000 }, times: 1 });
  await expect(s3.send(new PutObjectCommand({ Bucket, Key: 'kept.jpg', Body: randomBytes(mebibyte) }))).rejects.toThrow();
  expect(await hashOf('kept.jpg')).toBe(sha256(body));
});

it('refuses a PUT that is not what its Content-MD5 says', async () => {
  const put = new PutObjectCommand({ Bucket, Key: 'digest.jpg', Body: randomBytes(100), ContentMD5: md5Base64(randomBytes(100)) });
  await expect(s3.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(s3.send(new HeadObjectCommand({ Bucket, Key: 'digest.jpg' }))).rejects.toMatchObject({ name: 'NotFound' });
});

it('takes lib-storage’s multipart uploads, with the ETag that S3 gives them', async () => {
  const body = randomBytes(12 * mebibyte);
  const done = await new Upload({ client: s3, params: { Bucket, Key: 'large.jpg', Body: body, ContentType: 'image/jpeg' }, partSize: 5 * mebibyte }).done();
  expect(done.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'large.jpg' }));
  expect([head.ETag, head.ContentLength, head.ContentType]).toEqual([done.ETag, body.length, 'image/jpeg']);
  expect(await hashOf('large.jpg')).toBe(sha256(body));
});

it('holds multipart uploads to their parts', async () => {
  const Key = 'parts.jpg';
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const bodies = [randomBytes(5 * mebibyte), randomBytes(1000), randomBytes(500)];
  const etags: (string | undefined)[] = [];
  for (const [index, Body] of bodies.entries()) etags.push((await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body }))).ETag);
  const complete = (parts: [PartNumber: number, ETag: string | undefined][]) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts.map(([PartNumber, ETag]) => ({ PartNumber, ETag })) } }));

  const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 2 }));
  expect(listed.Parts?.map(({ PartNumber, Size, ETag }) => [PartNumber, Size, ETag])).toEqual([[1, 5 * mebibyte, etags[0]], [2, 1000, etags[1]]]);
  const rest = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: listed.NextPartNumberMarker }));
  expect([listed.IsTruncated, rest.IsTruncated, rest.Parts?.length]).toEqual([true, false, 1]);
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toMatchObject([{ Key, UploadId }]);

  await expect(complete([[1, etags[1]]])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete([[1, etags[0]], [4, etags[1]]])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete([[2, etags[1]], [1, etags[0]]])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete([[1, etags[0]], [2, etags[1]], [3, etags[2]]])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await complete([[1, etags[0]], [2, etags[1]]]);
  expect(await hashOf(Key)).toBe(sha256(Buffer.concat(bodies.slice(0, 2))));
  await expect(complete([[1, etags[0]]])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it.each(['0123456789abcdef0123456789abcdef', '../../clinic-photos'])('knows no upload %j', async (UploadId) => {
  const Key = 'nothing.jpg';
  await expect(s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'x' }))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(s3.send(new ListPartsCommand({ Bucket, Key, UploadId }))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('lists more objects than fit into one answer, in order, each once', async () => {
  const keys = Array.from({ length: 1_050 }, (_, index) => `many/${index % 7}/ñ ${index}.jpg`);
  const rest = keys.values();
  const body = randomBytes(10);
  await Promise.all(Array.from({ length: 8 }, async () => { for (const Key of rest) await s3.send(new PutObjectCommand({ Bucket, Key, Body: body })); }));
  const sorted = keys.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const listed = async (most: number | undefined): Promise<(string | undefined)[]> => {
    const found: (string | undefined)[] = [];
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/', ContinuationToken: token, MaxKeys: most }));
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
      token = page.NextContinuationToken;
      expect(page.IsTruncated).toBe(token !== undefined);
    }
    return found;
  };
  expect(await listed(undefined)).toEqual(sorted);
  expect(await listed(97)).toEqual(sorted);
  const { Contents, CommonPrefixes } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/', Delimiter: '/' }));
  expect([Contents, CommonPrefixes?.map(({ Prefix }) => Prefix)]).toEqual([undefined, ['many/0/', 'many/1/', 'many/2/', 'many/3/', 'many/4/', 'many/5/', 'many/6/']]);
  await expect(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'nonsense' }))).rejects.toMatchObject({ name: 'InvalidArgument' });
  const store = await call('GET', `${sandbox.ready.control}/store?hash=no`);
  expect(store.status).toBe(200);
  expect(store.json.objects.filter(({ key, size, etag }: { key: string; size: number; etag: string }) => key.startsWith('many/') && size === 10 && etag === md5(body))).toHaveLength(1_050);
}, 120_000);
