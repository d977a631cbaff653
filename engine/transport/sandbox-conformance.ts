/** @file Every real transport, held to its promises on a sandbox before the Spaces that are given. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbortMultipartUploadCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SpacesOption } from '../../sandbox/options.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { createFaultyHttp } from './faulty-http.ts';
import { anything, gatewayPhoto, loser, ownKeys, signIn, uploadSessions } from './gateway-harness.ts';
import { toLoopback } from './loopback-for-tests.ts';
import { createNodeHttp } from './node-http.ts';
import { describeTransport, type TransportHarness } from './transport-conformance.ts';

const small = 300_000;

/** @param partBytes what the sandbox offers; with `overBytes` more than two of them a photo has three parts */
export function describeTransports(spaces: SpacesOption, { partBytes, overBytes }: { partBytes: number; overBytes: number }): void {
  const large = 2 * partBytes + overBytes;

  async function withSandbox(contract: 'sessions' | 'heartguard', make: (sandbox: Sandbox) => Promise<Omit<TransportHarness, 'close' | 'unfinished' | 'storedSha256' | 'tamper'>>): Promise<TransportHarness & { sandbox: Sandbox }> {
    const dataDir = await mkdtemp(join(tmpdir(), 'relevo-transport-'));
    const sandbox = await startSandbox({ dataDir, contract, spaces, limits: { partBytes } });
    const s3 = storeClient(sandbox);
    return {
      ...await make(sandbox),
      sandbox,
      storedSha256: (key) => sandbox.store.sha256(key),
      unfinished: async () => (await sandbox.store.unfinishedUploads()).length,
      tamper: async (key) => { await s3.send(new PutObjectCommand({ Bucket: sandbox.spaces.bucket, Key: key, Body: Buffer.alloc(small, 1), ACL: 'public-read', Metadata: {} })); },
      async close() {
        s3.destroy();
        await sandbox.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  }

  describeTransport('upload-sessions', () => withSandbox('sessions', async (sandbox) => {
    const signedIn = await signIn(sandbox.ready);
    const make = () => uploadSessions(sandbox.ready, signedIn, partBytes);
    return {
      transport: make(),
      restarted: make,
      freshPatient: turns(sandbox.ready.patients),
      sizes: { small, large },
      loseAnswer: loser(signedIn.http, 'upload-sessions'),
      copies: async (photo) => sandbox.store.photos().filter(({ sha256 }) => sha256 === photo.sha256).length,
      endSession: async ({ sessionId }) => { await signedIn.client.call({ method: 'DELETE', path: `/media/uploads/${sessionId}`, auth: 'token', idempotent: true, answer: anything }); },
      expireToken: () => { signedIn.tokens.spoil(); },
    };
  }).then(({ tamper: _, ...harness }) => harness));

  describeTransport('gateway-photo', () => withSandbox('heartguard', async (sandbox) => {
    const signedIn = await signIn(sandbox.ready);
    const make = () => gatewayPhoto(sandbox.ready, signedIn);
    return {
      transport: make(),
      restarted: make,
      freshPatient: turns(sandbox.ready.patients),
      sizes: { small },
      loseAnswer: loser(signedIn.http, 'gateway-photo'),
      copies: async (photo) => (await sandbox.store.objects()).filter(({ sha256 }) => sha256 === photo.sha256).length,
      expireToken: () => { signedIn.tokens.spoil(); },
    };
  }));

  for (const pathStyle of [true, false]) describeTransport(`own-keys, the bucket in the ${pathStyle ? 'path' : 'host'}`, () => withSandbox('sessions', async (sandbox) => {
    const http = createFaultyHttp(createNodeHttp(pathStyle ? {} : { lookup: toLoopback }));
    // An address has no names under it.
    const endpoint = pathStyle ? sandbox.spaces.endpoint : sandbox.spaces.endpoint.replace('127.0.0.1', 'localhost');
    const make = () => ownKeys(http, { ...sandbox.spaces, endpoint, pathStyle });
    return {
      transport: make(),
      restarted: make,
      freshPatient: turns(sandbox.ready.patients),
      sizes: { small, large: 11_000_000 },
      loseAnswer: loser(http, 'own-keys'),
      copies: async (photo) => (await sandbox.store.objects()).filter(({ sha256 }) => sha256 === photo.sha256).length,
      endSession: async ({ objectKey, sessionId }) => {
        await storeClient(sandbox).send(new AbortMultipartUploadCommand({ Bucket: sandbox.spaces.bucket, Key: objectKey, UploadId: sessionId }));
      },
    };
  }));
}

function storeClient({ spaces }: Sandbox): S3Client {
  return new S3Client({
    endpoint: spaces.endpoint, region: spaces.region, forcePathStyle: true, credentials: spaces,
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Each photo may go to any patient where there may be many; else the patients take turns. */
function turns(patients: readonly { id: string }[]): () => string {
  let next = 0;
  return () => patients[next++ % patients.length]?.id ?? '';
}
