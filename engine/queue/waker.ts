import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { WakeCause } from '../upload/transition.ts';
import { DatabaseError } from './database-error.ts';
import { troubleMs } from './scheduler.ts';
import type { UploadQueue } from './upload-queue.ts';

export interface WakerOptions {
  queue: Pick<UploadQueue, 'wakeSome'>;
  clock: Clock;
  log: Logger;
  closing: AbortSignal;
  /** Something may start now. */
  onWoken(): void;
}

/**
 * What a cause held up starts at once, oldest first. Fifty thousand take seconds, during which the engine must go on answering and
 * sending: so the first few hundred are woken before this returns, and the others in between everything else.
 */
export function createWaker({ queue, clock, log, closing, onWoken }: WakerOptions): (cause: WakeCause) => void {
  /** Where the walk for a cause stands; one that begins anew takes the place of the one before. */
  const walks = new Map<WakeCause, symbol>();

  function wake(cause: WakeCause): void {
    const walk = Symbol(cause);
    walks.set(cause, walk);
    void goOn(cause, walk);
  }

  async function goOn(cause: WakeCause, walk: symbol): Promise<void> {
    let count = 0;
    for (let after: number | undefined = 0; after !== undefined;) {
      try {
        const { ids, next } = queue.wakeSome(cause, clock.now(), after);
        count += ids.length;
        after = next;
      } catch (error) {
        // Whoever tells us of the cause cannot help it that the disk is full; what was to wake is not forgotten.
        if (!(error instanceof DatabaseError)) throw error;
        log.error('database.trouble', { reason: error.reason });
        await clock.sleep(troubleMs, closing);
      }
      onWoken();
      if (after !== undefined) await clock.sleep(0, closing);
      if (closing.aborted || walks.get(cause) !== walk) break;
    }
    if (count > 0) log.info('queue.woken', { cause, count });
  }

  return wake;
}
