import type { Outcome } from './run-matrix.ts';
import { assertNever } from '../shared/assert-never.ts';
import type { Under } from './cell.ts';

export const begin = '<!-- The fault matrix begins here. Written by `npm run fault-matrix`. -->';
export const end = '<!-- The fault matrix ends here. -->';

/** The matrix in Markdown. Holds nothing that differs from run to run. */
export function toTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ cell, observed }) => [
    cell.where, cell.fault.name, cell.lasts, state(observed.under), observed.code ?? '–',
    cell.expected.requests === undefined ? '·' : `${observed.requests}`, `${observed.tries}`, observed.stored === 1 ? 'yes' : 'no',
    observed.goesOn, observed.finally, observed.reads || '–',
  ]);
  const head = ['where', 'fault', 'for', 'under the fault', 'failure', 'requests', 'tries', 'at the server', 'goes on', 'in the end', 'a person reads'];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`${outcomes.length} cells.`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The document with the table between its two marks. @throws Error where a mark is missing */
export function withTable(document: string, table: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error('docs/reliability.md has lost the marks of the fault matrix');
  return `${document.slice(0, from + begin.length)}\n\n${table}\n\n${document.slice(to)}`;
}

function state(under: Under): string {
  switch (under) {
    case 'needsAttention': return 'needs attention';
    case 'completed': case 'waiting': case 'blocked: offline': case 'blocked: circuit': case 'blocked: auth': case 'queued': case 'signed out': return under;
    default: return assertNever(under);
  }
}
