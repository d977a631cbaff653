import type { AccountState } from '../../shared/domain/account.ts';
import type { Failure } from '../../shared/domain/failure.ts';
import type { QueueCounts, UploadState } from '../../shared/domain/upload.ts';
import type { SyncResult, Transfer } from '../../shared/engine-contract.ts';

export interface WaitingFacts {
  counts: QueueCounts;
  /** The queue as a whole. */
  paused: boolean;
  account: AccountState['name'];
  hold: Transfer['hold'];
  /** Of the oldest photo that waits or is held up. */
  oldest: UploadState | undefined;
  /** What came of asking a gateway for its contract, where that is not known. */
  notNegotiated: 'network' | 'other' | undefined;
  timeIsOver: boolean;
}

/** Why a `sync` ended although photos wait: of several reasons the one that holds all of them up, and that somebody can do something about. */
export function whyWaiting({ counts, paused, account, hold, oldest, notNegotiated, timeIsOver }: WaitingFacts): SyncResult['reason'] {
  const moving = counts.queued + counts.uploading + counts.completing;
  const held = counts.waiting + counts.blocked;
  if (moving + held + counts.paused === 0) return undefined;
  if (paused) return 'paused';
  if (account !== 'signedIn') return 'session-ended';
  if (hold) return hold;
  if (oldest?.name === 'blocked') return oldest.by === 'auth' ? 'session-ended' : oldest.by === 'offline' ? 'offline' : 'failure';
  if (oldest?.name === 'waiting') return oldest.failure.code === 'offline' ? 'offline' : 'failure';
  if (notNegotiated) return notNegotiated === 'network' ? 'offline' : 'server';
  if (moving + held === 0) return 'photos-paused';
  return timeIsOver ? 'time-over' : undefined;
}

export function failureOf(state: UploadState | undefined): Failure | undefined {
  return state?.name === 'waiting' || state?.name === 'blocked' || state?.name === 'needsAttention' ? state.failure : undefined;
}
