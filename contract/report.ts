import { assertNever } from '../shared/assert-never.ts';
import type { Language } from '../shared/texts/language.ts';
import type { NotRunReason, Outcome, Restored, Result } from './check.ts';
import type { Difference } from './compare.ts';
import type { ContractReport } from './run.ts';
import { contractTexts } from './texts.ts';

/** Nobody asked for these checks, or the account has nothing that they could be asked of, or a person had seen enough. */
const noFault: ReadonlySet<NotRunReason> = new Set(['needs-patient', 'no-organisation', 'no-patient', 'interrupted']);

/** All that was asked for is kept, and the patient has their photo again. */
export function passed({ outcomes, restored }: ContractReport): boolean {
  return restored.name !== 'failed' && outcomes.every(({ result }) => result.name === 'kept' || (result.name === 'not-run' && noFault.has(result.reason)));
}

const count = (outcomes: readonly Outcome[], name: Result['name']): number => outcomes.filter(({ result }) => result.name === name).length;

/** What a run prints at its end. `differences` absent: nothing was compared. */
export function closingTable({ outcomes, restored }: ContractReport, differences: readonly Difference[] | undefined, language: Language): string {
  const texts = contractTexts[language];
  const ids = Math.max(...outcomes.map(({ check }) => check.id.length));
  const words = Math.max(...Object.values(texts.outcome).map((word) => word.length));
  const lines = outcomes.flatMap(({ check, result }) => {
    const start = `${check.id.padEnd(ids)}  ${texts.outcome[result.name].padEnd(words)}  `;
    const rest = detail(result, language);
    return [start + check.holds[language], ...(rest === undefined ? [] : [`${' '.repeat(start.length)}${rest}`])];
  });
  return [...lines, '', texts.summary(count(outcomes, 'kept'), count(outcomes, 'broken'), count(outcomes, 'not-run')), fate(restored, language), ...drift(differences, language)]
    .map((line) => `${line}\n`).join('');
}

function detail(result: Result, language: Language): string | undefined {
  const texts = contractTexts[language];
  switch (result.name) {
    case 'kept': return undefined;
    case 'broken': return texts.broken(result.wanted, result.seen);
    case 'not-run': return texts.notRun[result.reason];
    default: return assertNever(result);
  }
}

function fate(restored: Restored, language: Language): string {
  const texts = contractTexts[language];
  if (restored.name !== 'failed') return texts.restored[restored.name];
  return restored.keptAt === undefined ? texts.notRestored.withoutCopy : texts.notRestored.withCopy(restored.keptAt);
}

function drift(differences: readonly Difference[] | undefined, language: Language): string[] {
  const texts = contractTexts[language];
  if (!differences) return [];
  if (differences.length === 0) return [texts.noDrift];
  return [texts.drift(differences.length), ...differences.map(({ check, where, earlier, later }) => `  ${check}  ${where === '' ? '' : `${where}: `}${earlier} → ${later}`)];
}

/** The same for machines: one document. */
export function jsonReport(report: ContractReport, differences: readonly Difference[] | undefined, language: Language): string {
  const checks = report.outcomes.map(({ check, result }) => ({ id: check.id, kind: check.kind, holds: check.holds[language], outcome: result.name, ...withoutName(result) }));
  return `${JSON.stringify({ schema_version: 1, passed: passed(report), checks, photo: report.restored, ...(differences ? { differences } : {}) }, null, 2)}\n`;
}

function withoutName({ name: _, ...rest }: Result): object {
  return rest;
}
