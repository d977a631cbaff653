import type { Random } from '../random.ts';

/** Tries of one part, or of one JSON call, within a run: the first and its repetitions. */
export const partTries = 4;
const partBaseMs = 250;
const partCapMs = 20_000;

const queueBaseMs = 5_000;
const queueCapMs = 15 * 60_000;

/**
 * How long to wait before a part is sent again, in milliseconds: full jitter, so that many clients that failed
 * together do not come back together.
 *
 * @param tryNumber the try that has just failed, from 1.
 */
export function partBackOffMs(tryNumber: number, random: Random): number {
  return Math.round(random.unit() * doubling(partBaseMs, partCapMs, tryNumber));
}

/**
 * How long a photo waits in the queue before it is tried again, in milliseconds: 5 s doubling to 15 min. The jitter
 * never goes below half, because the short tries have already been made: coming back at once would only be noise.
 *
 * @param failuresInARow failed tries since the last progress, from 1.
 */
export function queueBackOffMs(failuresInARow: number, random: Random): number {
  const full = doubling(queueBaseMs, queueCapMs, failuresInARow);
  return Math.round(full / 2 + random.unit() * (full / 2));
}

function doubling(base: number, cap: number, nth: number): number {
  // Past 2^30 the power only overflows; the cap is reached long before.
  return Math.min(cap, base * 2 ** Math.min(30, Math.max(0, nth - 1)));
}
