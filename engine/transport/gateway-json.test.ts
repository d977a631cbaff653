import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Failure } from '../../shared/domain/failure.ts';
import { AnswerError } from './answer-error.ts';
import { createGatewayClient } from './gateway-json.ts';
import { SessionExpired, type GatewayCall, type TokenSource } from './gateway-client.ts';
import { HttpError, type Http, type HttpAnswer, type HttpRequest } from './http.ts';

type Reply = HttpAnswer | HttpError | AnswerError;

const ok = (data: unknown = { value: 1 }, headers: Record<string, string> = {}): HttpAnswer => reply(200, { status: 'success', data, error: null, trace_id: 't' }, headers);
const reply = (status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer =>
  ({ status, headers, body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)), phases: { total: 0 } });
const failed = (reason: HttpError['reason'], requestSent = true) => new HttpError({ reason, endpoint: 'gateway', requestSent });

/** A client on a network that answers from a list, with a clock on which sleeping takes no time and is written down. */
function make(replies: Reply[], tokens?: Partial<TokenSource>) {
  const requests: HttpRequest[] = [];
  const slept: number[] = [];
  const logged: string[] = [];
  const now = Date.parse('2026-11-22T10:00:00Z');
  const http: Http = {
    async send(request) {
      requests.push(request);
      const next = replies.shift();
      if (!next) throw new Error('no reply left');
      if (next instanceof Error) throw next;
      return next;
    },
    forgetConnections: () => undefined,
    close: () => undefined,
  };
  const write = (event: string, fields?: object) => { logged.push(`${event} ${JSON.stringify(fields)}`); };
  const client = createGatewayClient({
    gatewayUrl: 'https://gateway.test/',
    http,
    tokens: { accessToken: async () => 'token-1', rejected: async () => 'still-valid', ...tokens },
    clock: { now: () => now, monotonic: () => 0, sleep: async (ms) => { slept.push(ms); } },
    random: { unit: () => 1, uuid: () => 'trace-of-ours' },
    log: { debug: write, info: write, warn: write, error: write },
  });
  return { client, requests, slept, logged, now };
}

const call = (rest: Partial<GatewayCall<{ value: number }>> = {}): GatewayCall<{ value: number }> =>
  ({ method: 'GET', path: '/media/patients/Ana-17/photo', answer: z.object({ value: z.number() }), auth: 'token', idempotent: true, ...rest });

const codeOf = (promise: Promise<unknown>) => promise.then(() => 'done', (error: unknown) => error);

describe('a call', () => {
  it('carries the token, a trace id and JSON, and gives out the data', async () => {
    const { client, requests } = make([ok()]);
    expect(await client.call(call({ method: 'POST', body: { a: 'ñ' } }))).toEqual({ value: 1 });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'POST', url: 'https://gateway.test/media/patients/Ana-17/photo', endpoint: 'gateway' });
    expect(request?.headers).toMatchObject({ 'authorization': 'Bearer token-1', 'x-trace-id': 'trace-of-ours', 'content-type': 'application/json', 'accept': 'application/json' });
    expect(Buffer.concat(request?.body ?? []).toString()).toBe('{"a":"ñ"}');
  });

  it('sends no token where none is wanted', async () => {
    const { client, requests } = make([ok()]);
    await client.call(call({ auth: 'none' }));
    expect(requests[0]?.headers['authorization']).toBeUndefined();
  });

  it('learns the server\'s clock', async () => {
    const { client } = make([ok(undefined, { date: 'Sun, 22 Nov 2026 10:10:00 GMT' })]);
    expect(client.clockOffsetMs()).toBe(0);
    await client.call(call());
    expect(client.clockOffsetMs()).toBe(600_500);
  });

  it('tells no identifier and no token to the log', async () => {
    const { client, logged } = make([failed('reset'), reply(403, { error: 'forbidden' }), ok()]);
    await codeOf(client.call(call()));
    await client.call(call());
    expect(logged.length).toBeGreaterThan(2);
    expect(logged.join()).not.toMatch(/Ana|token-1|gateway\.test/);
  });
});

describe('a call that is broken off', () => {
  const never = () => new Promise<never>(() => undefined);
  const body = (signal: AbortSignal) => ({ method: 'POST' as const, path: '/media/x', headers: {}, body: [], signal });

  it.each<[string, Partial<TokenSource>, Reply[], (client: ReturnType<typeof make>['client'], signal: AbortSignal) => Promise<unknown>]>([
    ['a call waits for a token that others are waiting for', { accessToken: never }, [], (client, signal) => client.call(call({ signal }))],
    ['a call waits for what is to be said of its token', { rejected: never }, [reply(401, { error: 'x' })], (client, signal) => client.call(call({ signal }))],
    ['a body waits for a token', { accessToken: never }, [], (client, signal) => client.sendBody(body(signal))],
    ['a body waits for what is to be said of its token', { rejected: never }, [reply(401, { error: 'x' })], (client, signal) => client.sendBody(body(signal))],
  ])('ends at once while %s', async (_name, tokens, replies, work) => {
    const stop = new AbortController();
    const { client } = make(replies, tokens);
    const ended = codeOf(work(client, stop.signal));
    await new Promise((resolve) => { setImmediate(resolve); });
    stop.abort(new Error('paused'));
    expect(await ended).toMatchObject({ name: 'HttpError', reason: 'aborted', requestSent: false });
  });
});

describe('repetition', () => {
  it('repeats what is idempotent three times, with growing waits', async () => {
    const { client, slept, requests } = make([failed('reset'), reply(502, '<html>'), reply(503, { error: 'service_unavailable' }), ok()]);
    expect(await client.call(call())).toEqual({ value: 1 });
    expect(slept).toEqual([250, 500, 1000]);
    expect(requests).toHaveLength(4);
  });

  it('tells whoever asked of each request that is made again, and not of the last', async () => {
    const told: unknown[] = [];
    const onRepeated = ({ code, httpStatus }: Failure): void => { told.push([code, httpStatus]); };
    const { client } = make([failed('reset'), reply(502, '<html>'), ok(), ...Array.from({ length: 4 }, () => reply(500, { error: 'internal_error' }))]);
    await client.call(call({ onRepeated }));
    expect(told.splice(0)).toEqual([['connection-reset', undefined], ['bad-gateway', 502]]);
    await codeOf(client.call(call({ onRepeated })));
    expect(told).toHaveLength(3);
  });

  it('gives up after them with the last failure', async () => {
    const { client, requests } = make(Array.from({ length: 9 }, () => reply(500, { error: 'internal_error' })));
    expect(await codeOf(client.call(call()))).toMatchObject({ name: 'AnswerError', status: 500, code: 'internal_error' });
    expect(requests).toHaveLength(4);
  });

  it('hands on what the guards before the network say, as they said it', async () => {
    const open = new AnswerError({ endpoint: 'gateway', status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open' } });
    const { client, requests } = make([open]);
    expect(await codeOf(client.call(call()))).toBe(open);
    expect(requests).toHaveLength(1);
  });

  it('a POST goes again only where the contract says that it may', async () => {
    const twice = make([reply(500, { error: 'x' }), ok()]);
    expect(await codeOf(twice.client.call(call({ method: 'POST', idempotent: false })))).toMatchObject({ status: 500 });
    const { client } = make([reply(500, { error: 'x' }), ok()]);
    expect(await client.call(call({ method: 'POST', body: {}, idempotent: true }))).toEqual({ value: 1 });
  });

  it('the body is the same each time', async () => {
    const { client, requests } = make([failed('reset'), ok()]);
    await client.call(call({ method: 'POST', body: { a: 1 } }));
    expect(requests.map(({ body }) => Buffer.concat(body ?? []).toString())).toEqual(['{"a":1}', '{"a":1}']);
  });

  it.each([
    ['offline', failed('offline', false)], ['refused', failed('refused', false)], ['a stall, which took its time already', failed('stalled')],
    ['an open breaker', reply(503, { error: 'x' }, { 'x-circuit': 'open' })], ['a wrong request', reply(422, { error: 'validation_error' })],
    ['a long Retry-After', reply(503, { error: 'x' }, { 'retry-after': '3' })], ['a rate limit without a time', reply(429, { error: 'x' })],
  ])('%s is handed out at once', async (_name, first) => {
    const { client, requests, slept } = make([first, ok()]);
    expect(await codeOf(client.call(call()))).toBeInstanceOf(Error);
    expect([requests.length, slept]).toEqual([1, []]);
  });

  it('a short Retry-After is waited for to the letter', async () => {
    const { client, slept } = make([reply(429, { error: 'x' }, { 'retry-after': '2' }), ok()]);
    await client.call(call());
    expect(slept).toEqual([2_000]);
  });
});

describe('a 401', () => {
  const no = reply(401, { error: 'unauthorized' });

  it('renews the token once and goes again', async () => {
    let token = 'old';
    const asked: string[] = [];
    const { client, requests } = make([no, ok()], { accessToken: async () => token, rejected: async (refused) => { asked.push(refused); token = 'new'; return 'refreshed'; } });
    expect(await client.call(call())).toEqual({ value: 1 });
    expect(asked).toEqual(['old']);
    expect(requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old', 'Bearer new']);
  });

  it('ends as SessionExpired only where the session is over', async () => {
    expect(await codeOf(make([no], { rejected: async () => 'expired' }).client.call(call()))).toBeInstanceOf(SessionExpired);
    expect(await codeOf(make([no]).client.call(call()))).toMatchObject({ name: 'AnswerError', status: 401 });
    expect(await codeOf(make([no, no], { rejected: async () => 'refreshed' }).client.call(call()))).toMatchObject({ name: 'AnswerError', status: 401 });
    expect(await codeOf(make([no]).client.call(call({ auth: 'none' })))).toMatchObject({ name: 'AnswerError', status: 401 });
  });

  it('to a photo body says what came of asking', async () => {
    const send = { method: 'PUT' as const, path: '/x', headers: {}, body: [] };
    expect(await make([no]).client.sendBody(send)).toMatchObject({ status: 401, tokenVerdict: 'still-valid' });
    expect(await codeOf(make([no], { rejected: async () => 'expired' }).client.sendBody(send))).toBeInstanceOf(SessionExpired);
  });

  it('a failing token source is told as it is', async () => {
    const error = failed('offline', false);
    expect(await codeOf(make([], { accessToken: () => Promise.reject(error) }).client.call(call()))).toBe(error);
    const over = new SessionExpired();
    expect(await codeOf(make([], { accessToken: () => Promise.reject(over) }).client.call(call()))).toBe(over);
  });
});

describe('answers that are not in the contract\'s words', () => {
  it.each([['JSON cut off', '{"status":'], ['a web page', '<html>'], ['another shape', { status: 'success', data: { value: 'one' }, error: null }], ['nothing', '']])('%s is malformed', async (_name, body) => {
    expect(await codeOf(make([reply(200, body)]).client.call(call()))).toMatchObject({ name: 'AnswerError', status: 200, code: 'malformed' });
  });

  it('an error inside a 200 is an error', async () => {
    const body = { status: 'error', message: 'x', data: null, error: { code: 'upload_failed' }, trace_id: 't1' };
    expect(await codeOf(make([reply(200, body)]).client.call(call()))).toMatchObject({ status: 200, code: 'upload_failed', traceId: 't1' });
  });
});

it('an aborted call is an aborted HttpError', async () => {
  expect(await codeOf(make([ok()]).client.call(call({ signal: AbortSignal.abort() })))).toMatchObject({ name: 'HttpError', reason: 'aborted' });
});

describe('a call in the name of one person', () => {
  it.each([
    ['repeated', reply(503, { error: 'service_unavailable' })],
    ['sent again with a renewed token', reply(401, { error: 'unauthorized' })],
  ])('is not %s once somebody else has signed in', async (_how, first) => {
    let owner = 'ana';
    const replies = [first, ok()];
    // While the first answer is on its way.
    replies.shift = function answer() { owner = 'berta'; return Array.prototype.shift.call(this); };
    const { client, requests } = make(replies, { owner: () => owner, accessToken: async () => `token-of-${owner}`, rejected: async () => 'refreshed' });
    expect(await codeOf(client.call(call()))).toMatchObject({ reason: 'aborted', requestSent: false });
    expect(requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-of-ana']);
  });

  it('is not sent where its token was being renewed when somebody else signed in', async () => {
    let owner = 'ana';
    const { client, requests } = make([ok()], { owner: () => owner, accessToken: async () => { owner = owner === 'ana' ? 'berta' : 'ana'; return 'token'; } });
    expect(await codeOf(client.call(call()))).toMatchObject({ reason: 'aborted' });
    await expect(client.sendBody({ method: 'PUT', path: '/media/patients/Ana-17/photo', headers: {}, body: [] }).then(() => 'sent', () => 'refused')).resolves.toBe('refused');
    expect(requests).toEqual([]);
  });
});
