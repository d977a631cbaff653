import { statesOf } from '../../shared/domain/queue-filter.ts';
import type { QueueCounts } from '../../shared/domain/upload.ts';
import type { QueueFilter } from '../../shared/engine-contract.ts';

export function countIn(filter: QueueFilter, counts: QueueCounts): number {
  return statesOf[filter].reduce((sum, name) => sum + counts[name], 0);
}

/** Photos that still have a way to go by themselves. */
export function countToSend(counts: QueueCounts): number {
  return countIn('sending', counts) + countIn('waiting', counts);
}
