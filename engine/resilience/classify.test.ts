import { describe, expect, it } from 'vitest';
import type { Disposition, FailureCode } from '../../shared/domain/failure.ts';
import { failureSchema } from '../../shared/domain/failure.ts';
import { SpoolError } from '../spool/spool.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { SessionExpired } from '../transport/gateway-client.ts';
import { HttpError, type HttpErrorReason } from '../transport/http.ts';
import { IntegrityMismatch } from '../transport/transport.ts';
import { classify, type Step } from './classify.ts';

const gateway = (status: number, code = 'some_code', headers: Record<string, string> = {}) => new AnswerError({ endpoint: 'gateway', status, code, headers, traceId: 'trace-1' });
const spaces = (status: number, code: string) => new AnswerError({ endpoint: 'spaces', status, code });

describe('a request without a whole answer', () => {
  it.each<[HttpErrorReason, FailureCode, Disposition, boolean]>([
    ['offline', 'offline', 'wait', false],
    ['unreachable', 'offline', 'wait', false],
    ['dns', 'dns-failed', 'wait', false],
    ['refused', 'connection-refused', 'wait', false],
    ['connect-timeout', 'connect-timeout', 'wait', false],
    ['reset', 'connection-reset', 'retry', true],
    ['stalled', 'stalled', 'retry', true],
    ['total-timeout', 'request-timeout', 'retry', true],
    ['truncated', 'malformed-answer', 'retry', true],
    ['answer-too-long', 'malformed-answer', 'retry', true],
    ['tls', 'tls-failed', 'wait', true],
    ['certificate-expired', 'certificate-expired', 'wait', false],
    ['certificate-untrusted', 'certificate-untrusted', 'wait', false],
    ['proxy-auth', 'proxy-auth-required', 'wait', false],
    ['proxy', 'proxy-failed', 'wait', false],
    ['aborted', 'connection-reset', 'wait', true],
  ])('%s is %s: %s; ambiguous once sent: %s', (reason, code, disposition, ambiguousIfSent) => {
    const made = (requestSent: boolean) => classify(new HttpError({ reason, endpoint: 'spaces', requestSent, errno: 'ESOMETHING' }));
    expect(made(false)).toEqual({ code, disposition, endpoint: 'spaces', ambiguous: false, detail: 'ESOMETHING' });
    expect(made(true).ambiguous).toBe(ambiguousIfSent);
  });
});

describe('an answer of the gateway', () => {
  it.each<[number, string, Step | undefined, FailureCode, Disposition]>([
    [400, 'some_code', undefined, 'bad-request', 'needsAttention'],
    [400, 'empty_file', 'part', 'bad-request', 'needsAttention'],
    [400, 'file_too_large', 'part', 'too-large', 'needsAttention'],
    [401, 'unauthorized', undefined, 'server-error', 'retry'],
    [401, 'oversize_body', 'part', 'too-large', 'needsAttention'],
    [401, 'malformed', undefined, 'malformed-answer', 'retry'],
    [403, 'forbidden', 'open', 'forbidden', 'needsAttention'],
    [404, 'entity_not_found', 'open', 'patient-not-found', 'needsAttention'],
    [404, 'upload_not_found', 'complete', 'upload-gone', 'retry'],
    [404, 'not_found', 'part', 'upload-gone', 'retry'],
    [404, 'malformed', 'open', 'malformed-answer', 'retry'],
    [408, 'some_code', undefined, 'request-timeout', 'retry'],
    [409, 'integrity_mismatch', 'complete', 'integrity-mismatch', 'retry'],
    [409, 'upload_expired', 'complete', 'upload-gone', 'retry'],
    [409, 'upload_completed', 'part', 'conflict', 'retry'],
    [409, 'client_upload_id_reused', 'open', 'conflict', 'needsAttention'],
    [413, 'malformed', 'part', 'too-large', 'needsAttention'],
    [415, 'unsupported_file_type', 'open', 'unsupported-type', 'needsAttention'],
    [422, 'validation_error', 'open', 'bad-request', 'needsAttention'],
    [418, 'some_code', 'open', 'bad-request', 'needsAttention'],
    [425, 'some_code', undefined, 'service-unavailable', 'retry'],
    [429, 'rate_limited', undefined, 'rate-limited', 'wait'],
    [500, 'internal_error', undefined, 'server-error', 'retry'],
    [501, 'some_code', undefined, 'server-error', 'retry'],
    [502, 'upload_failed', 'part', 'bad-gateway', 'retry'],
    [502, 'database_error', 'part', 'server-error', 'retry'],
    [503, 'service_unavailable', undefined, 'service-unavailable', 'retry'],
    [504, 'timeout', 'part', 'gateway-timeout', 'retry'],
    [507, 'some_code', undefined, 'server-disk-full', 'wait'],
    [200, 'malformed', undefined, 'malformed-answer', 'retry'],
    [302, 'malformed', undefined, 'malformed-answer', 'retry'],
    [200, 'something_else', 'complete', 'server-error', 'retry'],
  ])('%i %s at %s is %s: %s', (status, code, step, expected, disposition) => {
    const failure = classify(gateway(status, code), step ? { step } : {});
    expect(failure).toMatchObject({ code: expected, disposition, endpoint: 'gateway', httpStatus: status, traceId: 'trace-1', detail: code });
    expect(failureSchema.parse(failure)).toEqual(failure);
  });

  it('a 503 of an open breaker waits, a bare one does not prove it', () => {
    expect(classify(gateway(503, 'circuit_open', { 'x-circuit': 'open', 'retry-after': '10' }))).toMatchObject({ code: 'circuit-open', disposition: 'wait', retryAfterMs: 10_000 });
    expect(classify(gateway(503, 'some_code', { 'x-circuit': 'closed' })).code).toBe('service-unavailable');
  });

  it.each<[number, string, boolean]>([
    [504, 'timeout', true], [504, 'malformed', true], [502, 'malformed', true], [200, 'malformed', true],
    [502, 'upload_failed', false], [503, 'service_unavailable', false], [500, 'internal_error', false], [404, 'malformed', false], [200, 'upload_failed', true], [201, 'database_error', true],
  ])('%i %s may have been carried out: %s', (status, code, ambiguous) => {
    expect(classify(gateway(status, code)).ambiguous).toBe(ambiguous);
  });

  it('obeys Retry-After in seconds and as a date by the server\'s own clock', () => {
    expect(classify(gateway(429, 'x', { 'retry-after': '7' })).retryAfterMs).toBe(7_000);
    const date = { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' };
    expect(classify(gateway(503, 'x', date), { now: 0 }).retryAfterMs).toBe(30_000);
    expect(classify(gateway(503, 'x', { 'retry-after': 'soon' })).retryAfterMs).toBeUndefined();
  });

  it('keeps what is no code out of what is stored and shown', () => {
    expect(classify(gateway(400, 'patient Ana Pérez not found')).detail).toBe('other');
  });
});

describe('an answer of Spaces', () => {
  it.each<[number, string, FailureCode, Disposition]>([
    [503, 'SlowDown', 'rate-limited', 'wait'],
    [503, 'ServiceUnavailable', 'service-unavailable', 'retry'],
    [500, 'InternalError', 'server-error', 'retry'],
    [200, 'InternalError', 'server-error', 'retry'],
    [400, 'RequestTimeout', 'request-timeout', 'retry'],
    [404, 'NoSuchUpload', 'upload-gone', 'retry'],
    [404, 'NoSuchKey', 'upload-gone', 'retry'],
    [404, 'NoSuchBucket', 'bad-request', 'needsAttention'],
    [403, 'RequestTimeTooSkewed', 'clock-skew', 'retry'],
    [403, 'AccessDenied', 'forbidden', 'needsAttention'],
    [403, 'Presigned.AccessDenied', 'signature-expired', 'retry'],
    [403, 'Presigned.malformed', 'signature-expired', 'retry'],
    [403, 'Presigned.SignatureDoesNotMatch', 'signature-expired', 'retry'],
    [403, 'Presigned.ExpiredToken', 'signature-expired', 'retry'],
    [403, 'Presigned.constructor', 'signature-expired', 'retry'],
    [403, 'Presigned.QuotaExceeded', 'server-disk-full', 'wait'],
    [403, 'Presigned.NoSuchBucket', 'bad-request', 'needsAttention'],
    [403, 'Presigned.SlowDown', 'rate-limited', 'wait'],
    [403, 'Presigned.RequestTimeTooSkewed', 'clock-skew', 'retry'],
    [400, 'InvalidPart', 'integrity-mismatch', 'retry'],
    [400, 'EntityTooSmall', 'integrity-mismatch', 'retry'],
    [400, 'BadDigest', 'integrity-mismatch', 'retry'],
    [400, 'IncompleteBody', 'connection-reset', 'retry'],
    [400, 'EntityTooLarge', 'too-large', 'needsAttention'],
    [403, 'QuotaExceeded', 'server-disk-full', 'wait'],
    [401, 'malformed', 'malformed-answer', 'retry'],
    [401, 'SomethingNew', 'forbidden', 'needsAttention'],
    [400, 'SomethingNew', 'bad-request', 'needsAttention'],
  ])('%i %s is %s: %s', (status, code, expected, disposition) => {
    expect(classify(spaces(status, code))).toMatchObject({ code: expected, disposition, endpoint: 'spaces' });
  });
});

describe('the rest', () => {
  it.each<[unknown, Step | undefined, FailureCode, Disposition]>([
    [new SessionExpired(), undefined, 'session-expired', 'signIn'],
    [new IntegrityMismatch('etag'), 'part', 'integrity-mismatch', 'retry'],
    [new IntegrityMismatch('sha256'), 'verify', 'integrity-mismatch', 'needsAttention'],
    [new SpoolError('missing'), undefined, 'spool-missing', 'needsAttention'],
    [new SpoolError('damaged'), undefined, 'spool-damaged', 'needsAttention'],
    [new SpoolError('wrong-key'), undefined, 'spool-damaged', 'needsAttention'],
    [new SpoolError('disk-full'), undefined, 'disk-full', 'wait'],
    [new SpoolError('unwritable'), undefined, 'unknown', 'needsAttention'],
    [new TypeError('Ana Pérez is undefined'), undefined, 'unknown', 'needsAttention'],
    ['a text', undefined, 'unknown', 'needsAttention'],
    [undefined, undefined, 'unknown', 'needsAttention'],
  ])('%s at %s is %s: %s', (error, step, code, disposition) => {
    const failure = classify(error, step ? { step } : {});
    expect(failure).toMatchObject({ code, disposition });
    expect(JSON.stringify(failure)).not.toContain('Ana');
  });
});
