/** @file What checks say of answers. Each throws `Broken`, in words that hold nothing an answer said of anybody. */
import type { z } from 'zod';
import { AnswerError } from '../engine/transport/answer-error.ts';
import type { HttpAnswer } from '../engine/transport/http.ts';
import { readAnswer, answerError } from '../engine/transport/wire.ts';
import { Broken } from './check.ts';
import { jsonOf } from './recorder.ts';

/** An answer of the backend, and what it was asked with. */
export interface Answer {
  http: HttpAnswer;
  /** The body; undefined where it is not JSON. */
  json: unknown;
  /** What was sent as `X-Trace-ID`. */
  traceId: string;
  /** Its words that may be written down: see Withheld. */
  word(text: string): string;
}

export type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `502 upload_failed`, `200 web page`. */
export function told({ http, word }: Answer): string {
  if (http.status >= 200 && http.status <= 299 && jsonOf(http.body) !== undefined) return String(http.status);
  const { code } = answerError(http);
  if (code !== 'malformed') return `${http.status} ${word(code)}`;
  return `${http.status} ${http.body.length === 0 ? 'without a body' : /^\s*</.test(new TextDecoder().decode(http.body.subarray(0, 100))) ? 'web page' : 'in no envelope'}`;
}

/** @throws Broken unless it is so */
export function holds(isSo: boolean, wanted: string, seen: string): asserts isSo {
  if (!isSo) throw new Broken(wanted, seen);
}

export function expectStatus(answer: Answer, ...wanted: number[]): void {
  holds(wanted.includes(answer.http.status), wanted.join(' / '), told(answer));
}

/** An object that has at least these keys. */
export function expectKeys(value: unknown, where: string, keys: readonly string[]): Fields {
  holds(isFields(value), `${where} {…}`, `${where}: ${kindOf(value)}`);
  const missing = keys.filter((key) => value[key] === undefined);
  holds(missing.length === 0, `${where} {${keys.join(', ')}}`, `${where} - ${missing.join(', ')}`);
  return value;
}

/** A list, also an empty one. */
export function expectList(value: unknown, where: string): unknown[] {
  holds(Array.isArray(value), `${where} […]`, `${where}: ${kindOf(value)}`);
  return value;
}

/** An answer of the gateway itself or of auth: JSON as it is, in no envelope. */
export function expectBare(answer: Answer, keys: readonly string[]): Fields {
  const body = expectKeys(answer.json, 'body', keys);
  holds(!('data' in body && 'trace_id' in body), 'bare JSON', 'envelope');
  return body;
}

/** A success of media, user or patient: its `data`. */
export function expectEnvelope(answer: Answer, keys: readonly string[]): Fields {
  const body = expectKeys(answer.json, 'body', ['status', 'message', 'data', 'error', 'trace_id']);
  holds(body.status === 'success', 'status "success"', 'status: another');
  holds(body.error === null, 'error null', `error: ${kindOf(body.error)}`);
  return expectKeys(body.data, 'data', keys);
}

/** A failure of the gateway itself or of auth: `{error, message}`. */
export function expectBareRefusal(answer: Answer, status: number, code?: string): void {
  expectStatus(answer, status);
  const { error } = expectBare(answer, ['error', 'message']);
  holds(typeof error === 'string', 'error: text', `error: ${kindOf(error)}`);
  expectCode(answer, code);
}

/** A failure of media, user or patient: `{status, message, data: null, error: {code}, trace_id}`. */
export function expectRefusal(answer: Answer, status: number, code?: string): void {
  expectStatus(answer, status);
  const body = expectKeys(answer.json, 'body', ['status', 'message', 'data', 'error', 'trace_id']);
  holds(body.status === 'fail' || body.status === 'error', 'status "fail" / "error"', 'status: another');
  holds(body.data === null, 'data null', `data: ${kindOf(body.data)}`);
  expectKeys(body.error, 'error', ['code']);
  expectCode(answer, code);
}

/** Read as the product reads it, whose parser must take it. */
export function expectParsed<T>(answer: Answer, schema: z.ZodType<T>): T {
  try {
    return readAnswer(answer.http, schema);
  } catch (error) {
    if (!(error instanceof AnswerError) || error.code !== 'malformed') throw error;
    const body = answer.json;
    const parsed = schema.safeParse(isFields(body) && 'trace_id' in body ? body.data : body);
    const wrong = parsed.error?.issues.map((issue) => issue.path.map((step) => (typeof step === 'number' ? '[]' : answer.word(String(step)))).join('.') || '.') ?? [];
    throw new Broken('what the product can read', wrong.length > 0 ? `unreadable: ${[...new Set(wrong)].join(', ')}` : told(answer));
  }
}

function expectCode(answer: Answer, code: string | undefined): void {
  const seen = answerError(answer.http).code;
  if (code === undefined) holds(seen !== 'malformed', 'a code', told(answer));
  else holds(seen === code, `${answer.http.status} ${code}`, told(answer));
}

/** What it is, without what it says. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
