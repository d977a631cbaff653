import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { SpacesLink } from './link.ts';
import type { Timeouts } from '../options.ts';

export interface SpacesTarget {
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface StoredPart {
  number: number;
  size: number;
  /** Without quotes. */
  etag: string;
}

function bare(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

/** True when Spaces answered that there is no such object or multipart upload. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
}

/**
 * What media asks of Spaces. Errors are the SDK's: an S3ServiceException when Spaces answered, else one with the socket's
 * `code`, or the name TimeoutError.
 */
export class SpacesClient {
  readonly #target: SpacesTarget;
  readonly #link: SpacesLink;
  readonly #timeouts: Timeouts;
  readonly #stopped: AbortSignal;
  readonly #clients = new Map<string, S3Client>();

  /** `stopped` ends whatever is under way, as the end of the process would. */
  constructor(deps: { target: SpacesTarget; link: SpacesLink; timeouts: Timeouts; stopped: AbortSignal }) {
    this.#target = deps.target;
    this.#link = deps.link;
    this.#timeouts = deps.timeouts;
    this.#stopped = deps.stopped;
    deps.stopped.addEventListener('abort', () => this.#clients.forEach((client) => client.destroy()), { once: true });
  }

  #client(profile: 'boto' | 'session'): S3Client {
    // A key that Spaces does not accept is the one way to be truly answered 403.
    const forbidden = this.#link.fault === 'forbidden';
    const name = `${profile}${forbidden ? ' forbidden' : ''}`;
    const existing = this.#clients.get(name);
    if (existing) return existing;
    const { endpoint, region, accessKeyId, secretAccessKey } = this.#target;
    const { mediaConnectMs, mediaReadMs, sessionConnectMs, sessionReadMs } = this.#timeouts;
    const agent = this.#link.createAgent(endpoint.startsWith('https:'));
    const [connectionTimeout, socketTimeout] = profile === 'boto' ? [mediaConnectMs, mediaReadMs] : [sessionConnectMs, sessionReadMs];
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey: forbidden ? `not ${secretAccessKey}` : secretAccessKey },
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { httpAgent: agent, httpsAgent: agent, connectionTimeout, socketTimeout },
    });
    client.middlewareStack.add(
      (next) => async (given) => {
        if (this.#link.slowMs > 0) await delay(this.#link.slowMs, undefined, { signal: this.#stopped });
        return next(given);
      },
      { step: 'deserialize', name: 'slowSpaces', priority: 'low' },
    );
    this.#clients.set(name, client);
    return client;
  }

  /**
   * Stores as boto3's `upload_fileobj` would: readable by everybody, several tries, each with its own time limits, a random
   * doubling wait between them. It takes up to `mediaTries` × (connect + read), long after the gateway has given up.
   *
   * @returns the ETag without quotes
   */
  async putPublic(key: string, body: Buffer, contentType: string): Promise<string> {
    const { mediaTries, mediaBackoffMs } = this.#timeouts;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const upload = new Upload({
          client: this.#client('boto'),
          params: { Bucket: this.#target.bucket, Key: key, Body: body, ContentType: contentType, ACL: 'public-read' },
        });
        return bare((await upload.done()).ETag);
      } catch (error) {
        const final = error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
        if (final || attempt >= mediaTries || this.#stopped.aborted) throw error;
        await delay(Math.random() * mediaBackoffMs * 2 ** (attempt - 1), undefined, { signal: this.#stopped });
      }
    }
  }

  async deleteObjects(keys: string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#client('session').send(new DeleteObjectsCommand({ Bucket: this.#target.bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }));
  }

  async listKeys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.#client('session').send(new ListObjectsV2Command({ Bucket: this.#target.bucket, Prefix: prefix }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async head(key: string): Promise<{ size: number; etag: string } | undefined> {
    try {
      const { ContentLength = 0, ETag } = await this.#client('session').send(new HeadObjectCommand({ Bucket: this.#target.bucket, Key: key }));
      return { size: ContentLength, etag: bare(ETag) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Reads the object back and hashes it: hexadecimal. */
  async sha256Of(key: string): Promise<string> {
    const { Body } = await this.#client('session').send(new GetObjectCommand({ Bucket: this.#target.bucket, Key: key }));
    const hash = createHash('sha256');
    for await (const chunk of Body as Readable) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  async createMultipart(key: string, contentType: string): Promise<string> {
    const { UploadId } = await this.#client('session').send(new CreateMultipartUploadCommand({ Bucket: this.#target.bucket, Key: key, ContentType: contentType }));
    if (UploadId === undefined) throw new Error('Spaces gave no upload id');
    return UploadId;
  }

  /** Undefined when Spaces no longer knows the upload. */
  async listParts(key: string, uploadId: string): Promise<StoredPart[] | undefined> {
    const parts: StoredPart[] = [];
    let marker: string | undefined;
    try {
      do {
        const page = await this.#client('session').send(
          new ListPartsCommand({ Bucket: this.#target.bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker }),
        );
        for (const { PartNumber = 0, Size = 0, ETag } of page.Parts ?? []) parts.push({ number: PartNumber, size: Size, etag: bare(ETag) });
        marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
      return parts;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async completeMultipart(key: string, uploadId: string, parts: readonly { number: number; etag: string }[]): Promise<void> {
    await this.#client('session').send(
      new CompleteMultipartUploadCommand({
        Bucket: this.#target.bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` })) },
      }),
    );
  }

  /** Also fine when Spaces no longer knows the upload. */
  async abortMultipart(key: string, uploadId: string): Promise<void> {
    try {
      await this.#client('session').send(new AbortMultipartUploadCommand({ Bucket: this.#target.bucket, Key: key, UploadId: uploadId }));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async probe(): Promise<void> {
    await this.#client('session').send(new HeadBucketCommand({ Bucket: this.#target.bucket }));
  }
}
