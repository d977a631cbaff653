import type { Failure, FailureCode } from '../../shared/domain/failure.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import { isDrop } from './drops.ts';
import type { UploadAttempt } from './facts.ts';

/** A request that failed within a try and was made again there. */
export interface RepeatedRequest {
  failure: Failure;
  at: number;
  /** Since the try began. */
  durationMs: number;
}

export interface AttemptFacts {
  /** When it ended, in milliseconds since the epoch. */
  at: number;
  durationMs: number;
  /** The first that was made again because a service had failed; see `failsFirst`. */
  repeated: RepeatedRequest | undefined;
  /** What failed before our own breaker opened; see behind-breaker.ts. */
  behindBreaker(): Failure | undefined;
}

/**
 * A try to send a photo, as the diagnosis keeps it: one, or two where a request failed first and worked when it was repeated. Who
 * repeats it, the queue or the request, makes no difference to what the service did.
 *
 * @param before the photo's row as the try began; @param after as it ended
 * @returns none for what says nothing of the connection: a try that we broke off, or that our own open breaker held back once more
 */
export function observedAttempts(outcome: AttemptOutcome, before: UploadRecord, after: UploadRecord | undefined, { at, durationMs, repeated, behindBreaker }: AttemptFacts): UploadAttempt[] {
  if (outcome.name === 'interrupted') return [];
  const base = { uploadId: before.facts.id, try: before.tries + 1, at, durationMs };
  if (outcome.name === 'completed') {
    const sent = { outcome: 'ok' as const, bytes: Math.max(0, before.facts.sizeBytes - before.confirmedBytes) };
    if (!repeated) return [{ ...base, ...sent }];
    return [{ ...base, ...repeated, outcome: 'failed', madeGood: true, bytes: 0 }, { ...base, try: base.try + 1, ...sent }];
  }
  const failure = isOwnBreaker(outcome.failure) ? behindBreaker() : outcome.failure;
  if (!failure) return [];
  return [{ ...base, outcome: 'failed', failure, bytes: Math.max(0, (after?.confirmedBytes ?? 0) - before.confirmedBytes) }];
}

/** Limits and ends of validity are met by design; what was dropped is counted by itself. */
const byDesign: ReadonlySet<FailureCode> = new Set(['rate-limited', 'circuit-open', 'signature-expired']);

/** Whether a request that was made again within a try tells of a service that fails first and works second. */
export function failsFirst(failure: Failure): boolean {
  return !isDrop(failure) && !byDesign.has(failure.code);
}

/** A server's breaker has a trace of the request that it refused; ours never let it go. */
function isOwnBreaker({ code, detail, traceId }: Failure): boolean {
  return code === 'circuit-open' && detail === 'circuit_open' && traceId === undefined;
}
