import { z } from 'zod';
import type { Finding, Hop } from '../../../shared/domain/diagnosis.ts';
import type { ConnectFailure } from './connection.ts';
import type { ExchangeAnswer } from './exchange.ts';
import type { ProbeFinding } from './probe.ts';

/** The two envelopes of the backend: the services' own, and the gateway's bare one. */
const serviceEnvelope = z.object({ status: z.enum(['success', 'fail', 'error']), data: z.unknown().optional(), error: z.unknown().optional() });
const errorCode = z.union([z.string(), z.object({ code: z.string() }).transform((error) => error.code)]);

export interface ReadAnswer {
  /** Judged by the form of the answer: whoever is not of the backend speaks another one. */
  hop: Hop;
  serverCode: string | undefined;
  /** An envelope's data, or the whole bare object; undefined where it is not JSON. */
  data: unknown;
  requestId: string | undefined;
}

export function readBackendAnswer(answer: Pick<ExchangeAnswer, 'headers' | 'body'>): ReadAnswer {
  const body = parseJson(answer.body);
  const requestId = shortToken(answer.headers['x-trace-id'] ?? answer.headers['x-request-id'] ?? (body as { trace_id?: unknown } | undefined)?.trace_id);
  const envelope = serviceEnvelope.safeParse(body);
  if (envelope.success && (envelope.data.data !== undefined || envelope.data.error !== undefined)) {
    return { hop: 'media', serverCode: codeOf(envelope.data.error), data: envelope.data.data, requestId };
  }
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return { hop: isObject ? 'gateway' : 'proxy', serverCode: isObject ? codeOf((body as { error?: unknown }).error) : undefined, data: isObject ? body : undefined, requestId };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  const parsed = errorCode.safeParse(error);
  return parsed.success && /^[\w.-]{1,60}$/.test(parsed.data) ? parsed.data : undefined;
}

/** Identifiers are kept only where they look like one; anything else might be somebody's data. */
function shortToken(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,200}$/.test(value) ? value : undefined;
}

/** @returns milliseconds, from seconds or an HTTP date; undefined for anything else. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What every HTTP answer tells, good or bad. */
export function answerEvidence(answer: ExchangeAnswer, now: number): Omit<ProbeFinding, 'outcome'> {
  const read = readBackendAnswer(answer);
  const wait = retryAfter(answer.headers['retry-after'], now);
  return {
    httpStatus: answer.status, phases: answer.phases, bytes: answer.bytes, proxyUsed: answer.proxyUsed, answeringHop: read.hop,
    ...(read.serverCode === undefined ? {} : { serverCode: read.serverCode }),
    ...(read.requestId === undefined ? {} : { requestId: read.requestId }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(answer.headers['x-circuit']?.toLowerCase() === 'open' ? { circuitOpen: true } : {}),
    ...(answer.dateOffsetMs === undefined ? {} : { dateOffsetMs: answer.dateOffsetMs }),
  };
}

/** Finding and evidence of a try that brought no answer. */
export function failureFinding(failure: ConnectFailure): ProbeFinding {
  return {
    outcome: 'failed', finding: failure.finding, phases: failure.phases, proxyUsed: failure.proxyUsed,
    ...(failure.errno === undefined ? {} : { errno: failure.errno }),
    ...(failure.httpStatus === undefined ? {} : { httpStatus: failure.httpStatus, answeringHop: 'proxy' as const }),
  };
}

/** Where an answer leads away from the host that was asked, as sign-in pages do; undefined otherwise. */
export function redirectedTo(answer: ExchangeAnswer, url: URL): string | undefined {
  if (answer.status === 511) return url.hostname;
  const location = answer.headers['location'];
  if (answer.status < 300 || answer.status > 399 || location === undefined || !URL.canParse(location, url.href)) return undefined;
  const { hostname } = new URL(location, url.href);
  return hostname === url.hostname ? undefined : hostname;
}

export const oddAnswer: Finding = 'odd-answer';
