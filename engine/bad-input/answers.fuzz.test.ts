/** @file What servers may send: whatever it is, it ends in a value of the contract or in one of the errors that are classified. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureSchema } from '../../shared/domain/failure.ts';
import { fetchPatients } from '../account/patient-answers.ts';
import { tokenEndsAt } from '../account/access-token.ts';
import { systemClock } from '../clock.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { classify } from '../resilience/classify.ts';
import { retryAfterMs } from '../resilience/retry-after.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import { HttpError, type Http, type HttpAnswer } from '../transport/http.ts';
import { PresignedAddresses } from '../transport/presigned-addresses.ts';
import { createS3Calls } from '../transport/s3-calls.ts';
import * as wire from '../transport/wire.ts';
import { nearly, nearlyBytes, numRuns, patience, utf8 } from './testing/fuzz.ts';

const presigned = { url: 'https://spaces.example/b/k?X-Amz-Signature=1', headers: { 'content-type': 'image/jpeg' }, expires_at: '2026-11-22T08:00:00Z' };
const photo = { id: 'p1', patient_id: 7, object_key: 'k', size_bytes: 10, sha256: 'a'.repeat(64), content_type: 'image/jpeg', uploaded_at: 1_790_000_000 };
const upload = { id: 'u1', client_upload_id: 'c', state: 'open', object_key: 'k', part_bytes: 5_242_880, part_count: 2, single_put: presigned, parts: [{ number: 1, size: 10, etag: '"abc"' }], photo, duplicate_of: null };
const gatewayPhoto = { photo: { entity_id: 3, object_key: 'k', url: presigned.url, size_bytes: 10, etag: 'b'.repeat(32), uploaded_at: '2026-11-22T08:00:00Z' } };
const bodies = [
  { upload }, { uploads: [{ ok: true, upload }, { ok: false, error: { code: 'conflict', status: 409 } }] }, { parts: [{ ...presigned, number: 1 }] }, { photo, duplicate_of: 'x' },
  { uploads: { version: 1, max_file_bytes: 1e8, accepted_types: ['image/jpeg'], part_bytes: 5e6, max_parts_in_flight: 4 } }, gatewayPhoto, { patient: { profile_photo_url: 'https://x.example/p' } },
];
const enveloped = [...bodies, ...bodies.map((data) => ({ status: 'success', data, trace_id: 't-1' })), { status: 'error', error: { code: 'not_found', message: 'no' }, trace_id: 't-1' }, { error: 'unauthorized' }];
const schemas = [wire.uploadAnswerSchema, wire.batchAnswerSchema, wire.presignAnswerSchema, wire.completeAnswerSchema, wire.abortAnswerSchema, wire.capabilitiesSchema, wire.gatewayPhotoSchema, wire.patientPhotoSchema];

const header = fc.oneof(fc.string(), fc.constantFrom('120', '-1', '1e9', '999999999999', 'Sun, 22 Nov 2026 08:00:00 GMT', 'Sun, 99 Nov 2026', '0x10', ' 5 ', '٣'));
const headers = fc.record({ 'retry-after': header, date: header, 'x-trace-id': fc.string(), 'content-type': fc.string() }, { requiredKeys: [] });
const status = fc.oneof(fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504), fc.integer({ min: 100, max: 999 }));
const answerOf = (body: fc.Arbitrary<Uint8Array>): fc.Arbitrary<HttpAnswer> => fc.record({ status, headers, body, phases: fc.constant({ total: 1 }) });
const jsonBody = fc.oneof({ weight: 6, arbitrary: nearly(...enveloped).map(utf8) }, { weight: 1, arbitrary: nearlyBytes(utf8(enveloped[0]), utf8('<html>Sign in</html>')) });

/** One of the errors that are told to nobody as "unknown". */
function expectKnown(error: unknown): void {
  expect(error instanceof AnswerError || error instanceof HttpError, String(error)).toBe(true);
  expect(failureSchema.safeParse(classify(error, { now: 1_790_000_000_000 })).success).toBe(true);
}

describe('answers of the gateway', () => {
  test('are values of the contract, or an AnswerError', () => {
    fc.assert(fc.property(answerOf(jsonBody), fc.constantFrom(...schemas), (answer, schema) => {
      try {
        wire.readAnswer(answer, schema as never);
      } catch (error) {
        expectKnown(error);
      }
    }), { numRuns });
  }, patience);

  test('that are errors become failures, whatever they say', () => {
    fc.assert(fc.property(answerOf(jsonBody), fc.constantFrom('open', 'part', 'complete', 'verify', 'inspect'), (answer, step) => {
      const failure = classify(wire.answerError(answer), { now: 1_790_000_000_000, step: step as 'part' });
      expect(failureSchema.safeParse(failure).success).toBe(true);
      if (failure.retryAfterMs !== undefined) expect(failure.retryAfterMs >= 0 && Number.isFinite(failure.retryAfterMs)).toBe(true);
    }), { numRuns });
  }, patience);

  test('Retry-After is a wait or nothing', () => {
    fc.assert(fc.property(headers, fc.nat(), (given, now) => {
      const wait = retryAfterMs(given as Record<string, string>, now);
      expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
    }), { numRuns });
  }, patience);

  test('a token ends some time or does not say', () => {
    const part = nearly({ exp: 1_790_000_000, sub: 'x' }).map((claims) => Buffer.from(utf8(claims)).toString('base64url'));
    fc.assert(fc.property(fc.oneof(fc.string(), fc.tuple(part, part, part).map((parts) => parts.join('.')), fc.tuple(fc.string(), fc.string()).map((parts) => parts.join('.'))), (token) => {
      const at = tokenEndsAt(token);
      expect(at === undefined || (Number.isFinite(at) && at >= 0)).toBe(true);
    }), { numRuns });
  }, patience);

  test('lists of patients are a list or an AnswerError', async () => {
    const lists = [
      { memberships: [{ org_id: 1, org_name: 'Clinic' }, { org_id: 'b', org_name: null }] }, { patients: [{ id: 1, name: ' Ana ' }] },
      { care_teams: [{ name: 'Team', patients: [{ id: 'x', name: null }] }] },
    ];
    await fc.assert(fc.asyncProperty(fc.array(answerOf(nearly(...lists).map(utf8)).map((answer) => ({ ...answer, status: answer.status > 500 ? 200 : answer.status })), { minLength: 3, maxLength: 3 }), async (answers) => {
      let turn = 0;
      const client = { call: async (call) => wire.readAnswer(answers[turn++ % answers.length]!, call.answer) } as Pick<GatewayClient, 'call'> as GatewayClient;
      try {
        for (const patient of (await fetchPatients(client)).patients) expect(typeof patient.id === 'string' && typeof patient.name === 'string').toBe(true);
      } catch (error) {
        expectKnown(error);
      }
    }), { numRuns });
  }, patience);

  test('presigned addresses are those asked for, or an AnswerError', async () => {
    await fc.assert(fc.asyncProperty(nearly({ parts: [{ ...presigned, number: 1 }, { ...presigned, number: 2 }] }), fc.integer({ min: 1, max: 3 }), async (body, number) => {
      const addresses = new PresignedAddresses(() => 0, async () => wire.readAnswer({ status: 200, headers: {}, body: utf8(body), phases: { total: 1 } }, wire.presignAnswerSchema).parts);
      try {
        const address = await addresses.of('s', { number, chunks: [], sizeBytes: 0, md5: 'c'.repeat(32) }, { signal: new AbortController().signal });
        expect(/^https?:/i.test(address.url)).toBe(true);
        for (const value of Object.values(address.headers)) expect(/[\r\n]/.test(value)).toBe(false);
      } catch (error) {
        expectKnown(error);
      }
    }), { numRuns });
  }, patience);
});

describe('answers of Spaces', () => {
  const error = utf8('<?xml version="1.0"?><Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>');

  test('that are errors become failures', () => {
    fc.assert(fc.property(answerOf(nearlyBytes(error)), (answer) => { expectKnown(wire.spacesError(answer)); }), { numRuns });
  }, patience);

  test('in XML are read, or an AnswerError', async () => {
    const xml = [
      error, utf8('<ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><ETag>"a"</ETag><Size>5</Size></Part></ListPartsResult>'),
      utf8('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'), utf8('<CompleteMultipartUploadResult><ETag>"a-2"</ETag></CompleteMultipartUploadResult>'),
      utf8('<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId><Initiated>2026-11-22T08:00:00Z</Initiated></Upload></ListMultipartUploadsResult>'),
    ];
    let answer: HttpAnswer;
    const http: Http = { send: async () => answer, forgetConnections: () => undefined, close: () => undefined };
    const calls = createS3Calls(http, systemClock, { endpoint: 'https://spaces.example', region: 'r', bucket: 'b', accessKeyId: 'a', secretAccessKey: 's', pathStyle: true });
    const { signal } = new AbortController();
    const facts = factsFor({});
    const each = [
      () => calls.parts('k', 'u', signal), () => calls.create('k', facts, signal), () => calls.complete('k', 'u', [], signal), () => calls.unfinished('k', signal),
      () => calls.head('k', signal), () => calls.abort('k', 'u', signal),
    ];
    await fc.assert(fc.asyncProperty(answerOf(nearlyBytes(...xml)), fc.constantFrom(...each), async (given, call) => {
      answer = given;
      try {
        await call();
      } catch (thrown) {
        expectKnown(thrown);
      }
    }), { numRuns });
  }, patience);
});
