/** @file The operations of S3 that s3rver lacks, and who may read without a signature; everything else goes on to s3rver. */
import type { Context, Middleware } from '@20minutes/s3rver';
import authentication from '@20minutes/s3rver/lib/middleware/authentication.js';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import type { DiskStore } from './disk-store.ts';
import { listObjects } from './list-objects.ts';

const xmlns = { '@': { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' } };

function isSigned({ headers, query }: Context): boolean {
  return headers['authorization'] !== undefined || query['X-Amz-Signature'] !== undefined || query['Signature'] !== undefined;
}

/** Path-style only: `/bucket/key`. */
function splitPath(path: string): { bucket: string; key: string } {
  const [bucket = '', ...rest] = path.slice(1).split('/').map(decodeURIComponent);
  return { bucket, key: rest.join('/') };
}

async function listParts(context: Context, store: DiskStore, bucket: string, key: string, uploadId: string): Promise<void> {
  const after = Number(context.query['part-number-marker'] ?? 0);
  const limit = Math.min(1000, Number(context.query['max-parts'] ?? 1000));
  const rest = (await store.listParts(bucket, uploadId)).filter(({ number }) => number > after);
  const page = rest.slice(0, limit);
  context.body = {
    ListPartsResult: {
      ...xmlns,
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      PartNumberMarker: after,
      NextPartNumberMarker: page.at(-1)?.number ?? after,
      MaxParts: limit,
      IsTruncated: rest.length > page.length,
      Part: page.map(({ number, size, etag, modifiedAt }) => ({ PartNumber: number, LastModified: modifiedAt.toISOString(), ETag: `"${etag}"`, Size: size })),
    },
  };
}

async function listUploads(context: Context, store: DiskStore, bucket: string): Promise<void> {
  const uploads = await store.listUploads(bucket);
  context.body = {
    ListMultipartUploadsResult: {
      ...xmlns,
      Bucket: bucket,
      MaxUploads: Math.max(1000, uploads.length),
      IsTruncated: false,
      Upload: uploads.map(({ uploadId, key, startedAt }) => ({ Key: key, UploadId: uploadId, Initiated: startedAt.toISOString() })),
    },
  };
}

/** Without a signature: reading an object that is public, and an empty list of buckets, as Ceph's gateway gives. */
async function answerUnsigned(context: Context, next: () => Promise<void>, store: DiskStore, bucket: string, key: string): Promise<void> {
  if (context.method === 'GET' || context.method === 'HEAD') {
    if (bucket === '') {
      context.body = { ListAllMyBucketsResult: { ...xmlns, Owner: { ID: 'anonymous', DisplayName: '' }, Buckets: '' } };
      return;
    }
    if (key !== '' && context.query['uploadId'] === undefined && (await store.isPublic(bucket, key))) return next();
  }
  throw new S3Error('AccessDenied', 'Access Denied');
}

export function missingOperations(store: DiskStore): Middleware {
  const authenticate = authentication();
  return async (context, next) => {
    const { bucket, key } = splitPath(context.path);
    if (!isSigned(context)) return answerUnsigned(context, next, store, bucket, key);
    const { method, query } = context;
    const { uploadId } = query;
    if (key === '' && bucket !== '' && context.path.endsWith('/')) {
      // s3rver checks the signature of `/bucket` where the SDK signed, and asked for, `/bucket/`; its way of reading mounted
      // virtual hosts puts the slash back.
      context.state['vhost'] = true;
      context.mountPath = '/';
    }
    const signed = (answer: () => Promise<void>): Promise<void> => {
      context.params = key === '' ? { bucket } : { bucket, key };
      return authenticate(context, answer) as Promise<void>;
    };
    if (key !== '' && uploadId !== undefined && method === 'GET') return signed(() => listParts(context, store, bucket, key, uploadId));
    if (key !== '' && uploadId !== undefined && method === 'DELETE') {
      return signed(async () => {
        await store.abortUpload(bucket, uploadId);
        context.status = 204;
      });
    }
    if (key === '' && bucket !== '' && method === 'GET' && 'uploads' in query) return signed(() => listUploads(context, store, bucket));
    if (key === '' && bucket !== '' && method === 'GET' && query['list-type'] === '2') return signed(() => listObjects(context, store, bucket));
    return next();
  };
}
