import { describe, expect, it } from 'vitest';
import type { IngestOutcome, IngestProgress } from '../../../shared/domain/ingest.ts';
import { newBatch, summarise, verdictOf, withAnswer, withInterruption, withProgress } from './batch.ts';

const patient = { id: 'p1', name: 'María Delgado' };
const id = '00000000-0000-4000-8000-000000000001';
const queued: IngestOutcome = { file: '/card/a.jpg', outcome: 'queued', id, sizeBytes: 10 };
const duplicate: IngestOutcome = { file: '/card/b.jpg', outcome: 'duplicate', id };
const rejected: IngestOutcome = { file: '/card/c.txt', outcome: 'rejected', code: 'not-an-image' };

function progress(change: Partial<IngestProgress>): IngestProgress {
  return { batchId: 'b1.0', total: 3, done: 0, bytesDone: 0, outcomes: [], finished: false, ...change };
}

const started = newBatch('b1', patient, [{ id: 'b1.0', total: 3 }], 0);

describe('photos being taken in', () => {
  it('counts them as the engine seals them', () => {
    const batch = withProgress(withProgress(started, progress({ done: 1, outcomes: [queued] })), progress({ done: 2, outcomes: [duplicate] }));
    expect(summarise(batch)).toMatchObject({ total: 3, saved: 1, duplicates: 1, state: 'saving' });
    expect(verdictOf(batch, [batch])).toBe('saving');
  });

  it('follows a folder that grows while it is walked', () => {
    expect(summarise(withProgress(started, progress({ total: 40, done: 1, outcomes: [queued] }))).total).toBe(40);
  });

  it('lets go of the card only when all is sealed', () => {
    const almost = withProgress(started, progress({ done: 3, outcomes: [queued, queued, queued] }));
    expect(verdictOf(almost, [almost])).toBe('saving');
    const finished = withProgress(almost, progress({ done: 3, finished: true }));
    expect(verdictOf(finished, [finished])).toBe('safe');
  });

  it('does not let go of the card while another batch from it is being saved or was interrupted', () => {
    const finished = withAnswer(started, 'b1.0', [queued]);
    const other = newBatch('b2', patient, [{ id: 'b2.0', total: 9 }], 0);
    expect(verdictOf(finished, [finished, other])).toBe('others-saving');
    expect(verdictOf(finished, [finished, withInterruption(other, 'b2.0')])).toBe('others-saving');
    expect(verdictOf(finished, [finished, withAnswer(other, 'b2.0', [queued])])).toBe('safe');
  });

  it('does not let go of the card when a file was not taken', () => {
    const batch = withAnswer(started, 'b1.0', [queued, rejected]);
    expect(verdictOf(batch, [batch])).toBe('partly');
    const nothing = withAnswer(started, 'b1.0', [rejected]);
    expect(verdictOf(nothing, [nothing])).toBe('none');
  });

  it('counts what is already there as safe', () => {
    const batch = withAnswer(started, 'b1.0', [duplicate]);
    expect(verdictOf(batch, [batch])).toBe('safe');
  });

  it('keeps the card when the engine stops in the middle', () => {
    const batch = withInterruption(withProgress(started, progress({ done: 1, outcomes: [queued] })), 'b1.0');
    expect(verdictOf(batch, [batch])).toBe('interrupted');
    expect(summarise(batch).saved).toBe(1);
  });

  it('does not count twice what the answer repeats, nor what is told after it', () => {
    const answered = withAnswer(withProgress(started, progress({ done: 1, outcomes: [queued] })), 'b1.0', [queued, duplicate]);
    const late = withProgress(answered, progress({ done: 2, outcomes: [duplicate] }));
    expect(summarise(late)).toMatchObject({ saved: 1, duplicates: 1, total: 2 });
  });

  it('waits for every pasted picture', () => {
    const two = newBatch('b3', patient, [{ id: 'b3.0', total: 1 }, { id: 'b3.1', total: 1 }], 0);
    const one = withAnswer(two, 'b3.0', [queued]);
    expect(verdictOf(one, [one])).toBe('saving');
    expect(verdictOf(withAnswer(one, 'b3.1', [queued]), [])).toBe('safe');
  });
});
