import { systemClock, type Clock } from './clock.ts';

/** The computer's clock, which can be made to leap: whoever sleeps until before the place where it lands wakes at once. */
export interface LeapingClock extends Clock {
  leap(ms: number): void;
}

export function createLeapingClock(): LeapingClock {
  let ahead = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  const monotonic = (): number => systemClock.monotonic() + ahead;
  return {
    now: () => Math.floor(systemClock.now() + ahead),
    monotonic,
    async sleep(ms, signal) {
      const early = new AbortController();
      const sleeper = { until: monotonic() + ms, wake: () => early.abort() };
      sleepers.add(sleeper);
      await systemClock.sleep(ms, signal ? AbortSignal.any([signal, early.signal]) : early.signal);
      sleepers.delete(sleeper);
    },
    leap(ms) {
      ahead += ms;
      for (const { until, wake } of [...sleepers]) if (until <= monotonic()) wake();
    },
  };
}
