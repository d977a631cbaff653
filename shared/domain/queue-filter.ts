import type { QueueFilter } from '../engine-contract.ts';
import { uploadStateNames, type UploadStateName } from './upload.ts';

/** The states that a narrowed list holds: the engine pages by it, and the window keeps its rows and counts by it. */
export const statesOf: Record<QueueFilter, readonly UploadStateName[]> = {
  all: uploadStateNames,
  sending: ['queued', 'uploading', 'completing'],
  waiting: ['waiting', 'paused', 'blocked'],
  attention: ['needsAttention'],
  completed: ['completed'],
  cancelled: ['cancelled'],
};

/** Whether a list narrowed by the filter shows this state. */
export function isInFilter(filter: QueueFilter, state: UploadStateName): boolean {
  return statesOf[filter].includes(state);
}
