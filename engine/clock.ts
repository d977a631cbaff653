/** A reason to abort what nobody waits for any more. Made once: without one Node makes an exception for each abort, with its stack. */
export const noLongerWanted = new Error('no longer wanted');

/** A timer of Node's takes no more, and fires at once for what is longer: about 24 days. */
const longestTimerMs = 2 ** 31 - 1;

/** Time as the engine sees it. The simulation puts its own in place of the computer's. */
export interface Clock {
  /** Wall time, in milliseconds since the epoch. May jump when somebody sets the clock. */
  now(): number;
  /** Milliseconds that only ever grow; for durations. */
  monotonic(): number;
  /** Resolves after `ms`, or as soon as the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => new Promise((resolve) => {
    if (signal?.aborted) { resolve(); return; }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    let timer: NodeJS.Timeout;
    const sleepOn = (left: number): void => { timer = setTimeout(() => left > longestTimerMs ? sleepOn(left - longestTimerMs) : done(), Math.min(left, longestTimerMs)); };
    sleepOn(ms);
    signal?.addEventListener('abort', done, { once: true });
  }),
};
