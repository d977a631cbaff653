import type { Status, Transfer } from '../../shared/engine-contract.ts';
import type { QueueCounts, UploadItem } from '../../shared/domain/upload.ts';
import type { UploadMetrics, UploadRecord } from './upload-store.ts';

/** A row as windows and the command line show it. */
export function toItem(record: UploadRecord, unconfirmedBytes: number): UploadItem {
  const { facts, confirmedBytes } = record;
  const { md5: _md5, ...shown } = facts;
  return {
    ...shown,
    sequence: record.sequence,
    priority: record.priority,
    state: record.state,
    sentBytes: record.state.name === 'completed' ? facts.sizeBytes : Math.min(facts.sizeBytes, confirmedBytes + unconfirmedBytes),
    tries: record.tries,
    updatedAt: record.updatedAt,
    hasThumbnail: record.hasThumbnail,
  };
}

/** How many are neither at the server nor given up. */
export function notSent(counts: QueueCounts): number {
  return counts.queued + counts.uploading + counts.completing + counts.waiting + counts.blocked + counts.paused + counts.needsAttention;
}

/** @param bytesPerSecond over the last few seconds */
export function toTransfer(bytesPerSecond: number, remainingBytes: number, paused: boolean, hold?: Transfer['hold']): Transfer {
  return {
    bytesPerSecond,
    remainingBytes,
    paused,
    ...(bytesPerSecond > 0 && !paused && !hold ? { secondsLeft: remainingBytes / bytesPerSecond } : {}),
    ...(hold ? { hold } : {}),
  };
}

/** Figures of the uploads completed in a period of `periodMs`. */
export function toUploadFigures(metrics: UploadMetrics, periodMs: number): Status['uploads'] {
  const { durationsMs, completed, triesBegun, triesFailed, lastFailure } = metrics;
  const sum = durationsMs.reduce((total, duration) => total + duration, 0);
  return {
    completed,
    perMinute: completed / (periodMs / 60_000),
    averageMs: durationsMs.length > 0 ? sum / durationsMs.length : undefined,
    p50Ms: percentile(durationsMs, 50),
    p95Ms: percentile(durationsMs, 95),
    p99Ms: percentile(durationsMs, 99),
    errorRate: triesBegun > 0 ? Math.min(1, triesFailed / triesBegun) : 0,
    lastFailure: lastFailure && { ...lastFailure.failure, at: lastFailure.at },
  };
}

/** @param ascending sorted values. @returns the nearest-rank percentile, `undefined` of nothing */
export function percentile(ascending: readonly number[], percent: number): number | undefined {
  if (ascending.length === 0) return undefined;
  return ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1))];
}
