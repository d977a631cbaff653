import { describe, expect, test } from 'vitest';
import { failureCodeSchema, type Failure } from '../domain/failure.ts';
import { ownKeysAdvice } from './own-keys.ts';

const failure = (code: Failure['code'], detail?: string): Failure => ({ code, disposition: 'needsAttention', endpoint: 'spaces', ambiguous: false, ...(detail ? { detail } : {}) });
const details = ['SignatureDoesNotMatch', 'InvalidAccessKeyId', 'NoSuchBucket', 'InvalidBucketName', 'PermanentRedirect', 'AuthorizationHeaderMalformed', 'AccessDenied', 'constructor', undefined];

describe('what to do about own keys that fail their test', () => {
  test.each(['es', 'en'] as const)('is told in whole sentences for every step, code and word of the store (%s)', (language) => {
    for (const step of ['write', 'read', 'delete'] as const) {
      for (const code of failureCodeSchema.options) {
        for (const detail of details) {
          for (const sentence of Object.values(ownKeysAdvice(language, step, failure(code, detail)))) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚ][^{}]+\.$/u);
        }
      }
    }
  });

  test('tells the wrong secret from the wrong key, the missing permission and the other region', () => {
    const said = (step: 'write' | 'read' | 'delete', detail: string): string => ownKeysAdvice('en', step, failure(/Redirect|Bucket/.test(detail) ? 'bad-request' : 'forbidden', detail)).what;
    const all = [said('write', 'SignatureDoesNotMatch'), said('write', 'InvalidAccessKeyId'), said('write', 'AccessDenied'), said('read', 'AccessDenied'), said('delete', 'AccessDenied'), said('write', 'NoSuchBucket'), said('write', 'PermanentRedirect')];
    expect(new Set(all).size).toBe(all.length);
    expect(said('read', 'malformed')).toBe(said('read', 'AccessDenied'));
  });

  test('says what is left in the bucket where the delete failed', () => {
    expect(ownKeysAdvice('es', 'delete', failure('forbidden', 'AccessDenied')).next).toContain('relevo-test/');
    expect(ownKeysAdvice('es', 'read', failure('forbidden', 'AccessDenied')).next).not.toContain('relevo-test/');
  });
});
