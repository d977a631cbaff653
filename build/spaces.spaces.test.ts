import { mkdtemp } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { type SpacesEnvironment, startSpaces, stopSpaces } from './spaces.ts';

async function buckets(spaces: SpacesEnvironment): Promise<(string | undefined)[]> {
  const client = new S3Client({
    endpoint: spaces.SPACES_ENDPOINT,
    region: spaces.SPACES_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: spaces.SPACES_ACCESS_KEY, secretAccessKey: spaces.SPACES_SECRET_KEY },
  });
  const answer = await client.send(new ListBucketsCommand());
  client.destroy();
  return (answer.Buckets ?? []).map((bucket) => bucket.Name);
}

test('a second gateway beside the first has its own ports and store, and leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-spaces-second-'));
  const second = await startSpaces(folder);
  try {
    expect(second.SPACES_ENDPOINT).not.toBe(process.env.SPACES_ENDPOINT);
    expect(await buckets(second)).toEqual([second.SPACES_BUCKET]);
  } finally {
    await stopSpaces(folder);
  }
  expect(existsSync(folder)).toBe(false);
  await expect(fetch(second.SPACES_ENDPOINT)).rejects.toThrow();
  // The first is untouched; other tests may have made buckets of their own there.
  expect(await buckets(process.env as SpacesEnvironment)).toContain(process.env.SPACES_BUCKET);
});
