import { mkdirSync, rmSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { DiskStore } from './disk-store.ts';
import { missingOperations } from './missing-operations.ts';
import { withVirtualHosts } from './virtual-hosts.ts';

export const embeddedBucket = 'clinic-photos';
/** s3rver knows this one pair of keys. */
export const embeddedKeys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
export const embeddedRegion = 'us-east-1';

/**
 * An S3 server with its objects in `directory`, as a handler for any number of ports; buckets in the path, or in the host as `BUCKET.localhost`.
 *
 * @param minPartBytes what Spaces asks of every part but the last (5 MiB); lower only where parts are small on purpose.
 */
export async function createEmbeddedSpaces(options: { directory: string; minPartBytes: number }): Promise<{ handler: RequestListener; dispose: () => void }> {
  const objects = join(options.directory, 'objects');
  const incoming = join(options.directory, 'incoming');
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(objects, { recursive: true });
  mkdirSync(incoming, { recursive: true });
  const server = new S3rver({ directory: objects, silent: true, vhostBuckets: false });
  // Requests that break off when all is over would otherwise be told of on the terminal, with their signed addresses.
  server.logger.silent = true;
  // It would otherwise take over the process's uncaught exceptions.
  server.logger.exceptions.unhandle();
  // Connections that break off reach the client by themselves, and the request log; Koa would print them.
  server.on('error', () => undefined);
  const store = new DiskStore({ objects, incoming, minPartBytes: options.minPartBytes });
  server.store = store;
  server.context.store = store;
  // Before the last one, its router: after the logger and the XML writer.
  server.middleware.splice(server.middleware.length - 1, 0, missingOperations(store), async (context, next) => {
    await next();
    context.remove('x-amz-acl');
  });
  await store.putBucket(embeddedBucket);
  return { handler: withVirtualHosts(server.callback(), embeddedKeys), dispose: () => server.logger.close() };
}
