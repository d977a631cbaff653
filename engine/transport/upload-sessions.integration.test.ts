/** @file What contract B's transport does beyond the promises: batches, addresses that age, faults of every kind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { classify } from '../resilience/classify.ts';
import { signIn, uploadSessions, type SignedIn } from './gateway-harness.ts';
import { partOf, photoBytes, photoOf } from './transport-conformance.ts';
import type { SessionReport, Transport } from './transport.ts';

const signal = new AbortController().signal;
const partBytes = 200_000;
type Open = Extract<SessionReport, { name: 'open' }>;

let sandbox: Sandbox;
let signedIn: SignedIn;
let transport: Transport;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'relevo-sessions-'));
  sandbox = await startSandbox({ dataDir, contract: 'sessions', spaces: { kind: 'embedded' }, limits: { partBytes } });
  signedIn = await signIn(sandbox.ready);
  transport = uploadSessions(sandbox.ready, signedIn, partBytes);
});
afterEach(async () => {
  signedIn.http.mend();
  await sandbox.faults.reset();
});
afterAll(async () => {
  signedIn.http.close();
  await sandbox.close();
  await rm(dataDir, { recursive: true, force: true });
});

function make(size: number, patient = sandbox.ready.patients[0]?.id ?? ''): { bytes: Uint8Array; photo: PhotoFacts } {
  const bytes = photoBytes(size);
  return { bytes, photo: photoOf(bytes, patient) };
}

async function failureOf(promise: Promise<unknown>, step: 'open' | 'part' | 'complete') {
  const error: unknown = await promise.then(() => { throw new Error('did not fail'); }, (reason: unknown) => reason);
  return classify(error, { step });
}

const calls = (from: number): string[] => signedIn.http.seen.slice(from);

describe('the number of calls', () => {
  it('photos opened in the same turn share one call, and each takes one PUT and one complete more', async () => {
    const from = signedIn.http.seen.length;
    const photos = Array.from({ length: 30 }, (_, index) => make(1_000, sandbox.ready.patients[index % sandbox.ready.patients.length]?.id));
    const reports = await Promise.all(photos.map(({ photo }) => transport.open(photo, { signal })));
    expect(calls(from)).toEqual(['POST /media/uploads:batch']);
    await Promise.all(photos.map(async ({ bytes, photo }, index) => {
      const { session } = reports[index] as Open;
      await transport.complete(photo, session, [await transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal })], { signal });
    }));
    expect(calls(from)).toHaveLength(61);
  });

  it('parts sent at the same time ask for their addresses together', async () => {
    const { bytes, photo } = make(3 * partBytes);
    const { session } = await transport.open(photo, { signal }) as Open;
    const from = signedIn.http.seen.length;
    await Promise.all([1, 2, 3].map((number) => transport.sendPart(photo, session, partOf(bytes, number, partBytes), { signal })));
    expect(calls(from).filter((call) => call.startsWith('POST'))).toHaveLength(1);
    await transport.abort(photo, session, { signal });
  });
});

describe('what is repeated within a call', () => {
  it('is told to every photo that shared it, and to the one whose addresses were asked for', async () => {
    const photos = [make(1_000), make(1_000), make(3 * partBytes)];
    const told = photos.map((): string[] => []);
    signedIn.http.next(({ url }) => url.endsWith('/media/uploads:batch'), { kind: 'answered', status: 500 });
    const reports = await Promise.all(photos.map(({ photo }, index) => transport.open(photo, { signal, onRepeated: ({ code }) => told[index]?.push(code) })));
    expect(told).toEqual([['server-error'], ['server-error'], ['server-error']]);

    const { bytes, photo } = photos[2]!;
    const { session } = reports[2] as Open;
    const ofParts: string[] = [];
    signedIn.http.next(({ url }) => url.endsWith('/parts'), { kind: 'not-sent', reason: 'reset' });
    await Promise.all([1, 2].map((number) => transport.sendPart(photo, session, partOf(bytes, number, partBytes), { signal, onRepeated: ({ code }) => ofParts.push(code) })));
    expect(ofParts).toEqual(['connection-reset']);
    for (const [index, report] of reports.entries()) await transport.abort(photos[index]!.photo, (report as Open).session, { signal });
  });
});

it('a photo that was completed is told as such though the answer to its taking back is unreadable', async () => {
  const { bytes, photo } = make(1_000);
  const { session } = await transport.open(photo, { signal }) as Open;
  const stored = await transport.complete(photo, session, [await transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal })], { signal });
  await sandbox.faults.set({ where: { service: 'media', method: 'DELETE' }, effect: { kind: 'malformed-json', applied: true } });
  expect(await transport.abort(photo, session, { signal })).toMatchObject({ name: 'completed', photo: { photoId: stored.photoId } });
});

it('one photo that the server refuses does not hold up the others opened with it', async () => {
  const good = make(1_000).photo;
  const stranger = make(1_000, 'no-such-patient').photo;
  const [first, second] = await Promise.allSettled([transport.open(good, { signal }), transport.open(stranger, { signal })]);
  expect(first).toMatchObject({ status: 'fulfilled', value: { name: 'open' } });
  expect(classify((second as PromiseRejectedResult).reason, { step: 'open' })).toMatchObject({ code: 'patient-not-found', httpStatus: 404 });
});

it('a batch that the server cannot read is opened one by one', async () => {
  signedIn.http.next(({ url }) => url.endsWith(':batch'), { kind: 'answered', status: 200, body: '<html>' });
  const reports = await Promise.all([make(1_000), make(1_000)].map(({ photo }) => transport.open(photo, { signal })));
  expect(reports.map(({ name }) => name)).toEqual(['open', 'open']);
});

it('the same bytes for the same patient are told as the photo that is there', async () => {
  const { bytes, photo } = make(1_000);
  const { session } = await transport.open(photo, { signal }) as Open;
  const done = await transport.complete(photo, session, [await transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal })], { signal });
  const report = await transport.open(photoOf(bytes, photo.patientId), { signal });
  expect(report).toMatchObject({ name: 'completed', photo: { photoId: done.photoId, duplicateOf: done.photoId } });
});

it('the memory of a part is given back when the store has it, and not where it may have to be sent again', async () => {
  const { bytes, photo } = make(1_000);
  const { session } = await transport.open(photo, { signal }) as Open;
  let freed = 0;
  const part = { ...partOf(bytes, 1, partBytes), free: () => { freed += 1; } };
  signedIn.http.next(({ endpoint }) => endpoint === 'spaces', { kind: 'answered', status: 500 });
  await failureOf(transport.sendPart(photo, session, part, { signal }), 'part');
  expect(freed).toBe(0);
  await transport.sendPart(photo, session, part, { signal });
  expect(freed).toBe(1);
});

describe('a presigned address', () => {
  it('that Spaces refuse is asked for again by the next try', async () => {
    const { bytes, photo } = make(1_000);
    const { session } = await transport.open(photo, { signal }) as Open;
    const body = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
    signedIn.http.next(({ endpoint }) => endpoint === 'spaces', { kind: 'answered', status: 403, body });
    const from = signedIn.http.seen.length;
    const part = partOf(bytes, 1, partBytes);
    expect(await failureOf(transport.sendPart(photo, session, part, { signal }), 'part')).toMatchObject({ code: 'signature-expired', disposition: 'retry' });
    await transport.sendPart(photo, session, part, { signal });
    expect(calls(from).map((call) => call.split(' ')[0])).toEqual(['PUT', 'POST', 'PUT']);
  });

  it('is asked for again after a reset, which may have been a refusal that was not heard', async () => {
    const { bytes, photo } = make(3_000);
    const { session } = await transport.open(photo, { signal }) as Open;
    signedIn.http.next(({ endpoint }) => endpoint === 'spaces', { kind: 'not-sent', reason: 'reset' });
    const from = signedIn.http.seen.length;
    const part = partOf(bytes, 1, partBytes);
    expect(await failureOf(transport.sendPart(photo, session, part, { signal }), 'part')).toMatchObject({ code: 'connection-reset' });
    await transport.sendPart(photo, session, part, { signal });
    expect(calls(from).map((call) => call.split(' ')[0])).toEqual(['PUT', 'POST', 'PUT']);
  });

  it('is not in any error', async () => {
    const { bytes, photo } = make(1_000);
    const { session } = await transport.open(photo, { signal }) as Open;
    signedIn.http.next(({ endpoint }) => endpoint === 'spaces', { kind: 'not-sent', reason: 'reset' });
    const error: unknown = await transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal }).catch((reason: unknown) => reason);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/X-Amz|https?:/i);
  });
});

it('a part whose ETag is another\'s is not taken for stored', async () => {
  const { bytes, photo } = make(1_000);
  const { session } = await transport.open(photo, { signal }) as Open;
  signedIn.http.next(({ endpoint }) => endpoint === 'spaces', { kind: 'answered', status: 200, headers: { etag: `"${'0'.repeat(32)}"` } });
  expect(await failureOf(transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal }), 'part')).toMatchObject({ code: 'integrity-mismatch', disposition: 'retry' });
});

describe('faults of the servers', () => {
  const status = (value: number, rest: object = {}) => ({ kind: 'status' as const, status: value, ...rest });

  it.each([
    ['401 to a good token', status(401), 'server-error', 'retry'],
    ['403', status(403), 'forbidden', 'needsAttention'],
    ['404 in HTML', { kind: 'html' as const, status: 404 }, 'malformed-answer', 'retry'],
    ['413', status(413), 'too-large', 'needsAttention'],
    ['415', status(415), 'unsupported-type', 'needsAttention'],
    ['422', status(422), 'bad-request', 'needsAttention'],
    ['429', { kind: 'rate-limited' as const, retryAfter: 7 }, 'rate-limited', 'wait'],
    ['503 of a breaker', status(503, { headers: { 'x-circuit': 'open', 'retry-after': '9' } }), 'circuit-open', 'wait'],
    ['507', status(507), 'server-disk-full', 'wait'],
    ['a web page', { kind: 'html' as const }, 'malformed-answer', 'retry'],
    ['malformed JSON', { kind: 'malformed-json' as const }, 'malformed-answer', 'retry'],
    ['a closed port', { kind: 'refuse' as const }, 'connection-refused', 'wait'],
  ])('at open: %s', async (_name, effect, code, disposition) => {
    await sandbox.faults.set({ where: { service: 'gateway', ...(effect.kind === 'refuse' ? {} : { path: '/media/**' }) }, effect });
    const failure = await failureOf(transport.open(make(1_000).photo, { signal }), 'open');
    expect(failure).toMatchObject({ code, disposition, endpoint: 'gateway' });
    if (effect.kind === 'rate-limited') expect(failure.retryAfterMs).toBe(7_000);
  });

  it.each([
    ['SlowDown', { kind: 'rate-limited' as const, retryAfter: 3 }, 'rate-limited', 'wait', false],
    ['500', status(500), 'server-error', 'retry', false],
    ['an error inside a 200', { kind: 's3-error-in-200' as const }, 'server-error', 'retry', false],
    ['a web page', { kind: 'html' as const }, 'malformed-answer', 'retry', true],
    ['a reset before the body', { kind: 'reset-before-body' as const }, 'connection-reset', 'retry', undefined],
    ['a reset after it', { kind: 'reset-after-body' as const }, 'connection-reset', 'retry', true],
    ['a closed port', { kind: 'refuse' as const }, 'connection-refused', 'wait', false],
  ])('of a part: %s', async (_name, effect, code, disposition, ambiguous) => {
    const { bytes, photo } = make(150_000);
    const { session } = await transport.open(photo, { signal }) as Open;
    await sandbox.faults.set({ where: { service: 'spaces', ...(effect.kind === 'refuse' ? {} : { method: 'PUT' }) }, effect });
    // A connection kept alive would be reset before the closed port is met.
    signedIn.http.forgetConnections();
    const failure = await failureOf(transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal }), 'part');
    expect(failure).toMatchObject({ code, disposition, endpoint: 'spaces', ...(ambiguous === undefined ? {} : { ambiguous }) });
  });

  it('an error inside a 200 on complete is an error, and asking again completes', async () => {
    const { bytes, photo } = make(1_000);
    const { session } = await transport.open(photo, { signal }) as Open;
    const part = await transport.sendPart(photo, session, partOf(bytes, 1, partBytes), { signal });
    const body = JSON.stringify({ status: 'error', message: 'x', data: null, error: { code: 'storage_error' }, trace_id: 't' });
    signedIn.http.next(({ url }) => url.endsWith('/complete'), { kind: 'answered', status: 200, body });
    expect(await failureOf(transport.complete(photo, session, [part], { signal }), 'complete')).toMatchObject({ code: 'server-error', disposition: 'retry' });
    expect(await transport.complete(photo, session, [part], { signal })).toMatchObject({ sha256: photo.sha256 });
  });
});
