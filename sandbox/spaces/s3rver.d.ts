/** @file The parts of `@20minutes/s3rver` that are used here; the package has no types of its own. */

declare module '@20minutes/s3rver' {
  import type { RequestListener } from 'node:http';

  interface Context {
    method: string;
    path: string;
    query: Record<string, string | undefined>;
    headers: Record<string, string | undefined>;
    params: Record<string, string>;
    status: number;
    body: unknown;
    state: Record<string, unknown>;
    mountPath: string | undefined;
    remove(header: string): void;
  }
  type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;

  class S3rver {
    constructor(options: { directory: string; silent: boolean; vhostBuckets: boolean });
    middleware: Middleware[];
    store: unknown;
    context: { store: unknown };
    logger: { silent: boolean; exceptions: { unhandle(): void }; close(): void };
    callback(): RequestListener;
    on(event: 'error', listener: (error: Error) => void): void;
  }
  namespace S3rver {
    export type { Context, Middleware };
  }
  export = S3rver;
}

declare module '@20minutes/s3rver/lib/models/error.js' {
  class S3Error extends Error {
    constructor(code: string, message: string, detail?: Record<string, unknown>);
    code: string;
  }
  export default S3Error;
}

declare module '@20minutes/s3rver/lib/middleware/authentication.js' {
  import type { Middleware } from '@20minutes/s3rver';
  const authentication: () => Middleware;
  export default authentication;
}

declare module '@20minutes/s3rver/lib/stores/filesystem.js' {
  export interface StoredMetadata {
    etag: string;
    'last-modified': string;
    'content-length': number;
    [name: string]: unknown;
  }
  class FilesystemStore {
    constructor(rootDirectory: string);
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    putContent(path: string, content: unknown): Promise<[size: number, md5: string]>;
    putMetadata(bucket: string, key: string, metadata: Record<string, unknown>, etag?: string): Promise<void>;
    putObject(object: { bucket: string; key: string; content: unknown; metadata: Record<string, unknown> }): Promise<{ size: number; md5: string }>;
    putPart(bucket: string, uploadId: string, partNumber: string | number, content: unknown): Promise<{ size: number; md5: string }>;
    initiateUpload(bucket: string, key: string, uploadId: string, metadata: Record<string, unknown>): Promise<void>;
    putObjectMultipart(bucket: string, uploadId: string, parts: { number: number; etag: string }[]): Promise<{ size: number; md5: string }>;
    getMetadata(bucket: string, key: string): Promise<StoredMetadata>;
    putBucket(bucket: string): Promise<unknown>;
    getBucket(bucket: string): Promise<unknown>;
    getBucketPath(bucket: string): string;
    static decodeKeyPath(path: string): string;
  }
  export default FilesystemStore;
}
