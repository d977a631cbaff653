import type { Clock } from '../clock.ts';

const lookEveryMs = 15_000;
/** Less is the clock being kept right, a little at a time. */
const toleratedMs = 1_000;

/**
 * Tells when somebody has set the computer's clock back. What waits in the queue waits until a date, so that it survives the process: a
 * photo that failed while the clock was a year ahead would wait for that year.
 */
export async function watchClock({ clock, closing, onSetBack }: { clock: Clock; closing: AbortSignal; onSetBack: () => void }): Promise<void> {
  const ahead = (): number => clock.now() - clock.monotonic();
  for (let before = ahead(); ;) {
    await clock.sleep(lookEveryMs, closing);
    if (closing.aborted) return;
    const after = ahead();
    if (before - after > toleratedMs) onSetBack();
    before = after;
  }
}
