import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';

/** What a line says by its beginning. */
const said = new Set(['layer', 'kind', 'target', 'family', 'at', 'status', 'outcome', 'finding', 'phases']);

/** Every probe with all it brought back, a line each: technical, the same in every language, ready to be pasted into a message. */
export function evidenceText(probes: readonly ProbeResult[]): string {
  return [...probes].sort((a, b) => a.layer.localeCompare(b.layer) || a.at.monotonic - b.at.monotonic).map(lineOf).join('\n');
}

function lineOf(probe: ProbeResult): string {
  const name = `${probe.kind}${probe.family ? `/IPv${probe.family}` : ''}`;
  const head = [probe.layer, probe.target.padEnd(8), name.padEnd(20)];
  if (probe.status !== 'ran') return [...head, probe.status.padEnd(8), probe.why].join(' ');
  const outcome = probe.outcome === 'ok' ? 'ok' : probe.finding ?? 'failed';
  const phases = Object.entries(probe.phases ?? {}).map(([phase, ms]) => `${phase}=${Math.round(ms)}ms`);
  const facts = Object.entries(probe).filter(([key, value]) => !said.has(key) && value !== undefined).map(([key, value]) => `${key}=${plain(value)}`);
  return [...head, outcome.padEnd(8), ...phases, ...facts].join(' ').trimEnd();
}

function plain(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  return typeof value === 'string' && !value.includes(' ') ? value : JSON.stringify(value);
}
