/** @file What is known of photos being taken in: pure, so that "you can remove the card" rests on something that is tested. */
import type { Patient } from '../../../shared/domain/account.ts';
import type { IngestOutcome, IngestProgress } from '../../../shared/domain/ingest.ts';

/** One call to the engine; a batch has one for all its files and one for each pasted picture. */
export interface IngestCall {
  readonly total: number;
  readonly outcomes: readonly IngestOutcome[];
  readonly state: 'saving' | 'finished' | 'interrupted';
}

/** What a person added at one stroke. */
export interface Batch {
  readonly id: string;
  readonly patient: Patient;
  readonly calls: Readonly<Record<string, IngestCall>>;
  /** Files of a chosen folder that are no photos by their name and were not offered to the engine. */
  readonly skipped: number;
}

export type Rejected = Extract<IngestOutcome, { outcome: 'rejected' }>;
export type Taken = Exclude<IngestOutcome, Rejected>;

export interface BatchSummary {
  total: number;
  /** Sealed in this batch. */
  saved: number;
  duplicates: number;
  rejected: readonly Rejected[];
  taken: readonly Taken[];
  state: IngestCall['state'];
}

export function newBatch(id: string, patient: Patient, calls: readonly { id: string; total: number }[], skipped: number): Batch {
  return { id, patient, skipped, calls: Object.fromEntries(calls.map((call) => [call.id, { total: call.total, outcomes: [], state: 'saving' }])) };
}

/** Takes in what the engine tells on the way. */
export function withProgress(batch: Batch, progress: IngestProgress): Batch {
  const call = batch.calls[progress.batchId];
  // The answer has everything; what comes after it is old.
  if (!call || call.state !== 'saving') return batch;
  return withCall(batch, progress.batchId, {
    total: Math.max(progress.total, progress.done),
    outcomes: [...call.outcomes, ...progress.outcomes],
    state: progress.finished ? 'finished' : 'saving',
  });
}

/** Takes in the engine's answer, which is the whole truth of the call. */
export function withAnswer(batch: Batch, callId: string, outcomes: readonly IngestOutcome[]): Batch {
  return withCall(batch, callId, { total: outcomes.length, outcomes, state: 'finished' });
}

/** The engine stopped: what it had sealed is safe, the rest is still on the card alone. */
export function withInterruption(batch: Batch, callId: string): Batch {
  const call = batch.calls[callId];
  return call && call.state === 'saving' ? withCall(batch, callId, { ...call, state: 'interrupted' }) : batch;
}

export function summarise(batch: Batch): BatchSummary {
  const calls = Object.values(batch.calls);
  const outcomes = calls.flatMap((call) => call.outcomes);
  const has = (state: IngestCall['state']): boolean => calls.some((call) => call.state === state);
  return {
    total: calls.reduce((sum, call) => sum + call.total, 0),
    saved: outcomes.filter(({ outcome }) => outcome === 'queued').length,
    duplicates: outcomes.filter(({ outcome }) => outcome === 'duplicate').length,
    rejected: outcomes.filter((outcome) => outcome.outcome === 'rejected'),
    taken: outcomes.filter((outcome) => outcome.outcome !== 'rejected'),
    state: has('saving') ? 'saving' : has('interrupted') ? 'interrupted' : 'finished',
  };
}

export type Verdict =
  | 'saving'
  /** Some of it was lost on the way; the card is needed. */
  | 'interrupted'
  /** All is in this computer's keeping: the only one that lets go of the card. */
  | 'safe'
  /** This batch is safe, but the card may hold another that is not. */
  | 'others-saving'
  /** Some files were not taken. */
  | 'partly'
  | 'none';

/** What may be said of a batch, given all the others: a card is removed as a whole. */
export function verdictOf(batch: Batch, all: readonly Batch[]): Verdict {
  const { state, rejected, taken } = summarise(batch);
  if (state !== 'finished') return state;
  if (taken.length === 0) return 'none';
  if (rejected.length > 0) return 'partly';
  const othersOpen = all.some((other) => other.id !== batch.id && summarise(other).state !== 'finished');
  return othersOpen ? 'others-saving' : 'safe';
}

function withCall(batch: Batch, id: string, call: IngestCall): Batch {
  return { ...batch, calls: { ...batch.calls, [id]: call } };
}
