import { expect, it } from 'vitest';
import type { IngestOutcome } from '../../shared/domain/ingest.ts';
import { noSaving, type Saving, withCallBegun, withCallEnded } from './saving.ts';

const queued: IngestOutcome = { outcome: 'queued', file: '/card/a.jpg', id: '0b0e8c6e-7d7b-4f43-9a41-0c5d4b9be001', sizeBytes: 9 };
const rejected: IngestOutcome = { outcome: 'rejected', file: '/card/b.txt', code: 'not-an-image' };

it('lets go of the card only when every call has ended and every file was taken', () => {
  const two = withCallBegun(withCallBegun(noSaving));
  const one = withCallEnded(two, [queued]);
  expect(one.open).toBe(1);
  expect(withCallEnded(one, [queued])).toEqual<Saving>({ open: 0, went: 'well' });
});

it('does not forget a refusal or an interruption because a later call went well', () => {
  const two = withCallBegun(withCallBegun(noSaving));
  expect(withCallEnded(withCallEnded(two, [queued, rejected]), [queued]).went).toBe('badly');
  expect(withCallEnded(withCallEnded(two, undefined), [queued]).went).toBe('badly');
});

it('begins anew with the next photos', () => {
  const badly = withCallEnded(withCallBegun(noSaving), undefined);
  expect(withCallEnded(withCallBegun(badly), [queued])).toEqual<Saving>({ open: 0, went: 'well' });
});
