/** @file The main job on a real Ceph gateway, every step a process of its own: the sandbox, `add`, `sync`. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { spreadSizes, writePhotos } from '../test-support/photos.ts';
import { createTestCommandLine, type Started } from './testing-command-line.ts';

const photoCount = 50;
const megabyte = 1_000_000;
const patience = 300_000;

const readySchema = z.object({ gateway: z.string(), email: z.string(), password: z.string(), patients: z.array(z.object({ id: z.string() })) });

let dir: string;
let sandbox: Started;
let ready: z.infer<typeof readySchema>;
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('SPACES_'))) as Record<string, string>;
const spaces = new S3Client({
  endpoint: environment['SPACES_ENDPOINT'], region: environment['SPACES_REGION'], forcePathStyle: true,
  credentials: { accessKeyId: environment['SPACES_ACCESS_KEY'] ?? '', secretAccessKey: environment['SPACES_SECRET_KEY'] ?? '' },
  requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
});
const Bucket = environment['SPACES_BUCKET'];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-ceph-'));
  sandbox = createTestCommandLine(join(dir, 'sandbox'), environment).start(['sandbox', '--spaces', 'env', '--data-dir', join(dir, 'sandbox')]);
  const [line] = await once(createInterface(sandbox.child.stdout), 'line') as [string];
  ready = readySchema.parse(JSON.parse(line));
}, patience);
afterAll(async () => {
  sandbox?.child.kill('SIGTERM');
  await sandbox?.ended;
  spaces.destroy();
  await rm(dir, { recursive: true, force: true });
}, patience);

/** Every object in the bucket, read back and hashed. */
async function storedDigests(): Promise<string[]> {
  const digests: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await spaces.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await spaces.send(new GetObjectCommand({ Bucket, Key }));
      const hash = createHash('sha256');
      for await (const chunk of Body as AsyncIterable<Uint8Array>) hash.update(chunk);
      digests.push(hash.digest('hex'));
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return digests;
}

test(`${photoCount} photos of 0.2 to 40 MB arrive byte for byte, and leave no unfinished upload`, async () => {
  const cli = createTestCommandLine(join(dir, 'data'));
  const photos = await writePhotos(join(dir, 'card'), photoCount, { seed: 'ceph', sizeOf: spreadSizes('ceph', 0.2 * megabyte, 40 * megabyte) });
  const before = new Set(await storedDigests());
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  expect((await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: `${ready.password}\n` })).exitCode).toBe(0);

  const added = await cli.json('added', ['add', '--patient', ready.patients[0]?.id ?? '', join(dir, 'card')]);
  expect(added.exitCode).toBe(0);
  expect(added.documents.filter((one) => one.outcome === 'queued')).toHaveLength(photoCount);

  const synced = await cli.json('sync', ['sync']);
  expect(synced).toMatchObject({ exitCode: 0, documents: [{ completed: photoCount, waiting: 0, needsAttention: 0 }] });

  const arrived = (await storedDigests()).filter((digest) => !before.has(digest));
  expect(arrived.toSorted()).toEqual(photos.map((photo) => photo.sha256).toSorted());
  expect((await spaces.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
}, patience);
