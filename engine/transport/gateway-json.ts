import axios, { AxiosError, AxiosHeaders, type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import axiosRetry from 'axios-retry';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { Random } from '../random.ts';
import { partBackOffMs, partTries } from '../resilience/back-off.ts';
import { classify } from '../resilience/classify.ts';
import { retryAfterMs } from '../resilience/retry-after.ts';
import { AnswerError } from './answer-error.ts';
import { unlessAborted } from './coalesce.ts';
import { gatewayAddress } from './gateway-address.ts';
import { SessionExpired, type GatewayCall, type GatewayClient, type OnRepeated, type TokenSource } from './gateway-client.ts';
import { HttpError, callDeadlines, photoDeadlines, type Http, type HttpAnswer, type HttpErrorReason } from './http.ts';
import { answerError, readAnswer } from './wire.ts';

export interface GatewayClientOptions {
  /** With or without a slash at the end. */
  gatewayUrl: string;
  http: Http;
  tokens: TokenSource;
  clock: Clock;
  random: Random;
  log: Logger;
}

/** A server that asks for a longer wait than this is not waited for within the call: whoever called has better to do. */
const longestRetryAfterMs = 2_000;

/** These have already taken their whole deadline; three more of them would keep a worker for minutes. */
const notRepeated: ReadonlySet<HttpErrorReason> = new Set(['stalled', 'total-timeout', 'aborted']);

type Config = InternalAxiosRequestConfig & { relevoAuth?: GatewayCall<unknown>['auth']; relevoOwner?: string | undefined; relevoRepeated?: OnRepeated | undefined };

/**
 * JSON calls over axios, which goes through the `Http` port, so that deadlines, measurements and the simulated
 * network hold for them too. Photo bodies go past axios.
 */
export function createGatewayClient({ gatewayUrl, http, tokens, clock, random, log }: GatewayClientOptions): GatewayClient {
  let clockOffset = 0;

  function learnClock(answer: HttpAnswer): void {
    const date = Date.parse(answer.headers['date'] ?? '');
    // The header is cut to whole seconds; half of one is the least wrong guess.
    if (!Number.isNaN(date)) clockOffset = date + 500 - clock.now();
  }

  /** @throws HttpError `aborted` where the tokens have become another person's */
  async function tokenOfOwner(owner: string | undefined): Promise<string> {
    const token = await tokens.accessToken();
    if (tokens.owner?.() !== owner) throw new HttpError({ reason: 'aborted', endpoint: 'gateway', requestSent: false });
    return token;
  }

  const adapter: AxiosAdapter = async (config) => {
    let answer: HttpAnswer;
    try {
      answer = await http.send({
        method: (config.method ?? 'get').toUpperCase() as GatewayCall<unknown>['method'],
        url: config.url ?? '',
        headers: Object.fromEntries(Object.entries(AxiosHeaders.from(config.headers as AxiosHeaders).toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)])),
        ...(config.data instanceof Uint8Array ? { body: [config.data] } : {}),
        endpoint: 'gateway',
        deadlines: callDeadlines,
        signal: config.signal as AbortSignal | undefined,
      });
    } catch (error) {
      throw AxiosError.from(error as Error, undefined, config);
    }
    learnClock(answer);
    const response: AxiosResponse<HttpAnswer> = { data: answer, status: answer.status, statusText: '', headers: answer.headers, config };
    if (answer.status >= 200 && answer.status <= 299) return response;
    throw new AxiosError(`status ${answer.status}`, undefined, config, undefined, response);
  };

  const client = axios.create({ adapter, transformRequest: [(data: unknown) => data], transformResponse: [(data: unknown) => data] });

  client.interceptors.request.use(async (config: Config) => {
    // Here and not once for the call: a repetition may come after the token's end.
    if (config.relevoAuth === 'token') config.headers.set('authorization', `Bearer ${await unlessAborted(tokenOfOwner(config.relevoOwner), config.signal as AbortSignal | undefined)}`);
    return config;
  });

  axiosRetry(client, {
    retries: partTries - 1,
    retryCondition: (error) => mayBeRepeated(error, clock.now()),
    // The wait is made in `onRetry`, on the engine's clock; axios-retry itself can only use the computer's.
    retryDelay: () => 0,
    onRetry: async (count, error, config) => {
      const asked = error.response ? retryAfterMs((error.response.data as HttpAnswer).headers, clock.now()) : undefined;
      (config as Config).relevoRepeated?.(classify(error.response ? answerError(error.response.data as HttpAnswer) : error.cause, { now: clock.now() }));
      log.debug('gateway.retry', { try: count, status: error.response?.status, reason: reasonOf(error) });
      await clock.sleep(asked ?? partBackOffMs(count, random), config.signal as AbortSignal | undefined);
    },
  });

  async function request(call: GatewayCall<unknown>, traceId: string, relevoOwner: string | undefined): Promise<HttpAnswer> {
    const config = {
      method: call.method,
      url: gatewayAddress(gatewayUrl, call.path),
      headers: { 'accept': 'application/json', 'x-trace-id': traceId, ...(call.body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(call.body === undefined ? {} : { data: new TextEncoder().encode(JSON.stringify(call.body)) }),
      signal: call.signal,
      relevoAuth: call.auth,
      relevoOwner,
      relevoRepeated: call.onRepeated,
      ...(call.idempotent ? {} : { 'axios-retry': { retries: 0 } }),
    };
    try {
      return (await client.request<HttpAnswer>(config)).data;
    } catch (error) {
      if (!(error instanceof AxiosError)) {
        if (axios.isCancel(error)) throw new HttpError({ reason: 'aborted', endpoint: 'gateway', requestSent: false });
        throw error;
      }
      if (error.response?.status === 401 && call.auth === 'token') throw new Rejected(tokenOf(error), error.response.data as HttpAnswer);
      if (error.response) throw answerError(error.response.data as HttpAnswer);
      // axios puts its own error around what the network threw, or the guards before it.
      if (error.cause instanceof HttpError || error.cause instanceof AnswerError) throw error.cause;
      if (axios.isCancel(error)) throw new HttpError({ reason: 'aborted', endpoint: 'gateway', requestSent: false });
      throw error;
    }
  }

  async function renewed(call: GatewayCall<unknown>, traceId: string): Promise<HttpAnswer> {
    const owner = tokens.owner?.();
    for (let first = true; ; first = false) {
      try {
        return await request(call, traceId, owner);
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        const verdict = await unlessAborted(tokens.rejected(error.token), call.signal);
        if (verdict === 'expired') throw new SessionExpired('session expired');
        if (verdict === 'still-valid' || !first) throw answerError(error.answer);
      }
    }
  }

  return {
    async call<T>(call: GatewayCall<T>): Promise<T> {
      const traceId = random.uuid();
      const begunAt = clock.monotonic();
      // Identifiers come after the second segment, and they may be a patient's.
      const route = call.path.split(/[/?]/).slice(0, 3).join('/');
      try {
        const answer = await renewed(call as GatewayCall<unknown>, traceId);
        const value = readAnswer(answer, call.answer);
        log.debug('gateway.call', { method: call.method, route, status: answer.status, ms: Math.round(clock.monotonic() - begunAt), traceId });
        return value;
      } catch (error) {
        const { code, httpStatus } = classify(error, { now: clock.now() });
        log.debug('gateway.call', { method: call.method, route, status: httpStatus, code, ms: Math.round(clock.monotonic() - begunAt), traceId });
        throw error;
      }
    },

    async sendBody({ method, path, headers, body, signal, onSent }) {
      // Others may be waiting for the same renewal, so it goes on when this one is broken off.
      const token = await unlessAborted(tokenOfOwner(tokens.owner?.()), signal);
      const answer = await http.send({
        method, url: gatewayAddress(gatewayUrl, path), body, endpoint: 'gateway', deadlines: photoDeadlines, signal, onSent,
        headers: { 'accept': 'application/json', 'x-trace-id': random.uuid(), ...headers, authorization: `Bearer ${token}` },
      });
      learnClock(answer);
      if (answer.status !== 401) return answer;
      const tokenVerdict = await unlessAborted(tokens.rejected(token), signal);
      if (tokenVerdict === 'expired') throw new SessionExpired('session expired');
      return { ...answer, tokenVerdict };
    },

    clockOffsetMs: () => clockOffset,
  };
}

/** The server does not take this token. Never leaves this file. */
class Rejected extends Error {
  readonly token: string;
  readonly answer: HttpAnswer;
  constructor(token: string, answer: HttpAnswer) {
    super('rejected');
    this.token = token;
    this.answer = answer;
  }
}

function tokenOf(error: AxiosError): string {
  return String(error.config?.headers.get('authorization') ?? '').replace(/^Bearer /, '');
}

function reasonOf(error: AxiosError): string | undefined {
  return error.cause instanceof HttpError ? error.cause.reason : undefined;
}

/** Only what repeating soon may cure: the network's absence, a rate limit or an open breaker are for the queue to wait out. */
function mayBeRepeated(error: AxiosError, now: number): boolean {
  if (error.response) {
    const told = answerError(error.response.data as HttpAnswer);
    const failure = classify(told, { now });
    if (failure.retryAfterMs !== undefined) return failure.retryAfterMs <= longestRetryAfterMs && failure.disposition !== 'needsAttention';
    return failure.disposition === 'retry' && (told.status >= 500 || told.status === 408 || told.status === 425);
  }
  if (!(error.cause instanceof HttpError)) return false;
  return classify(error.cause, { now }).disposition === 'retry' && !notRepeated.has(error.cause.reason);
}
