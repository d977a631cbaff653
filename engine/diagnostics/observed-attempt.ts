import type { Failure, FailureCode } from '../../shared/domain/failure.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import { isDrop } from './drops.ts';
import type { UploadAttempt } from './facts.ts';

export interface AttemptFacts {
  /** When it ended, in milliseconds since the epoch. */
  at: number;
  durationMs: number;
  /** Requests that were made again within the try because a service had failed first. */
  repeated: number;
  /** What failed before our own breaker opened; see behind-breaker.ts. */
  behindBreaker(): Failure | undefined;
}

/**
 * A try to send a photo, as the diagnosis keeps it.
 *
 * @param before the photo's row as the try began; @param after as it ended
 * @returns undefined for what says nothing of the connection: a try that we broke off, or that our own open breaker held back once more
 */
export function observedAttempt(outcome: AttemptOutcome, before: UploadRecord, after: UploadRecord | undefined, { at, durationMs, repeated, behindBreaker }: AttemptFacts): UploadAttempt | undefined {
  if (outcome.name === 'interrupted') return undefined;
  const base = { uploadId: before.facts.id, try: before.tries + 1, at, durationMs };
  // What fails first and works second is a fault of the service, whether the queue or the request made it work.
  if (outcome.name === 'completed') return { ...base, try: base.try + repeated, outcome: 'ok', bytes: Math.max(0, before.facts.sizeBytes - before.confirmedBytes) };
  const failure = isOwnBreaker(outcome.failure) ? behindBreaker() : outcome.failure;
  if (!failure) return undefined;
  return { ...base, outcome: 'failed', failure, bytes: Math.max(0, (after?.confirmedBytes ?? 0) - before.confirmedBytes) };
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
