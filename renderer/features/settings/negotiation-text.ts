import type { Limits, NegotiationReport } from '../../../shared/domain/account.ts';
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
export function negotiationText(wording: Wording, { limits, lastAsked }: { limits?: Limits; lastAsked?: NegotiationReport }, now: number): NegotiationText {
  const { settings } = wording.t;
  const contract = limits ? settings.contracts[limits.contract] : undefined;
  return {
    plain: contract?.plain ?? settings.notAsked,
    technical: contract && limits ? `${contract.technical} · ${settings.since(wording.clock(limits.learntAt, now))}` : undefined,
    asked: lastAsked && askedText(wording, lastAsked, limits !== undefined, now),
  };
}

function askedText(wording: Wording, report: NegotiationReport, isKnown: boolean, now: number): { text: string; detail?: string } {
  const { settings } = wording.t;
  const ago = wording.ago(report.at, now);
  if (report.name === 'learnt') return { text: settings.learnt(ago) };
  return { text: isKnown ? settings.unclear(ago) : settings.unclearFirst(ago), detail: report.detail };
}
