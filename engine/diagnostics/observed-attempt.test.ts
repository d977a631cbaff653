import { expect, test } from 'vitest';
import type { Failure, FailureCode } from '../../shared/domain/failure.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import { HttpError, type Http, type HttpErrorReason, type HttpRequest } from '../transport/http.ts';
import { watchDrops } from './drops.ts';
import { failsFirst, observedAttempts } from './observed-attempt.ts';

const record = (tries: number): UploadRecord => ({ facts: { id: 'photo-1', sizeBytes: 1000 }, tries, confirmedBytes: 200 }) as UploadRecord;
const failure = (code: FailureCode, httpStatus?: number): Failure => ({ code, disposition: 'retry', endpoint: 'gateway', ambiguous: false, ...(httpStatus === undefined ? {} : { httpStatus }) });
const facts = (repeated?: Failure) => ({ at: 5000, durationMs: 70, repeated: repeated && { failure: repeated, at: 4980, durationMs: 50 }, behindBreaker: () => undefined });

test('a photo that arrived only because a request was made again did not arrive at the first try', () => {
  expect(observedAttempts({ name: 'completed', bytes: 1000 }, record(0), undefined, facts())).toEqual([{ uploadId: 'photo-1', outcome: 'ok', try: 1, bytes: 800, at: 5000, durationMs: 70 }]);
  expect(observedAttempts({ name: 'completed', bytes: 1000 }, record(0), undefined, facts(failure('server-error', 500)))).toEqual([
    { uploadId: 'photo-1', outcome: 'failed', try: 1, bytes: 0, at: 4980, durationMs: 50, madeGood: true, failure: failure('server-error', 500) },
    { uploadId: 'photo-1', outcome: 'ok', try: 2, bytes: 800, at: 5000, durationMs: 70 },
  ]);
});

test('a try that failed all the same is one failure, however often it was repeated', () => {
  expect(observedAttempts({ name: 'failed', failure: failure('server-error', 500), ours: false, elsewhere: false }, record(1), record(2), facts(failure('bad-gateway', 502)))).toMatchObject([{ outcome: 'failed', try: 2, failure: { httpStatus: 500 } }]);
  expect(observedAttempts({ name: 'interrupted' }, record(1), record(2), facts(failure('bad-gateway', 502)))).toEqual([]);
});

test.each([
  ['server-error', 500, true], ['bad-gateway', 502, true], ['integrity-mismatch', 400, true], ['request-timeout', undefined, true],
  ['connection-reset', undefined, false], ['malformed-answer', undefined, false], ['malformed-answer', 200, true],
  ['rate-limited', 429, false], ['signature-expired', 403, false],
] as const)('%s (%s) that went well when repeated is a service that fails first: %s', (code, status, expected) => {
  expect(failsFirst(failure(code, status))).toBe(expected);
});

test('only a connection that ended under a request is a drop', async () => {
  let reason: HttpErrorReason = 'reset';
  let drops = 0;
  const broken: Http = { send: () => Promise.reject(new HttpError({ reason, endpoint: 'gateway', requestSent: true })), forgetConnections: () => undefined, close: () => undefined };
  const http = watchDrops(broken, () => { drops += 1; });
  const counted: HttpErrorReason[] = [];
  for (reason of ['reset', 'truncated', 'refused', 'stalled', 'aborted', 'connect-timeout'] as const) {
    const before = drops;
    await expect(http.send({} as HttpRequest)).rejects.toMatchObject({ reason });
    if (drops > before) counted.push(reason);
  }
  expect(counted).toEqual(['reset', 'truncated']);
});
