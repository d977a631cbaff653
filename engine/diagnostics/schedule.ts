/** @file When to look next, and what looking may cost. Pure. */

const quietMs = 60_000;
const firstRetryMs = 5000;
const slowestRetryMs = 5 * 60_000;
/** Of everything that goes over a metered link. */
const meteredShare = 0.01;

/**
 * How long until the next check, in milliseconds: 60 s ± 30 % while all is well; 5 s doubling to 5 min while it is not.
 *
 * @param failuresInARow checks that found something wrong since the last good one, or since the network changed.
 * @param unit chance, at least 0 and below 1.
 */
export function nextCheckMs(failuresInARow: number, unit: number): number {
  if (failuresInARow === 0) return quietMs * (0.7 + 0.6 * unit);
  return Math.min(slowestRetryMs, firstRetryMs * 2 ** (failuresInARow - 1));
}

/** Bytes since the link became a metered one. */
export interface MeteredUse {
  uploads: number;
  probes: number;
}

/** Whether a check of about `cost` bytes keeps the probes within 1 % of what went over the metered link. */
export function withinBudget(use: MeteredUse, cost: number): boolean {
  const probes = use.probes + cost;
  return probes <= meteredShare * (use.uploads + probes);
}
