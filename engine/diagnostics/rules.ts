/**
 * @file The judgement: facts in, one diagnosis out. Pure; gathering is elsewhere.
 * See `rules-path.ts` (1–14), `rules-service.ts` (15–28) and `rules-pattern.ts` (29–35).
 */
import { diagnosisSeverity, type Diagnosis, type DiagnosisCode, type OverlayCode, type Severity } from '../../shared/domain/diagnosis.ts';
import type { Facts } from './facts.ts';
import { pathRules } from './rules-path.ts';
import { gatewayNotAsked, patternRules } from './rules-pattern.ts';
import { serviceRules } from './rules-service.ts';
import type { Match, Rule } from './rule.ts';
import { probeEvidence, viewOf, type View } from './view.ts';

/** In the order in which they are asked. */
export const rules: readonly Rule[] = [...pathRules, ...serviceRules, ...patternRules];

const mostEvidence = 40;
const flappingWindowMs = 10 * 60_000;

/** Names the one thing that is wrong, or `HEALTHY` where the gateway was seen to work and nothing is. Never throws. `since` is `facts.at`: who keeps a history sets it back. */
export function diagnose(facts: Facts): Diagnosis {
  const view = viewOf(facts);
  for (const rule of rules) {
    const match = rule.match(view);
    if (match) return build(view, rule.code, match);
  }
  return build(view, 'HEALTHY', { evidence: view.ran('http').filter((probe) => probe.outcome === 'ok').map(probeEvidence) });
}

/** Asks for one diagnosis alone: it, or `HEALTHY`; `INCONCLUSIVE` where it looks at the gateway and that was not asked. For an overlay, whether it applies. */
export function diagnoseOnly(facts: Facts, code: DiagnosisCode): Diagnosis {
  const view = viewOf(facts);
  const rule = rules.find((one) => one.code === code);
  const match = rule?.match(view);
  if (match) return build(view, code, match);
  const notAsked = rule?.needs.includes('http') ? gatewayNotAsked(view) : [];
  return build(view, notAsked.length > 0 ? 'INCONCLUSIVE' : 'HEALTHY', { evidence: notAsked });
}

function build(view: View, code: DiagnosisCode, match: Match): Diagnosis {
  const overlays: OverlayCode[] = [];
  const evidence = [...match.evidence];
  const disk = view.ran('disk').filter((probe) => probe.freeBytes !== undefined && probe.freeBytes < view.facts.diskLowBytes);
  if (disk.length > 0) {
    overlays.push('DISK_LOW');
    evidence.push(...disk.map(probeEvidence));
  }
  const changes = view.facts.changes.filter((at) => at <= view.facts.at && view.facts.at - at <= flappingWindowMs);
  if (changes.length >= 4) {
    overlays.push('FLAPPING');
    evidence.push({ source: 'history', says: `${changes.length} changes in 10 min` });
  }
  const own: Severity = match.severity ?? diagnosisSeverity[code];
  return {
    code,
    severity: overlays.length > 0 && (own === 'ok' || own === 'info') ? 'warn' : own,
    certainty: match.certainty ?? 'certain',
    since: view.facts.at,
    evidence: evidence.slice(0, mostEvidence),
    overlays,
    ...(match.params ? { params: match.params } : {}),
  };
}
