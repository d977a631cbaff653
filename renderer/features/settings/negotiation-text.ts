import type { NegotiationReport, NegotiationState } from '../../../shared/domain/account.ts';
import type { Wording } from '../../texts/texts-context.tsx';

export interface NegotiationText {
  /** For whoever sends photos. */
  plain: string;
  /** For whoever looks after it; absent until something is known. */
  technical: string | undefined;
  /** What came of asking last. */
  asked: { text: string; detail?: string } | undefined;
}

/** Which contract is in force, in words that a nurse and a technician both get. */
export function negotiationText(wording: Wording, { limits, since, lastAsked, doubtedSince }: NegotiationState, now: number): NegotiationText {
  const { settings } = wording.t;
  const contract = limits ? settings.contracts[limits.contract] : undefined;
  return {
    plain: contract?.plain ?? settings.notAsked,
    technical: contract && [contract.technical, since === undefined ? undefined : settings.since(wording.clock(since, now))].filter(Boolean).join(' · '),
    // It said something else, and is asked again before it is believed.
    asked: doubtedSince === undefined ? lastAsked && askedText(wording, lastAsked, limits !== undefined, now) : { text: settings.doubted(wording.clock(doubtedSince, now)) },
  };
}

function askedText(wording: Wording, report: NegotiationReport, isKnown: boolean, now: number): { text: string; detail?: string } {
  const { settings } = wording.t;
  const ago = wording.ago(report.at, now);
  if (report.name === 'learnt') return { text: settings.learnt(ago) };
  return { text: isKnown ? settings.unclear(ago) : settings.unclearFirst(ago), detail: report.detail };
}
