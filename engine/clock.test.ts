import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

const day = 86_400_000;

it('sleeps for longer than a timer can', async () => {
  // As Node has it: what is longer than 31 bits fires at once.
  const real = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms = 0) => real(run, ms > 2 ** 31 - 1 ? 1 : ms)) as typeof setTimeout);
  let awake = false;
  const end = new AbortController();
  void systemClock.sleep(40 * day, end.signal).then(() => { awake = true; });
  await vi.advanceTimersByTimeAsync(39 * day);
  expect(awake).toBe(false);
  await vi.advanceTimersByTimeAsync(2 * day);
  expect(awake).toBe(true);
});

it('wakes at once when it is called off, also in a later stretch', async () => {
  const end = new AbortController();
  let awake = false;
  void systemClock.sleep(40 * day, end.signal).then(() => { awake = true; });
  await vi.advanceTimersByTimeAsync(30 * day);
  end.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(awake).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
