/** @file Which of the photos' failures still matter, and how often they really happened. Pure. */
import { diagnosisOfFailure } from '../../shared/domain/diagnosis.ts';
import type { Failure, FailureCode } from '../../shared/domain/failure.ts';
import type { Facts, UploadAttempt } from './facts.ts';
import { momentsOf } from './moments.ts';

const minute = 60_000;
/** A photo that waits is tried again after at most 15 minutes. */
const waitingMatterMs = 20 * minute;
/** One that needs a person may lie there for ever. */
const lyingMatterMs = 5 * minute;
/** So many of those waits say that it goes on. */
const seriesMatterMs = 60 * minute;

/** Tries that failed since the last photo that was sent, and not too long ago to matter. */
export function tailOfFailures(facts: Facts): UploadAttempt[] {
  return failuresSinceLastSent(facts).filter((attempt) => facts.at - attempt.at <= (waits(attempt) ? waitingMatterMs : lyingMatterMs));
}

/** The same and what went before: while photos fail, their earlier tries tell that it is not the first time. */
export function seriesOfFailures(facts: Facts): UploadAttempt[] {
  const tail = new Set(tailOfFailures(facts));
  if (tail.size === 0) return [];
  return failuresSinceLastSent(facts).filter((attempt) => tail.has(attempt) || (waits(attempt) && facts.at - attempt.at <= seriesMatterMs));
}

function failuresSinceLastSent(facts: Facts): UploadAttempt[] {
  const lastOk = facts.attempts.findLastIndex((attempt) => attempt.outcome === 'ok');
  return facts.attempts.slice(lastOk + 1).filter(({ outcome, failure }) =>
    outcome === 'failed' && failure !== undefined && failure.endpoint !== 'local' && diagnosisOfFailure(failure.code) !== undefined);
}

const waits = ({ failure }: UploadAttempt): boolean => failure?.disposition === 'retry' || failure?.disposition === 'wait';

/** What befalls all photos under way at once: these count by moments, or by the tries of the one photo that met them most often. */
const lostTogether: ReadonlySet<FailureCode> = new Set(['connection-reset', 'connection-refused', 'stalled', 'offline', 'dns-failed']);

/** How many times something went wrong, which is not how many photos it went wrong for. */
export function timesFailed(attempts: readonly UploadAttempt[]): number {
  const together = attempts.filter(({ failure }) => failure !== undefined && lostTogether.has(failure.code));
  const ofEach = new Map<string, number>();
  for (const { uploadId } of together) ofEach.set(uploadId, (ofEach.get(uploadId) ?? 0) + 1);
  return attempts.length - together.length + Math.max(0, momentsOf(together.map(({ at }) => at)).length, ...ofEach.values());
}

/** The tries at the end of a series that all failed in one way: at least two times, or none. */
export function lastFailing(series: readonly UploadAttempt[], way: (failure: Failure) => boolean): UploadAttempt[] {
  const other = series.findLastIndex(({ failure }) => failure === undefined || !way(failure));
  const last = series.slice(other + 1);
  return timesFailed(last) >= 2 ? last.slice(-5) : [];
}
