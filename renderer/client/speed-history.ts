/** The speed of the last while, one figure a second: what the sparkline draws. Oldest first. */
export interface SpeedHistory {
  readonly samples: readonly number[];
  /** When the newest sample's second began, in milliseconds. */
  readonly at: number;
}

/** A minute is what a person can still relate to what they just did. */
export const speedSeconds = 60;

export const emptySpeedHistory: SpeedHistory = { samples: [], at: 0 };

/**
 * Adds a reading. Several in one second count as their latest, and seconds without any repeat the one before
 * them, since the engine is silent while nothing changes.
 *
 * @param at milliseconds on any steady clock
 */
export function addSpeed(history: SpeedHistory, at: number, bytesPerSecond: number): SpeedHistory {
  const last = history.samples.at(-1);
  if (last === undefined) return { samples: [bytesPerSecond], at };
  const seconds = Math.floor((at - history.at) / 1000);
  if (seconds <= 0) return { samples: [...history.samples.slice(0, -1), bytesPerSecond], at: history.at };
  const gap = Array.from({ length: Math.min(seconds - 1, speedSeconds) }, () => last);
  return { samples: [...history.samples, ...gap, bytesPerSecond].slice(-speedSeconds), at: history.at + seconds * 1000 };
}
