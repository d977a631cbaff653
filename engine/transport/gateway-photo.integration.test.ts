/** @file Contract A's traps: the 504 that arrives later, the 401 to an oversize body, one photo per patient. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { systemClock } from '../clock.ts';
import { classify } from '../resilience/classify.ts';
import { gatewayPhoto, signIn, type SignedIn } from './gateway-harness.ts';
import { createGatewayPhotoTransport } from './gateway-photo.ts';
import { partOf, photoBytes, photoOf } from './transport-conformance.ts';
import type { RemoteSession, SessionReport, Transport } from './transport.ts';

const signal = new AbortController().signal;
const mebibyte = 1024 ** 2;

let sandbox: Sandbox;
let signedIn: SignedIn;
let transport: Transport;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'relevo-photo-'));
  sandbox = await startSandbox({ dataDir, contract: 'heartguard', spaces: { kind: 'embedded' }, timeouts: { gatewayMs: 2_000 } });
  signedIn = await signIn(sandbox.ready);
  transport = gatewayPhoto(sandbox.ready, signedIn);
});
afterAll(async () => {
  signedIn.http.close();
  await sandbox.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function begun(size: number, patient: number) {
  const bytes = photoBytes(size);
  const photo = photoOf(bytes, sandbox.ready.patients[patient]?.id ?? '');
  const { session } = await transport.open(photo, { signal }) as Extract<SessionReport, { name: 'open' }>;
  const sent: RemoteSession = { ...session, sentAt: Date.now() };
  return { photo, part: partOf(bytes, 1, bytes.length), session: sent };
}

it('a 504 is unsettled until the photo arrives after all', async () => {
  const { photo, part, session } = await begun(100_000, 0);
  sandbox.faults.media({ spacesUnreachable: { slow: 4_000 } });
  const stored = sandbox.faults.nextRequest(({ service, path }) => service === 'media' && path.endsWith('/photo'));
  const error: unknown = await transport.sendPart(photo, session, part, { signal }).catch((reason: unknown) => reason);
  expect(classify(error, { step: 'part' })).toMatchObject({ code: 'gateway-timeout', disposition: 'retry', ambiguous: true, httpStatus: 504 });
  const early = await transport.inspect(photo, session, { signal });
  expect(early).toEqual({ name: 'unsettled', until: (session.sentAt ?? 0) + 160_000 });
  await stored;
  sandbox.faults.media({ spacesUnreachable: null });
  await expect.poll(async () => (await transport.inspect(photo, session, { signal })).name, { timeout: 10_000, interval: 100 }).toBe('completed');
  const { photo: record } = await transport.inspect(photo, session, { signal }) as Extract<SessionReport, { name: 'completed' }>;
  await transport.verify(photo, session, record, { signal });
  expect((await sandbox.store.objects()).filter(({ sha256 }) => sha256 === photo.sha256)).toHaveLength(1);
});

it('what has not arrived when media must have given up may be sent again', async () => {
  const { photo, session } = await begun(1_000, 1);
  const longAgo = { ...session, sentAt: Date.now() - 160_001 };
  expect((await transport.inspect(photo, longAgo, { signal })).name).toBe('open');
  expect((await transport.inspect(photo, { ...session, sentAt: undefined }, { signal })).name).toBe('open');
});

it('without an organisation to ask through, the time decides', async () => {
  const { photo, session } = await begun(1_000, 1);
  const blind = createGatewayPhotoTransport({ client: signedIn.client, http: signedIn.http, at: sandbox.ready.gateway, limits: transport.limits, clock: systemClock, orgOf: () => undefined });
  expect((await blind.inspect(photo, session, { signal })).name).toBe('unsettled');
});

it('media stopped is a failure in which nothing happened', async () => {
  const { photo, part, session } = await begun(1_000, 1);
  await sandbox.services.media.stop();
  const error: unknown = await transport.sendPart(photo, session, part, { signal }).catch((reason: unknown) => reason);
  await sandbox.services.media.start();
  expect(classify(error, { step: 'part' })).toMatchObject({ code: 'service-unavailable', ambiguous: false });
});

it('takes the largest photo that the limit promises, and never sends a larger one', async () => {
  const largest = await begun(transport.limits.maxFileBytes, 2);
  const stored = await transport.sendPart(largest.photo, largest.session, largest.part, { signal });
  expect(stored.etag).toBe(largest.photo.md5);
  const from = signedIn.http.seen.length;
  const over = await begun(transport.limits.maxFileBytes + 1, 2);
  const error: unknown = await transport.sendPart(over.photo, over.session, over.part, { signal }).catch((reason: unknown) => reason);
  expect(classify(error, { step: 'part' })).toMatchObject({ code: 'too-large', disposition: 'needsAttention' });
  expect(signedIn.http.seen.slice(from)).toEqual([]);
});

it('a server with a smaller limit answers 401, and it is not taken for the end of the session', async () => {
  const { photo, part, session } = await begun(6 * mebibyte, 2);
  const trusting = createGatewayPhotoTransport({
    client: signedIn.client, http: signedIn.http, at: sandbox.ready.gateway, clock: systemClock, orgOf: signedIn.orgOf,
    limits: { ...transport.limits, maxFileBytes: 10 * mebibyte },
  });
  const error: unknown = await trusting.sendPart(photo, session, part, { signal }).catch((reason: unknown) => reason);
  expect(classify(error, { step: 'part' })).toMatchObject({ code: 'too-large', disposition: 'needsAttention', httpStatus: 401 });
});

it('a photo sent again replaces, it does not add', async () => {
  const { photo, part, session } = await begun(1_000, 3);
  await transport.sendPart(photo, session, part, { signal });
  await transport.sendPart(photo, session, part, { signal });
  expect((await sandbox.store.objects()).filter(({ sha256 }) => sha256 === photo.sha256)).toHaveLength(1);
});
