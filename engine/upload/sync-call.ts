import type { UploadState, UploadStateName } from '../../shared/domain/upload.ts';
import type { EngineImplementation, Transfer } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Account } from '../account/account.ts';
import type { QueueScope } from '../account/queue-scope.ts';
import type { Clock } from '../clock.ts';
import type { NetworkInUse } from '../network/network.ts';
import type { Scheduler } from '../queue/scheduler.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import { failureOf, whyWaiting, type WaitingFacts } from './why-waiting.ts';

/** A retry that is due sooner than this belongs to the same `sync`. */
const patienceMs = 12_000;

export interface SyncCallTools {
  account: Account;
  scope: QueueScope;
  scheduler: Scheduler;
  network: NetworkInUse;
  store: UploadStore;
  clock: Clock;
  isPaused(): boolean;
  hold(): Transfer['hold'];
  /** Counted since the start, to take differences of. */
  sent: Readonly<{ completed: number; bytes: number }>;
  closing: AbortSignal;
}

export function createSyncCall({ account, scope, scheduler, network, store, clock, isPaused, hold, sent, closing }: SyncCallTools): EngineImplementation['sync'] {
  function oldestOf(names: readonly UploadStateName[]): UploadState | undefined {
    const [oldest] = store.idsInState(names, scope.counted());
    return oldest === undefined ? undefined : store.get(oldest)?.state;
  }

  return async ({ timeoutSeconds }) => {
    if (account.ownerId() === undefined) throw new CallError('not-signed-in');
    const before = { ...sent };
    const began = clock.monotonic();
    const over = new AbortController();
    if (timeoutSeconds !== undefined) void clock.sleep(timeoutSeconds * 1_000, AbortSignal.any([closing, over.signal])).then(() => over.abort());
    // Photos that would be held on this network must not be gone before it is known what it is.
    network.start();
    await network.look();
    scheduler.start(isPaused());
    // While a gateway's contract is in doubt nothing is sent, and a command on its own has nobody else who asks.
    let notNegotiated: WaitingFacts['notNegotiated'];
    if (!account.limits() || account.negotiation().doubtedSince !== undefined) {
      await account.negotiate().catch((error: unknown) => { notNegotiated = error instanceof CallError && error.code === 'network' ? 'network' : 'other'; });
    }
    await scheduler.untilIdle(patienceMs, AbortSignal.any([closing, over.signal]));
    const timeIsOver = over.signal.aborted;
    over.abort();
    const counts = store.counts(scope.counted());
    const oldest = oldestOf(['waiting', 'blocked']);
    const reason = whyWaiting({ counts, paused: isPaused(), account: account.state().name, hold: hold(), oldest, notNegotiated: account.limits() ? undefined : notNegotiated, timeIsOver });
    const oldestFailure = failureOf(oldest ?? oldestOf(['needsAttention']));
    return {
      completed: sent.completed - before.completed,
      bytes: sent.bytes - before.bytes,
      waiting: counts.queued + counts.uploading + counts.completing + counts.waiting + counts.blocked + counts.paused,
      needsAttention: counts.needsAttention,
      seconds: (clock.monotonic() - began) / 1_000,
      ...(reason ? { reason } : {}),
      ...(oldestFailure ? { oldestFailure } : {}),
    };
  };
}
