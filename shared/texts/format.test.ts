import { expect, test } from 'vitest';
import { formatBytes, formatClockTime, formatDuration, formatPercent, formatRelativeTime, formatSpeed } from './format.ts';

test('sizes come in steps of 1024, with the reader’s decimal sign', () => {
  expect(formatBytes('en', 0)).toBe('0 byte');
  expect(formatBytes('en', 1536)).toBe('1.5 kB');
  expect(formatBytes('es', 3.4 * 1024 * 1024)).toBe('3,4 MB');
  expect(formatBytes('en', 5 * 1024 * 1024)).toBe('5 MB');
  expect(formatBytes('en', 1024 * 1024 - 1)).toBe('1 MB');
  expect(formatSpeed('es', 2.5 * 1024 * 1024)).toBe('2,5 MB/s');
});

test('durations show their two largest parts', () => {
  expect(formatDuration('en', 350)).toBe('350 ms');
  expect(formatDuration('es', 4200)).toBe('4,2 s');
  expect(formatDuration('es', 200_000)).toBe('3 min 20 s');
  expect(formatDuration('es', 59_900)).toBe('59 s');
  expect(formatDuration('en', 2 * 3600_000 + 5 * 60_000)).toBe('2 hr 5 min');
  expect(formatDuration('en', 3600_000)).toBe('1 hr');
});

test('a percentage is whole only when the thing is', () => {
  expect(formatPercent('en', 0.9999)).toBe('99%');
  expect(formatPercent('en', 1)).toBe('100%');
});

test('times are told relative to now, and by the clock', () => {
  const now = new Date(2026, 10, 20, 14, 5).getTime();
  expect(formatRelativeTime('es', now - 5 * 60_000, now)).toBe('hace 5 minutos');
  expect(formatRelativeTime('en', now + 10_000, now)).toBe('in 10 seconds');
  expect(formatClockTime('es', now, now)).toBe('14:05');
  expect(formatClockTime('en', now - 86_400_000, now)).toMatch(/19.*14:05/);
});
