import type { CrashReport } from './crash-run.ts';

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Nothing went wrong, and at most `ratio` bytes arrived for each byte of the photos. */
export function passed({ violations, ratio: sent, rejected, trouble }: CrashReport, ratio: number): boolean {
  return Object.values(violations).every((names: string[]) => names.length === 0) && rejected.length === 0 && trouble.length === 0 && sent <= ratio;
}

/** What a run prints at its end. */
export function closingTable(report: CrashReport): string {
  const { violations, kills } = report;
  const all = Object.values(kills).reduce((sum, count) => sum + count, 0);
  const faults = [...report.faults.values()].reduce((sum, count) => sum + count, 0);
  const rows: [string, string | number][] = [
    ['photos', `${report.photos}, ${mb(report.photoBytes)}`],
    ['kills', all],
    ['  in the middle of a body', kills.body],
    ['  while photos were taken in', kills.ingest],
    ['  while uploads were under way, between bodies', kills.sending],
    ['  while the engine was starting', kills.starting],
    ['  while it was idle', kills.idle],
    ['faults set', faults],
    ['lost', violations.lost.length],
    ['duplicated', violations.duplicated.length],
    ['corrupt', violations.corrupt.length],
    ['wrongly claimed', violations.wronglyClaimed.length],
    ['unfinished at the store', violations.unfinished.length],
    ['rejected', report.rejected.length],
    ['sealed copies left', report.copiesLeft],
    ['handfuls added again', report.addedAgain],
    ['photos that a person had to retry', report.retriedByPerson],
    ['bytes received ÷ bytes of the photos', `${report.ratio.toFixed(3)} (${mb(report.bodyBytes)})`],
    ['  sent again, because of kills and of faults', mb(report.bodyBytes - report.photoBytes)],
    ['  arrived in bodies whose sender was killed', mb(report.bytesCutByKills)],
    ['time', `${report.seconds.toFixed(1)} s`],
  ];
  const details = [
    ...Object.entries(violations).flatMap(([name, names]) => (names as string[]).map((one) => `${name}: ${one}`)),
    ...report.rejected.map((one) => `rejected: ${one}`),
    ...report.trouble.map((one) => `trouble: ${one}`),
  ];
  return `${rows.map(([name, value]) => `${name.padEnd(50)}${String(value)}`).join('\n')}\n${details.map((line) => `${line}\n`).join('')}`;
}
