import { assertNever } from '../../shared/assert-never.ts';
import type { QueueCounts, UploadStateName } from '../../shared/domain/upload.ts';
import { uploadStateNames } from '../../shared/domain/upload.ts';
import type { QueueFilter } from '../../shared/engine-contract.ts';

/** Whether a list narrowed by the filter shows this state. The engine's pages are narrowed the same way. */
export function isInFilter(filter: QueueFilter, state: UploadStateName): boolean {
  switch (filter) {
    case 'all': return true;
    case 'sending': return state === 'queued' || state === 'uploading' || state === 'completing';
    case 'waiting': return state === 'waiting' || state === 'blocked' || state === 'paused';
    case 'attention': return state === 'needsAttention';
    case 'completed': return state === 'completed';
    case 'cancelled': return state === 'cancelled';
    default: return assertNever(filter);
  }
}

export function countIn(filter: QueueFilter, counts: QueueCounts): number {
  return uploadStateNames.filter((name) => isInFilter(filter, name)).reduce((sum, name) => sum + counts[name], 0);
}

/** Photos that still have a way to go by themselves. */
export function countToSend(counts: QueueCounts): number {
  return countIn('sending', counts) + countIn('waiting', counts);
}
