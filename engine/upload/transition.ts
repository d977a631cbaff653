/**
 * @file The life of an upload as a pure function: which state follows on which event, and which events are refused.
 * Effects (calls, commits, timers) are elsewhere and ask here first.
 */
import { assertNever } from '../../shared/assert-never.ts';
import { failureCodeSchema, type Failure } from '../../shared/domain/failure.ts';
import type { Block, RemotePhoto, UploadState } from '../../shared/domain/upload.ts';

export type UploadInput =
  /** The scheduler gives it a place. */
  | { type: 'start'; now: number }
  | { type: 'all-parts-stored' }
  /** What the store made of them is not the photo: they are sent again. */
  | { type: 'parts-refused' }
  /** The server's record was compared with what was read from the source. */
  | { type: 'verified'; at: number; photo: RemotePhoto }
  /** @param retryAt when to try again where the failure's disposition is `retry` or `wait`. */
  | { type: 'failed'; failure: Failure; retryAt: number }
  /** What holds it holds all: it keeps its place. See [Note: the queue is held]. */
  | { type: 'held' }
  | { type: 'pause' }
  | { type: 'resume' }
  /** A person asks for another try. */
  | { type: 'retry' }
  | { type: 'cancel' }
  /** The sealed copy, which could not be read, is whole again. */
  | { type: 'copy-renewed' }
  /** A cause that held uploads up has gone. */
  | { type: 'wake'; cause: WakeCause }
  /** The engine starts and finds it under way: the process that did it has died. */
  | { type: 'process-ended' };

/** `clock`: it was set back, and what was to be waited for lies in a time that has been taken back. */
export type WakeCause = 'network' | 'signed-in' | 'clock';

/** The next state, or `undefined` where the event is refused in this state and nothing changes. */
export function transition(state: UploadState, input: UploadInput): UploadState | undefined {
  switch (input.type) {
    case 'start':
      if (state.name === 'queued') return { name: 'uploading' };
      return state.name === 'waiting' && state.retryAt <= input.now ? { name: 'uploading' } : undefined;
    case 'all-parts-stored':
      return state.name === 'uploading' ? { name: 'completing' } : undefined;
    case 'parts-refused':
      return state.name === 'completing' ? { name: 'uploading' } : undefined;
    case 'verified':
      // A cancelled upload may turn out to have been completed: what is so wins over what was wished.
      return state.name === 'uploading' || state.name === 'completing' || state.name === 'cancelled'
        ? { name: 'completed', at: input.at, photo: input.photo }
        : undefined;
    case 'failed':
      return isUnderWay(state) ? afterFailure(input.failure, input.retryAt) : undefined;
    case 'pause':
      return isUnfinished(state) && state.name !== 'completing' && state.name !== 'paused' && state.name !== 'needsAttention'
        ? { name: 'paused' }
        : undefined;
    case 'resume':
      return state.name === 'paused' ? { name: 'queued' } : undefined;
    case 'retry':
      // What is queued may be shown as blocked, and a person who asks for it is not told that this cannot be.
      return state.name === 'needsAttention' || state.name === 'waiting' || state.name === 'blocked' || state.name === 'queued' ? { name: 'queued' } : undefined;
    case 'copy-renewed':
      return lacksItsCopy(state) ? { name: 'queued' } : undefined;
    case 'cancel':
      // While the server is being asked to complete, nobody knows what a cancel would mean.
      return isUnfinished(state) && state.name !== 'completing' ? { name: 'cancelled' } : undefined;
    case 'wake':
      return isHeldBy(state, input.cause) ? { name: 'queued' } : undefined;
    case 'held':
    case 'process-ended':
      return isUnderWay(state) ? { name: 'queued' } : undefined;
    default:
      return assertNever(input);
  }
}

/** Where a failure leaves an upload that was under way. */
function afterFailure(failure: Failure, retryAt: number): UploadState {
  switch (failure.disposition) {
    case 'needsAttention':
      return { name: 'needsAttention', failure };
    case 'signIn':
      return { name: 'blocked', by: 'auth', failure };
    case 'wait':
      if (failure.code === 'offline') return { name: 'blocked', by: 'offline', failure };
      return { name: 'waiting', retryAt, failure };
    case 'retry':
      return { name: 'waiting', retryAt, failure };
    default:
      return assertNever(failure.disposition);
  }
}

/** It waits for a person because its sealed copy could not be read. */
export function lacksItsCopy(state: UploadState): boolean {
  return state.name === 'needsAttention' && (state.failure.code === 'spool-damaged' || state.failure.code === 'spool-missing');
}

/** A process is (or was) working on it. */
export function isUnderWay(state: UploadState): boolean {
  return state.name === 'uploading' || state.name === 'completing';
}

/** There is still something to be done for it, by us or by a person. */
export function isUnfinished(state: UploadState): boolean {
  return state.name !== 'completed' && state.name !== 'cancelled';
}

function isHeldBy(state: UploadState, cause: WakeCause): boolean {
  const held = heldBy(cause);
  if (state.name === 'blocked') return held.blocks.includes(state.by);
  return state.name === 'waiting' && held.waitingFor.has(state.failure.code);
}

/** What a cause holds up: those blocked by one of `blocks`, and those waiting after one of the failures. */
export interface Held {
  readonly blocks: readonly Block[];
  readonly waitingFor: ReadonlySet<Failure['code']>;
  /** Only where the row was last changed later than now. That is for the store to see to. */
  readonly fromLater?: true;
}

export function heldBy(cause: WakeCause): Held {
  switch (cause) {
    // No row is written as held by a breaker any more; in queues of older versions there may be some.
    case 'network': return { blocks: ['offline', 'circuit'], waitingFor: networkCodes };
    case 'signed-in': return { blocks: ['auth'], waitingFor: new Set() };
    case 'clock': return { blocks: [], waitingFor: new Set(failureCodeSchema.options), fromLater: true };
    default: return assertNever(cause);
  }
}

const networkCodes: ReadonlySet<Failure['code']> = new Set([
  'offline', 'dns-failed', 'connection-refused', 'connection-reset', 'connect-timeout', 'stalled', 'tls-failed', 'proxy-failed',
  'proxy-auth-required', 'certificate-untrusted',
] satisfies Failure['code'][]);

/** The way to the server was at fault, not what it answered: such a try starts again as soon as the way is open. */
export function isNetworkCause(failure: Failure): boolean {
  return networkCodes.has(failure.code);
}
