/**
 * @file The disk store of s3rver, mended where a client could tell it from Spaces.
 *
 * What s3rver 5 does otherwise: it writes uploads in place, so a broken one leaves half an object behind; ignores Content-MD5;
 * takes parts for, and completes, uploads that do not exist; never compares the parts' ETags; answers the MD5 of the whole
 * as ETag of a multipart object; lists keys in whatever order the disk has them; and forgets `x-amz-acl`.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';

export interface StoredPart {
  number: number;
  size: number;
  etag: string;
  modifiedAt: Date;
}

export interface UnfinishedUpload {
  uploadId: string;
  key: string;
  startedAt: Date;
}

function noSuchUpload(uploadId: string): S3Error {
  return new S3Error('NoSuchUpload', 'The specified multipart upload does not exist.', { UploadId: uploadId });
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Of the file that holds an object's bytes. */
const objectSuffix = '._S3rver_object';

export class DiskStore extends FilesystemStore {
  /** Beside the buckets, on the same disk, so that a finished file can be renamed into place. */
  readonly #incoming: string;
  readonly #minPartBytes: number;

  constructor(options: { objects: string; incoming: string; minPartBytes: number }) {
    super(options.objects);
    this.#incoming = options.incoming;
    this.#minPartBytes = options.minPartBytes;
  }

  override async putContent(path: string, content: unknown): Promise<[size: number, md5: string]> {
    const incoming = join(this.#incoming, randomUUID());
    const md5 = createHash('md5');
    const headers = (content as Partial<IncomingMessage>).headers ?? {};
    const declared = headers['x-amz-content-sha256'];
    // Only a signed request of a client that hashed its body declares it; presigned ones say UNSIGNED-PAYLOAD.
    const sha256 = typeof declared === 'string' && /^[0-9a-f]{64}$/i.test(declared) ? createHash('sha256') : undefined;
    let size = 0;
    try {
      await pipeline(
        Buffer.isBuffer(content) ? Readable.from([content]) : (content as Readable),
        async function* hash(source: AsyncIterable<Buffer>) {
          for await (const chunk of source) {
            md5.update(chunk);
            sha256?.update(chunk);
            size += chunk.length;
            yield chunk;
          }
        },
        createWriteStream(incoming),
      );
      const digest = md5.digest();
      const wantedMd5 = headers['content-md5'];
      if (wantedMd5 !== undefined && wantedMd5 !== digest.toString('base64')) {
        throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
      }
      if (sha256 && sha256.digest('hex') !== String(declared).toLowerCase()) {
        throw new S3Error('InvalidRequest', 'The provided x-amz-content-sha256 header does not match what was computed.');
      }
      await rename(incoming, path);
      return [size, digest.toString('hex')];
    } catch (error) {
      await rm(incoming, { force: true });
      throw error;
    }
  }

  override async putMetadata(bucket: string, key: string, metadata: Record<string, unknown>, etag?: string): Promise<void> {
    await super.putMetadata(bucket, key, metadata, etag);
    const acl = metadata['x-amz-acl'];
    if (acl === undefined) return;
    const path = this.getResourcePath(bucket, key, 'metadata.json');
    const kept = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    await writeFile(path, JSON.stringify({ ...kept, 'x-amz-acl': acl }));
  }

  async isPublic(bucket: string, key: string): Promise<boolean> {
    try {
      const metadata = JSON.parse(await readFile(this.getResourcePath(bucket, key, 'metadata.json'), 'utf8')) as Record<string, unknown>;
      return metadata['x-amz-acl'] === 'public-read';
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** In the order of their UTF-8 bytes, as S3 lists them: whoever lists page by page goes on behind the last one. */
  async listKeys(bucket: string, prefix: string): Promise<string[]> {
    const folder = this.getBucketPath(bucket);
    const names = await readdir(folder, { recursive: true });
    const keys = names.filter((name) => name.endsWith(objectSuffix)).map((name) => FilesystemStore.decodeKeyPath(name.slice(0, -objectSuffix.length)));
    return keys.filter((key) => key.startsWith(prefix)).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }

  #uploadFolder(bucket: string, uploadId: string): string {
    // The name comes from a query string and becomes a path.
    if (!/^[0-9a-f]{32}$/.test(uploadId)) throw noSuchUpload(uploadId);
    return join(this.getResourcePath(bucket, undefined, 'uploads'), uploadId);
  }

  async #uploadKey(bucket: string, uploadId: string): Promise<string> {
    try {
      return await readFile(join(this.#uploadFolder(bucket, uploadId), 'key'), 'utf8');
    } catch (error) {
      throw isMissing(error) ? noSuchUpload(uploadId) : error;
    }
  }

  override async putPart(bucket: string, uploadId: string, partNumber: string | number, content: unknown): Promise<{ size: number; md5: string }> {
    await this.#uploadKey(bucket, uploadId);
    const number = Number(partNumber);
    if (!Number.isInteger(number) || number < 1 || number > 10_000) {
      throw new S3Error('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
    }
    return super.putPart(bucket, uploadId, number, content);
  }

  /** @throws S3Error NoSuchUpload */
  async listParts(bucket: string, uploadId: string): Promise<StoredPart[]> {
    await this.#uploadKey(bucket, uploadId);
    const folder = this.#uploadFolder(bucket, uploadId);
    const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
    const parts = await Promise.all(
      numbers.map(async (number): Promise<StoredPart | undefined> => {
        const path = join(folder, String(number));
        try {
          const [{ size, mtime }, etag] = await Promise.all([stat(path), readFile(`${path}.md5`, 'utf8')]);
          return { number, size, etag, modifiedAt: mtime };
        } catch (error) {
          // The part was renamed into place and its ETag is just being written: it is not there yet.
          if (isMissing(error)) return undefined;
          throw error;
        }
      }),
    );
    return parts.filter((part) => part !== undefined).sort((one, other) => one.number - other.number);
  }

  async listUploads(bucket: string): Promise<UnfinishedUpload[]> {
    const folder = this.getResourcePath(bucket, undefined, 'uploads');
    let names: string[];
    try {
      names = await readdir(folder);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
    const uploads = await Promise.all(
      names.map(async (uploadId) => {
        const path = join(folder, uploadId, 'key');
        const [key, { mtime }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
        return { uploadId, key, startedAt: mtime };
      }),
    );
    return uploads.sort((one, other) => one.key.localeCompare(other.key));
  }

  /** @throws S3Error NoSuchUpload */
  async abortUpload(bucket: string, uploadId: string): Promise<void> {
    await this.#uploadKey(bucket, uploadId);
    await rm(this.#uploadFolder(bucket, uploadId), { recursive: true });
  }

  override async putObjectMultipart(bucket: string, uploadId: string, wanted: { number: number; etag: string }[]): Promise<{ size: number; md5: string }> {
    const key = await this.#uploadKey(bucket, uploadId);
    const folder = this.#uploadFolder(bucket, uploadId);
    const stored = new Map((await this.listParts(bucket, uploadId)).map((part) => [part.number, part]));
    if (wanted.some(({ number }, index) => index > 0 && number <= (wanted[index - 1]?.number ?? 0))) {
      throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    const parts = wanted.map(({ number, etag }, index) => {
      const part = stored.get(number);
      if (!part || part.etag !== etag) throw new S3Error('InvalidPart', 'One or more of the specified parts could not be found.', { PartNumber: number });
      if (index < wanted.length - 1 && part.size < this.#minPartBytes) {
        throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', { PartNumber: number });
      }
      return part;
    });
    const metadata = JSON.parse(await readFile(join(folder, 'metadata'), 'utf8')) as Record<string, unknown>;
    const whole = async function* (): AsyncGenerator<Buffer> {
      for (const { number } of parts) yield* createReadStream(join(folder, String(number)), { highWaterMark: 1024 * 1024 });
    };
    const path = this.getResourcePath(bucket, key, 'object');
    await mkdir(join(path, '..'), { recursive: true });
    const [size] = await this.putContent(path, Readable.from(whole()));
    const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
    const etag = `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
    await this.putMetadata(bucket, key, metadata, etag);
    await rm(folder, { recursive: true });
    return { size, md5: etag };
  }

  override async putObject(object: { bucket: string; key: string; content: unknown; metadata: Record<string, unknown> }): Promise<{ size: number; md5: string }> {
    // The object model has dropped x-amz-acl by now; the request still has it.
    const acl = (object.content as Partial<IncomingMessage>).headers?.['x-amz-acl'];
    return super.putObject(acl === undefined ? object : { ...object, metadata: { ...object.metadata, 'x-amz-acl': acl } });
  }
}
