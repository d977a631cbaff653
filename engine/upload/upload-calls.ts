import { CallError } from '../../shared/rpc/call-error.ts';
import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { UploadItem } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import type { Housekeeping } from './housekeeping.ts';

type UploadCalls = Pick<EngineImplementation, 'pauseUpload' | 'resumeUpload' | 'retryUpload' | 'cancelUpload'>;

export interface UploadCallsOptions {
  queue: UploadQueue;
  scheduler: Scheduler;
  housekeeping: Housekeeping;
  clock: Clock;
  /** A person sees and changes their own uploads only. */
  mayChange: (record: UploadRecord) => boolean;
  toItem: (record: UploadRecord) => UploadItem;
  /** A row has another place in the queue than before. */
  onMoved: () => void;
}

/** What a person may do to one upload. Each changes the row first, and only then stops what is under way. */
export function createUploadCalls(options: UploadCallsOptions): UploadCalls {
  const { queue, scheduler, housekeeping, clock, toItem } = options;

  function find(id: string): UploadRecord {
    const record = queue.store.get(id);
    if (!record || !options.mayChange(record)) throw new CallError('not-found');
    return record;
  }

  function done(record: UploadRecord | undefined): UploadRecord {
    if (!record) throw new CallError('not-possible-now');
    return record;
  }

  return {
    async pauseUpload({ id }) {
      find(id);
      const paused = done(queue.apply(id, { type: 'pause' }, {}, [{ at: clock.now(), kind: 'paused' }]));
      await scheduler.interrupt(id);
      return toItem(paused);
    },
    resumeUpload({ id }) {
      find(id);
      return toItem(done(queue.apply(id, { type: 'resume' }, {}, [{ at: clock.now(), kind: 'resumed-by-person' }])));
    },
    retryUpload({ id }) {
      const { state } = find(id);
      // [Note: a person wants the older photo] Contract A: whoever retries a photo that a newer one has replaced says that this is the one
      // the patient shall have. So it counts as added just now: it follows the photos that are still to go, and may replace those that went.
      const wanted = state.name === 'needsAttention' && state.failure.code === 'superseded';
      // A person who asks for it has changed something: the waiting times start small again.
      const change = { failuresInARow: 0, ...(wanted ? { asNewest: true as const } : {}) };
      const retried = done(queue.apply(id, { type: 'retry' }, change, [{ at: clock.now(), kind: 'retried-by-person' }]));
      if (wanted) options.onMoved();
      return toItem(retried);
    },
    async cancelUpload({ id }) {
      const record = find(id);
      const cancelled = done(queue.apply(id, { type: 'cancel' }, { remoteToAbort: record.firstByteAt !== undefined }, [{ at: clock.now(), kind: 'cancelled' }]));
      await scheduler.interrupt(id);
      // It may have been started between our look and the cancel.
      const after = queue.store.get(id);
      if (after && after.firstByteAt !== undefined && !after.remoteToAbort) queue.note(id, { remoteToAbort: true });
      housekeeping.finished(id);
      housekeeping.abortCancelled();
      return toItem(queue.store.get(id) ?? cancelled);
    },
  };
}
