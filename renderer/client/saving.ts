import type { IngestOutcome } from '../../shared/domain/ingest.ts';

/**
 * What is being taken in, without a word of what it is: this much the locked window may know too, since somebody may be
 * standing there with the card.
 */
export interface Saving {
  /** Calls under way. */
  readonly open: number;
  /** Since nothing was open last, or since `noSaving`: how it went. */
  readonly went: 'nothing' | 'well' | 'badly';
}

export const noSaving: Saving = { open: 0, went: 'nothing' };

export function withCallBegun(saving: Saving): Saving {
  return { open: saving.open + 1, went: saving.open === 0 ? 'nothing' : saving.went };
}

/** @param outcomes absent where the call failed: what it had not sealed is on the card alone */
export function withCallEnded(saving: Saving, outcomes: readonly IngestOutcome[] | undefined): Saving {
  const well = outcomes !== undefined && outcomes.every(({ outcome }) => outcome !== 'rejected');
  return { open: Math.max(0, saving.open - 1), went: well && saving.went !== 'badly' ? 'well' : 'badly' };
}
