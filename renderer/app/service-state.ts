import type { AccountState } from '../../shared/domain/account.ts';
import type { UploadState } from '../../shared/domain/upload.ts';
import type { EngineState, QueueSummary } from '../client/relevo-client.ts';

/** What the header says in a word: only what is known, the most important first. */
export type ServiceState = 'restarting' | 'expired' | 'paused' | 'offline' | 'waiting' | 'sending' | 'signedIn';

export interface Known {
  engine: EngineState;
  account: AccountState | undefined;
  queue: Pick<QueueSummary, 'counts' | 'transfer'> | undefined;
  waitingFor: UploadState | undefined;
}

export function serviceState({ engine, account, queue, waitingFor }: Known): ServiceState {
  if (engine !== 'running') return 'restarting';
  if (account?.name === 'expired') return 'expired';
  if (!queue) return 'signedIn';
  if (queue.transfer.paused) return 'paused';
  // While photos go through, one that waits is not the state of the whole.
  if (queue.counts.uploading + queue.counts.completing > 0) return 'sending';
  if (queue.counts.waiting + queue.counts.blocked === 0) return 'signedIn';
  return waitingFor?.name === 'blocked' && waitingFor.by === 'offline' ? 'offline' : 'waiting';
}
