import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { AnswerError } from './answer-error.ts';
import type { HttpAnswer } from './http.ts';
import {
  abortAnswerSchema, answerError, batchAnswerSchema, bareEtag, completeAnswerSchema, gatewayPhotoSchema, momentSchema,
  patientPhotoSchema, presignAnswerSchema, presignedSchema, readAnswer, spacesError, uploadAnswerSchema,
} from './wire.ts';

const answer = (body: unknown, status = 200): HttpAnswer =>
  ({ status, headers: {}, body: body instanceof Uint8Array ? body : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)), phases: { total: 0 } });

const schemas: [string, z.ZodType][] = Object.entries({
  abortAnswerSchema, batchAnswerSchema, completeAnswerSchema, gatewayPhotoSchema, patientPhotoSchema, presignAnswerSchema, uploadAnswerSchema,
});

const photo = { id: 'p1', patient_id: 'a', object_key: 'k', size_bytes: 3, sha256: 'A'.repeat(64), content_type: 'image/jpeg', uploaded_at: '2026-11-22T10:00:00Z' };
const put = { url: 'https://spaces.test/k?X-Amz-Signature=1', headers: { 'content-md5': 'x' }, expires_at: '2026-11-22T10:00:00Z' };
const upload = { id: 'u1', client_upload_id: 'c', state: 'open', object_key: 'k', part_bytes: 5, part_count: 2, single_put: put, parts: [{ number: 1, size: 5, etag: '"AB"' }], photo: null };
/** Shapes near the real ones, which get further into the parsers than noise does. */
const near = fc.oneof(
  fc.anything(),
  fc.record({ upload: fc.record({ id: fc.anything(), state: fc.constantFrom('open', 'completed', 7), part_bytes: fc.anything(), parts: fc.anything(), single_put: fc.anything() }, { requiredKeys: [] }) }, { requiredKeys: [] }),
  fc.record({ photo: fc.oneof(fc.anything(), fc.record({ ...Object.fromEntries(Object.keys(photo).map((key) => [key, fc.anything()])) })) }),
  fc.constant({ upload }), fc.constant({ photo }),
).chain((data) => fc.constantFrom<unknown>(data, { status: 'success', data, error: null }, { status: 'fail', data: null, error: data }, { error: data }));

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined';
  } catch {
    return '{';
  }
}

describe('every parser of answers', () => {
  it('throws AnswerError and nothing else, whatever comes', () => {
    const bodies = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json(), fc.string(), near.map(jsonOf));
    fc.assert(fc.property(bodies, fc.integer({ min: 100, max: 599 }), fc.nat(schemas.length - 1), (body, status, which) => {
      try {
        readAnswer(answer(body, status), (schemas[which] as (typeof schemas)[number])[1]);
        expect(status).toBeGreaterThanOrEqual(200);
        expect(status).toBeLessThanOrEqual(299);
      } catch (error) {
        expect(error).toBeInstanceOf(AnswerError);
        expect((error as AnswerError).code).toMatch(/^[\w.-]{1,100}$/);
      }
      expect(answerError(answer(body, status))).toBeInstanceOf(AnswerError);
      expect(spacesError(answer(body, status)).code).toMatch(/^[A-Za-z0-9.]{1,100}$/);
    }), { numRuns: 1_500 });
  }, 30_000);
});

describe('readAnswer', () => {
  it('reads both envelopes', () => {
    expect(readAnswer(answer({ status: 'success', message: 'OK', data: { upload }, error: null, trace_id: 't' }), uploadAnswerSchema).upload).toMatchObject({ id: 'u1', parts: [{ etag: 'ab' }] });
    expect(readAnswer(answer({ photo }), completeAnswerSchema).photo).toMatchObject({ sha256: 'a'.repeat(64), uploaded_at: Date.parse(photo.uploaded_at) });
  });

  it.each([
    [401, { error: 'unauthorized', message: 'No' }, 'unauthorized'],
    [404, { status: 'fail', message: 'No', data: null, error: { code: 'entity_not_found' }, trace_id: 't9' }, 'entity_not_found'],
    [200, { status: 'error', message: 'No', data: null, error: { code: 'upload_failed' }, trace_id: 't9' }, 'upload_failed'],
    [502, '<html>Bad gateway</html>', 'malformed'],
    [200, '<html>Welcome to the hotel</html>', 'malformed'],
    [200, '{"upload": {', 'malformed'],
    [200, { status: 'success', data: { upload: { ...upload, part_bytes: 0 } }, error: null }, 'malformed'],
    [400, { error: { code: 'Ana Pérez has no such photo' } }, 'malformed'],
  ])('%i tells its code', (status, body, code) => {
    const thrown = (): unknown => { try { return readAnswer(answer(body, status), uploadAnswerSchema); } catch (error) { return error; } };
    expect(thrown()).toMatchObject({ name: 'AnswerError', status, code });
  });

  it('refuses addresses that are none of the web, and headers that could end a line', () => {
    expect(presignedSchema.safeParse(put).success).toBe(true);
    expect(presignedSchema.safeParse({ ...put, url: 'file:///etc/passwd' }).success).toBe(false);
    expect(presignedSchema.safeParse({ ...put, headers: { 'content-md5': 'x\r\nx-evil: 1' } }).success).toBe(false);
  });
});

it('moments are read from ISO texts, seconds and milliseconds', () => {
  const at = Date.parse('2026-11-22T10:00:00Z');
  expect([at / 1000, at, '2026-11-22T10:00:00Z'].map((value) => momentSchema.parse(value))).toEqual([at, at, at]);
  expect(momentSchema.safeParse('yesterday').success).toBe(false);
});

it('ETags are compared without quotes, weakness or case', () => {
  expect(['"AB"', 'W/"ab"', 'ab'].map(bareEtag)).toEqual(['ab', 'ab', 'ab']);
});

it('reads S3\'s errors', () => {
  expect(spacesError(answer('<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>x</Message></Error>', 503))).toMatchObject({ endpoint: 'spaces', status: 503, code: 'SlowDown' });
  expect(spacesError(answer('', 404)).code).toBe('NoSuchKey');
});
