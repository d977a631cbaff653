import { createHash } from 'node:crypto';
import type { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { AnswerError } from './answer-error.ts';
import { HttpError, type Http } from './http.ts';
import { s3HttpHandler, type Bodies, type Takers } from './s3-http-handler.ts';
import type { PartBody, StoredPart } from './transport.ts';
import { bareEtag } from './wire.ts';

export interface S3Target {
  /** Origin of the store, such as https://ams3.digitaloceanspaces.com */
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket in the path instead of the host name. */
  pathStyle: boolean;
}

/** The largest object that is read back to be compared. */
const mostReadBack = 1024 ** 3;

/**
 * The AWS SDK, and a client of it. Loaded with the first call: it is a sixth of a command's start and 16 MB of memory, and only a clinic with
 * keys of its own has a use for it.
 */
type Sdk = typeof import('@aws-sdk/client-s3') & { client: S3Client };

async function openSdk(http: Http, target: S3Target, bodies: Bodies, takers: Takers): Promise<Sdk> {
  const sdk = await import('@aws-sdk/client-s3');
  const client = new sdk.S3Client({
    endpoint: target.endpoint,
    region: target.region,
    forcePathStyle: target.pathStyle,
    credentials: { accessKeyId: target.accessKeyId, secretAccessKey: target.secretAccessKey },
    maxAttempts: 1,
    // Trailing checksums on streams are refused by older gateways; the explicit Content-MD5 protects the bytes.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: s3HttpHandler(http, bodies, takers, mostReadBack),
  });
  // The body is signed by its Content-MD5, which is a signed header; hashing it again for the signature would cost as much as the sending.
  client.middlewareStack.add((next) => (given) => {
    const request = given.request as { headers: Record<string, string>; body?: unknown };
    if (typeof request.body === 'object' && request.body !== null && bodies.has(request.body)) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
    return next(given);
  }, { step: 'build', name: 'unsignedPayload' });
  return { ...sdk, client };
}

export type S3Calls = ReturnType<typeof createS3Calls>;

/**
 * The calls that a transport needs of S3, as commands of the AWS SDK over the `Http` port. None is retried.
 * All reject with `HttpError` or `AnswerError` (with S3's code).
 */
export function createS3Calls(http: Http, clock: Clock, target: S3Target) {
  const bodies: Bodies = new WeakMap();
  const takers: Takers = new WeakMap();
  const { bucket: Bucket } = target;
  let opened: Promise<Sdk> | undefined;

  async function call<T>(work: (sdk: Sdk) => Promise<T>): Promise<T> {
    try {
      return await work(await (opened ??= openSdk(http, target, bodies, takers)));
    } catch (error) {
      throw translated(error);
    }
  }

  /** The same, with an answer for "there is none". */
  async function orNone<T>(work: (sdk: Sdk) => Promise<T>): Promise<T | undefined> {
    try {
      return await call(work);
    } catch (error) {
      if (error instanceof AnswerError && error.status === 404 && error.code !== 'NoSuchBucket') return undefined;
      throw error;
    }
  }

  function bodyOf(part: PartBody, onSent: ((bytes: number) => void) | undefined) {
    const Body = new Uint8Array(0);
    bodies.set(Body, { chunks: part.chunks, ...(onSent ? { onSent } : {}), ...(part.free ? { onStored: part.free } : {}) });
    return { Body, ContentLength: part.sizeBytes, ContentMD5: Buffer.from(part.md5, 'hex').toString('base64') };
  }

  return {
    head: (Key: string, abortSignal: AbortSignal) => orNone(async ({ client, HeadObjectCommand }) => {
      const answer = await client.send(new HeadObjectCommand({ Bucket, Key }), { abortSignal });
      return {
        sizeBytes: answer.ContentLength ?? -1,
        etag: bareEtag(answer.ETag ?? ''),
        sha256: answer.Metadata?.['sha256'],
        modifiedAt: answer.LastModified?.getTime() ?? clock.now(),
      };
    }),

    /** @returns the upload's id at the store. */
    create: (Key: string, photo: PhotoFacts, abortSignal: AbortSignal) => call(async ({ client, CreateMultipartUploadCommand }) => {
      const command = new CreateMultipartUploadCommand({ Bucket, Key, ContentType: photo.contentType, Metadata: { sha256: photo.sha256 } });
      const { UploadId } = await client.send(command, { abortSignal });
      if (!UploadId) throw new AnswerError({ endpoint: 'spaces', status: 200, code: 'malformed' });
      return UploadId;
    }),

    /** Uploads begun under this key and not ended, the newest first. */
    unfinished: (key: string, abortSignal: AbortSignal) => call(async ({ client, ListMultipartUploadsCommand }) => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: key }), { abortSignal });
      return Uploads.filter(({ Key }) => Key === key)
        .sort((one, other) => (other.Initiated?.getTime() ?? 0) - (one.Initiated?.getTime() ?? 0))
        .map(({ UploadId = '' }) => UploadId);
    }),

    /** Undefined where the store knows no such upload (any more). */
    parts: (Key: string, UploadId: string, abortSignal: AbortSignal) => orNone(async ({ client, ListPartsCommand }) => {
      const parts: StoredPart[] = [];
      for (let marker: string | undefined; ;) {
        const page = await client.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: marker }), { abortSignal });
        for (const { PartNumber = 0, Size = 0, ETag = '' } of page.Parts ?? []) parts.push({ number: PartNumber, sizeBytes: Size, etag: bareEtag(ETag) });
        if (!page.IsTruncated || page.NextPartNumberMarker === marker) return parts;
        marker = page.NextPartNumberMarker;
      }
    }),

    /** The whole photo as one object. @returns its ETag. */
    put: (Key: string, photo: Pick<PhotoFacts, 'contentType' | 'sha256'>, part: PartBody, abortSignal: AbortSignal, onSent?: (bytes: number) => void) => call(async ({ client, PutObjectCommand }) => {
      const command = new PutObjectCommand({ Bucket, Key, ContentType: photo.contentType, Metadata: { sha256: photo.sha256 }, ...bodyOf(part, onSent) });
      return bareEtag((await client.send(command, { abortSignal })).ETag ?? '');
    }),

    /** @returns the part's ETag. */
    putPart: (Key: string, UploadId: string, part: PartBody, abortSignal: AbortSignal, onSent?: (bytes: number) => void) => call(async ({ client, UploadPartCommand }) => {
      const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: part.number, ...bodyOf(part, onSent) });
      return bareEtag((await client.send(command, { abortSignal })).ETag ?? '');
    }),

    complete: (Key: string, UploadId: string, parts: readonly StoredPart[], abortSignal: AbortSignal) => call(async ({ client, CompleteMultipartUploadCommand }) => {
      const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` }));
      await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }), { abortSignal });
    }),

    /** Fine where the store knows no such upload. */
    abort: (Key: string, UploadId: string, abortSignal: AbortSignal) => orNone(({ client, AbortMultipartUploadCommand }) => client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal })),

    /** Fine where there is no such object. */
    remove: (Key: string, abortSignal: AbortSignal) => call(async ({ client, DeleteObjectCommand }) => { await client.send(new DeleteObjectCommand({ Bucket, Key }), { abortSignal }); }),

    /** Reads the whole object back, a piece at a time. */
    sha256: (Key: string, signal: AbortSignal) => call(async ({ client, GetObjectCommand }) => {
      const hash = createHash('sha256');
      const abortSignal = AbortSignal.any([signal]);
      takers.set(abortSignal, (piece) => { hash.update(piece); });
      await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal });
      return hash.digest('hex');
    }),
  };
}

/** The SDK's errors in the engine's words. */
function translated(error: unknown): unknown {
  if (error instanceof HttpError || error instanceof AnswerError) return error;
  if (isServiceException(error)) {
    const { httpStatusCode: status = 0 } = error.$metadata;
    const headers = (error.$response?.headers ?? {}) as Record<string, string>;
    // A HEAD is answered without a body, so the SDK can only name the status.
    const code = /^(UnknownError|Unknown|NotFound)$/.test(error.name) ? (status === 404 ? 'NoSuchKey' : 'malformed') : error.name;
    return new AnswerError({ endpoint: 'spaces', status, code, headers, traceId: error.$metadata.requestId });
  }
  if (error instanceof Error && error.name === 'AbortError') return new HttpError({ reason: 'aborted', endpoint: 'spaces', requestSent: false });
  // The SDK could not read what came: not in the words of S3.
  const status = (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
  return status === undefined ? error : new AnswerError({ endpoint: 'spaces', status, code: 'malformed' });
}

/** By its shape, since its class may not have been loaded. */
function isServiceException(error: unknown): error is S3ServiceException {
  return error instanceof Error && '$fault' in error && '$metadata' in error;
}
