/** @file What a person is told of keys that do not work: against the embedded store, and stores that refuse one thing each. */
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OwnKeysTest } from '../../shared/domain/own-keys.ts';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { systemClock } from '../clock.ts';
import type { Http } from '../transport/http.ts';
import { toLoopback } from '../transport/loopback-for-tests.ts';
import { createNodeHttp } from '../transport/node-http.ts';
import type { S3Target } from '../transport/s3-calls.ts';
import { selfSigned } from '../transport/test-certificates.ts';
import { canaryPrefix, testOwnKeys } from './own-keys-test.ts';
import { startTestStore, type Refusal, type Seen } from './store-for-tests.ts';

let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
const http = createNodeHttp();
const { signal } = new AbortController();
beforeAll(async () => { sandbox = await temporarySandbox(); });
afterAll(async () => {
  http.close();
  await sandbox?.dispose();
});

const good = (): S3Target => ({ ...sandbox.sandbox.spaces, pathStyle: true });
const run = (change: Partial<S3Target> = {}): Promise<OwnKeysTest> => testOwnKeys({ http, clock: systemClock, signal }, { ...good(), ...change });
const outcomes = ({ steps }: OwnKeysTest): string[] => steps.map(({ step, outcome, failure }) => [step, outcome, failure?.code, failure?.detail].filter(Boolean).join(' '));

test('good keys pass, and nothing is left in the bucket', async () => {
  const from = sandbox.sandbox.faults.requests(0).length;
  expect(await run()).toEqual({ passed: true, steps: [{ step: 'write', outcome: 'ok' }, { step: 'read', outcome: 'ok' }, { step: 'delete', outcome: 'ok' }] });
  const asked = sandbox.sandbox.faults.requests(0).slice(from).filter(({ service }) => service === 'spaces');
  expect(asked.filter(({ method }) => method === 'PUT').map(({ path }) => path.includes(`/${canaryPrefix}`))).toEqual([true]);
  expect(await sandbox.sandbox.store.objects({ prefix: canaryPrefix })).toEqual([]);
});

test('with the bucket in the host they pass as well, and a wrong secret is found out', async () => {
  const byName = createNodeHttp({ lookup: toLoopback });
  const target: S3Target = { ...good(), endpoint: good().endpoint.replace('127.0.0.1', 'localhost'), pathStyle: false };
  const asked: string[] = [];
  const watched: Http = { ...byName, send: (request) => { asked.push(new URL(request.url).hostname); return byName.send(request); } };
  try {
    expect(await testOwnKeys({ http: watched, clock: systemClock, signal }, target)).toMatchObject({ passed: true });
    expect(new Set(asked)).toEqual(new Set([`${target.bucket}.localhost`]));
    expect(outcomes(await testOwnKeys({ http: byName, clock: systemClock, signal }, { ...target, secretAccessKey: 'wrong' }))[0]).toContain('SignatureDoesNotMatch');
  } finally {
    byName.close();
  }
});

test.each<[string, () => Partial<S3Target>, string]>([
  ['a wrong secret', () => ({ secretAccessKey: 'wrong' }), 'forbidden SignatureDoesNotMatch'],
  ['a wrong key', () => ({ accessKeyId: 'NOBODY' }), 'forbidden InvalidAccessKeyId'],
  ['a bucket that is not there', () => ({ bucket: 'no-such-bucket' }), 'bad-request NoSuchBucket'],
  ['a place where nothing listens', () => ({ endpoint: 'http://127.0.0.1:1' }), 'connection-refused ECONNREFUSED'],
  ['a name that does not exist', () => ({ endpoint: 'http://store.invalid' }), 'dns-failed ENOTFOUND'],
])('%s is told as such, and nothing else is tried', async (_name, change, told) => {
  const [write, ...others] = outcomes(await run(change()));
  expect(write).toContain(`write failed ${told}`);
  expect(others).toEqual(['read not-tried', 'delete not-tried']);
});

test('a store whose certificate nobody vouches for is told as such', async () => {
  const server = createSecureServer(selfSigned);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    const [write] = outcomes(await run({ endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }));
    expect(write).toContain('write failed certificate-untrusted');
  } finally {
    server.close();
  }
});

test.each<[string, (seen: Seen) => Refusal | undefined, string[]]>([
  ['may not write', ({ method }) => (method === 'PUT' ? { status: 403, code: 'AccessDenied' } : undefined), ['write failed forbidden AccessDenied', 'read not-tried', 'delete not-tried']],
  ['may not read', ({ method }) => (method === 'GET' ? { status: 403, code: 'AccessDenied' } : undefined), ['write ok', 'read failed forbidden AccessDenied', 'delete ok']],
  ['may not ask for what is not there', ({ method, path }) => (method === 'HEAD' && path.endsWith('-none') ? { status: 403, code: '' } : undefined), ['write ok', 'read failed forbidden malformed', 'delete ok']],
  ['may not list unfinished uploads', ({ path }) => (path.endsWith('?uploads') ? { status: 403, code: 'AccessDenied' } : undefined), ['write ok', 'read failed forbidden AccessDenied', 'delete ok']],
  ['may not delete', ({ method }) => (method === 'DELETE' ? { status: 403, code: 'AccessDenied' } : undefined), ['write ok', 'read ok', 'delete failed forbidden AccessDenied']],
  ['are used by a computer whose clock is wrong', () => ({ status: 403, code: 'RequestTimeTooSkewed' }), ['write failed clock-skew RequestTimeTooSkewed', 'read not-tried', 'delete not-tried']],
  ['are of another region', () => ({ status: 301, code: 'PermanentRedirect' }), ['write failed bad-request PermanentRedirect', 'read not-tried', 'delete not-tried']],
  ['are signed for another region', () => ({ status: 400, code: 'AuthorizationHeaderMalformed' }), ['write failed bad-request AuthorizationHeaderMalformed', 'read not-tried', 'delete not-tried']],
])('keys that %s', async (_name, refuse, told) => {
  const store = await startTestStore(refuse);
  try {
    const outcome = await run({ endpoint: store.endpoint });
    expect(outcome.passed).toBe(false);
    expect(outcomes(outcome)).toEqual(told);
    expect(store.objects.size).toBe(told[2]?.startsWith('delete failed') ? 1 : 0);
  } finally {
    await store.close();
  }
});

test('other bytes than those written are found out, and deleted', async () => {
  const store = await startTestStore(({ method }) => {
    if (method === 'HEAD') for (const { bytes } of store.objects.values()) bytes.fill(7, 500, 501);
    return undefined;
  });
  try {
    expect(outcomes(await run({ endpoint: store.endpoint }))).toEqual(['write ok', 'read failed integrity-mismatch sha256', 'delete ok']);
    expect(store.objects.size).toBe(0);
  } finally {
    await store.close();
  }
});
