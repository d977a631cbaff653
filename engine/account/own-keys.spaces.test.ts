/** @file Own keys on a real Ceph gateway, with the key of a user who may do in one bucket what its policy says, and nothing else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OwnKeysInput, OwnKeysTest } from '../../shared/domain/own-keys.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { systemClock } from '../clock.ts';
import type { Engine } from '../engine-types.ts';
import { openEngine } from '../open-engine.ts';
import { toLoopback } from '../transport/loopback-for-tests.ts';
import { createNodeHttp } from '../transport/node-http.ts';
import type { S3Target } from '../transport/s3-calls.ts';
import { testOwnKeys } from './own-keys-test.ts';

/** What `npm run test:spaces` sets. */
function fromEnvironment(name: string): string {
  const value = process.env[`SPACES_${name}`];
  if (!value) throw new Error(`SPACES_${name} is not set: run npm run test:spaces`);
  return value;
}

const endpoint = fromEnvironment('ENDPOINT');
const bucket = 'clinic-own-photos';
/** All that sending photos needs. */
const needed = ['PutObject', 'GetObject', 'DeleteObject', 'AbortMultipartUpload', 'ListMultipartUploadParts', 'ListBucket', 'ListBucketMultipartUploads'];
const owner = new S3Client({
  endpoint, region: fromEnvironment('REGION'), forcePathStyle: true, credentials: { accessKeyId: fromEnvironment('ACCESS_KEY'), secretAccessKey: fromEnvironment('SECRET_KEY') },
});
const styles = [
  { name: 'path', keys: { endpoint, pathStyle: true } },
  { name: 'host', keys: { endpoint: endpoint.replace('127.0.0.1', 'localhost'), pathStyle: false } },
];
const limited: S3Target = { ...styles[0]!.keys, region: fromEnvironment('REGION'), bucket, accessKeyId: fromEnvironment('GUEST_ACCESS_KEY'), secretAccessKey: fromEnvironment('GUEST_SECRET_KEY') };

async function guestMay(actions: readonly string[]): Promise<void> {
  const Statement = [{
    Effect: 'Allow', Principal: { AWS: ['arn:aws:iam:::user/guest'] }, Action: actions.map((action) => `s3:${action}`), Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  }];
  await owner.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
}

async function inBucket(): Promise<{ objects: string[]; unfinished: number }> {
  const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: bucket }));
  const { Uploads = [] } = await owner.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  return { objects: Contents.map(({ Key = '' }) => Key), unfinished: Uploads.length };
}

beforeAll(async () => { await owner.send(new CreateBucketCommand({ Bucket: bucket })); });
afterAll(() => { owner.destroy(); });

describe('the test of keys', () => {
  const http = createNodeHttp({ lookup: toLoopback });
  afterAll(() => { http.close(); });
  const outcomes = async (change: Partial<S3Target> = {}): Promise<string[]> => {
    const { steps }: OwnKeysTest = await testOwnKeys({ http, clock: systemClock, signal: new AbortController().signal }, { ...limited, ...change });
    return steps.map(({ outcome, failure }) => [outcome, failure?.detail].filter(Boolean).join(' '));
  };

  test.each(styles)('says what Ceph says, with the bucket in the $name', async ({ keys }) => {
    await guestMay(['ListAllMyBuckets']);
    expect(await outcomes(keys)).toEqual(['failed AccessDenied', 'not-tried', 'not-tried']);
    await guestMay(['PutObject', 'DeleteObject']);
    expect(await outcomes(keys)).toEqual(['ok', expect.stringMatching(/^failed (malformed|AccessDenied)$/), 'ok']);
    await guestMay(needed.filter((action) => action !== 'ListBucketMultipartUploads'));
    expect(await outcomes(keys)).toEqual(['ok', 'failed AccessDenied', 'ok']);
    await guestMay(needed.filter((action) => action !== 'DeleteObject'));
    expect(await outcomes(keys)).toEqual(['ok', 'ok', 'failed AccessDenied']);
    await guestMay(needed);
    expect(await outcomes(keys)).toEqual(['ok', 'ok', 'ok']);
    expect(await outcomes({ ...keys, secretAccessKey: 'wrong' })).toEqual(['failed SignatureDoesNotMatch', 'not-tried', 'not-tried']);
    expect(await outcomes({ ...keys, accessKeyId: 'NOBODY' })).toEqual(['failed InvalidAccessKeyId', 'not-tried', 'not-tried']);
    expect(await outcomes({ ...keys, bucket: 'no-such-bucket' })).toEqual([expect.stringMatching(/^failed (NoSuchBucket|AccessDenied)$/), 'not-tried', 'not-tried']);
  });
});

describe('photos', () => {
  let dir: string;
  let backend: Awaited<ReturnType<typeof temporarySandbox>>;
  let engine: Engine;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'relevo-own-keys-ceph-'));
    backend = await temporarySandbox();
    const { ready } = backend.sandbox;
    engine = await openEngine({
      dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(3), source: 'environment' }, kind: 'cli', http: createNodeHttp({ lookup: toLoopback }), defaults: { gateway: ready.gateway },
    });
    await engine.calls.signIn({ email: ready.email, password: ready.password });
    await guestMay(needed);
  });
  afterAll(async () => {
    await engine?.close();
    await backend?.dispose();
    await rm(dir, { recursive: true, force: true });
  });

  test.each(styles)('go to the bucket with the limited key, of one part and of several, verified; with the bucket in the $name', async ({ name, keys }) => {
    const given: OwnKeysInput = { ...limited, ...keys };
    const before = (await inBucket()).objects.filter((key) => key.startsWith('relevo/')).length;
    expect(await engine.calls.saveOwnKeys(given)).toMatchObject({ saved: true });
    const patientId = backend.sandbox.ready.patients[0]?.id ?? '';
    for (const [index, sizeBytes] of [300_000, 20_000_000].entries()) {
      const bytes = new Uint8Array(await makePhoto({ seed: `ceph ${name} ${index}`, sizeBytes }));
      expect(await engine.calls.addBytes({ batchId: name, patientId, fileName: `${index}.jpg`, bytes })).toMatchObject({ outcome: 'queued' });
    }
    expect(await engine.calls.sync({ timeoutSeconds: 60 })).toMatchObject({ waiting: 0, needsAttention: 0 });
    const { objects, unfinished } = await inBucket();
    expect([objects.filter((key) => key.startsWith('relevo/')).length - before, unfinished, backend.sandbox.store.photos().length]).toEqual([2, 0, 0]);
    await engine.calls.removeOwnKeys();
  });
});
