import { expect, test } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.UTC(2026, 10, 22, 10);

test.each<[string, number | undefined]>([
  ['1', 1_000], ['7', 7_000], ['3600', 3_600_000],
  // A wait of nothing is none: our own decides, and grows.
  ['0', undefined], ['0.4', undefined], ['Sun, 22 Nov 2026 09:00:00 GMT', undefined],
  ['86400', 86_400_000], ['86401', 86_400_000], ['999999999', 86_400_000], ['99999999999999999999', 86_400_000], ['Sun, 22 Nov 2099 10:00:00 GMT', 86_400_000],
  ['soon', undefined], ['-5', undefined],
])('Retry-After %s is a wait of %s ms', (text, expected) => {
  expect(retryAfterMs({ 'retry-after': text }, now)).toBe(expected);
});
