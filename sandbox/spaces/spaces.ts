import { join } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { RequestListener } from 'node:http';
import type { SpacesTarget } from '../media/spaces-client.ts';
import { Listener } from '../net/listener.ts';
import type { SpacesOption } from '../options.ts';
import { Service, type ServiceControl } from '../service.ts';
import { createEmbeddedSpaces, embeddedBucket, embeddedKeys, embeddedRegion } from './embedded.ts';
import { createFront } from './front.ts';

export interface SpacesSetup {
  service: ServiceControl;
  /** What clients reach; absent where they go straight to Spaces that are not ours. */
  front?: Listener;
  /** As media reaches them: past the faults and the cuts that clients meet. */
  target: () => SpacesTarget;
  /** As clients reach them. */
  publicEndpoint: () => string;
}

type Around = (handler: RequestListener) => RequestListener;

/**
 * Embedded Spaces have two ports over one store: one for clients, with faults, and one for media. So "the clinic's network
 * is down" and "media does not reach Spaces" stay two different things.
 *
 * @param options.port for clients; another is taken when it is not free
 */
export function embeddedSpaces(options: { dataDir: string; port: number; minPartBytes: number; around: Around }): SpacesSetup {
  let handler: RequestListener | undefined;
  const inner = new Listener({ port: 0, handler: (request, response) => (handler ? handler(request, response) : request.socket.resetAndDestroy()) });
  const outer = new Service({
    port: options.port,
    orAnother: true,
    around: options.around,
    build: async () => {
      const built = await createEmbeddedSpaces({ directory: join(options.dataDir, 'spaces'), minPartBytes: options.minPartBytes });
      handler = built.handler;
      return built;
    },
  });
  const service: ServiceControl = {
    start: async () => {
      await outer.start();
      await inner.start();
    },
    stop: async () => {
      await inner.stop();
      await outer.stop();
    },
    get url() {
      return outer.url;
    },
    get running() {
      return outer.running;
    },
  };
  return {
    service,
    front: outer.listener,
    target: () => ({ endpoint: inner.url, region: embeddedRegion, bucket: embeddedBucket, ...embeddedKeys }),
    publicEndpoint: () => outer.url,
  };
}

/** @throws Error when the bucket is neither there nor can be made. */
async function requireBucket({ endpoint, region, bucket, accessKeyId, secretAccessKey }: SpacesTarget): Promise<void> {
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket })).catch(() => client.send(new CreateBucketCommand({ Bucket: bucket })));
  } catch (error) {
    throw new Error(`Spaces at ${endpoint} do not give the bucket ${bucket}: ${(error as Error).message || (error as Error).name}`, { cause: error });
  } finally {
    client.destroy();
  }
}

/** Spaces that are not ours: behind a front that can fail, or reached directly, and then they cannot be stopped here. */
export function foreignSpaces(options: { spaces: Extract<SpacesOption, { kind: 'env' }>; front: boolean; port: number; around: Around; setStopped: (stopped: boolean) => void }): SpacesSetup {
  const { kind: _kind, ...target } = options.spaces;
  if (!options.front) {
    let running = false;
    const refuse = async (): Promise<void> => {
      throw new Error('These Spaces are not ours to stop; start the sandbox with the front before Spaces');
    };
    const service: ServiceControl = {
      start: async () => {
        await requireBucket(target);
        running = true;
      },
      stop: refuse,
      url: target.endpoint,
      get running() {
        return running;
      },
    };
    return { service, target: () => target, publicEndpoint: () => target.endpoint };
  }
  const outer = new Service({
    port: options.port,
    orAnother: true,
    around: options.around,
    build: async () => {
      await requireBucket(target);
      return createFront(target.endpoint);
    },
  });
  const service: ServiceControl = {
    start: async () => {
      await outer.start();
      options.setStopped(false);
    },
    stop: async () => {
      // Media goes past the front, and must not find Spaces up when clients find them down.
      options.setStopped(true);
      await outer.stop();
    },
    get url() {
      return outer.url;
    },
    get running() {
      return outer.running;
    },
  };
  return { service, front: outer.listener, target: () => target, publicEndpoint: () => outer.url };
}
