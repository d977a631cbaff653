import type { UploadRecord } from '../queue/upload-store.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import type { UploadAttempt } from './facts.ts';

export interface AttemptTimes {
  /** When it ended, in milliseconds since the epoch. */
  at: number;
  durationMs: number;
}

/**
 * A try to send a photo, as the diagnosis keeps it.
 *
 * @param before the photo's row as the try began; @param after as it ended
 * @returns undefined for what says nothing of the connection: a try that we broke off, or that our own open breaker held back
 */
export function observedAttempt(outcome: AttemptOutcome, before: UploadRecord, after: UploadRecord | undefined, { at, durationMs }: AttemptTimes): UploadAttempt | undefined {
  if (outcome.name === 'interrupted') return undefined;
  const base = { uploadId: before.facts.id, try: before.tries + 1, at, durationMs };
  if (outcome.name === 'completed') return { ...base, outcome: 'ok', bytes: Math.max(0, before.facts.sizeBytes - before.confirmedBytes) };
  const { failure } = outcome;
  if (failure.code === 'circuit-open' && failure.httpStatus === undefined) return undefined;
  return { ...base, outcome: 'failed', failure, bytes: Math.max(0, (after?.confirmedBytes ?? 0) - before.confirmedBytes) };
}
