/**
 * @file ListObjectsV2. s3rver has one of its own, but writes its continuation token with DES, which the OpenSSL of today refuses, and so
 * fails as soon as there are more objects than fit into one answer.
 */
import type { Context } from '@20minutes/s3rver';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import type { DiskStore } from './disk-store.ts';

const most = 1000;

/** What goes on behind this key or common prefix. Opaque to clients, as S3's is. */
function tokenOf(last: string): string {
  return Buffer.from(JSON.stringify({ after: last })).toString('base64url');
}

function readToken(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { after?: unknown };
    if (typeof after === 'string') return after;
  } catch { /* Not one of ours. */ }
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', { ArgumentName: 'continuation-token' });
}

export async function listObjects(context: Context, store: DiskStore, bucket: string): Promise<void> {
  const { query } = context;
  const { prefix = '', delimiter = '', 'continuation-token': token, 'start-after': startAfter } = query;
  const limit = Number(query['max-keys'] ?? most);
  if (!Number.isInteger(limit) || limit < 0) throw new S3Error('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647', { ArgumentName: 'maxKeys' });
  if (!await store.getBucket(bucket)) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: bucket });
  const after = token === undefined ? startAfter : readToken(token);
  const entries = entriesOf(await store.listKeys(bucket, prefix), prefix, delimiter).filter((entry) => after === undefined || isBehind(entry.name, after));
  const page = entries.slice(0, Math.min(most, limit));
  const isTruncated = page.length > 0 && entries.length > page.length;
  // An object may go between the listing and the question.
  const objects = await Promise.all(page.filter((entry) => !entry.isPrefix).map(async ({ name }) => ({ name, metadata: await store.getMetadata(bucket, name).catch(() => undefined) })));
  context.body = {
    ListBucketResult: {
      '@': { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' },
      Name: bucket, Prefix: prefix, Delimiter: delimiter || undefined, MaxKeys: limit, KeyCount: page.length, IsTruncated: isTruncated,
      StartAfter: token === undefined ? startAfter : undefined, ContinuationToken: token, NextContinuationToken: isTruncated ? tokenOf(page.at(-1)!.name) : undefined,
      Contents: objects.flatMap(({ name, metadata }) => metadata ? [{
        Key: name, LastModified: new Date(metadata['last-modified']).toISOString(), ETag: metadata.etag, Size: Number(metadata['content-length']), StorageClass: 'STANDARD',
      }] : []),
      CommonPrefixes: page.filter((entry) => entry.isPrefix).map(({ name }) => ({ Prefix: name })),
    },
  };
}

interface Entry { name: string; isPrefix: boolean }

/** Keys with the delimiter behind the prefix are one entry together. */
function entriesOf(keys: readonly string[], prefix: string, delimiter: string): Entry[] {
  const entries: Entry[] = [];
  for (const key of keys) {
    const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = at < 0 ? { name: key, isPrefix: false } : { name: key.slice(0, at + delimiter.length), isPrefix: true };
    if (!entry.isPrefix || entries.at(-1)?.name !== entry.name) entries.push(entry);
  }
  return entries;
}

function isBehind(name: string, after: string): boolean {
  return Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0;
}
