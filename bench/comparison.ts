import { median, medianCost, type Cost } from './measured.ts';
import type { RelevoCost } from './relevo.ts';

export interface Round {
  relevo: RelevoCost;
  rclone: { atOnce: number; cost: Cost }[];
}

/** Rows of medians, and Relevo's sending divided by rclone's best, figure by figure: the least time, the least processor, the least memory. */
export function comparison(title: string, rounds: readonly Round[]): string {
  const rows: [string, Cost][] = [
    ['relevo add', medianCost(rounds.map(({ relevo }) => relevo.add))],
    ['relevo sync', medianCost(rounds.map(({ relevo }) => relevo.sync))],
    ...(rounds[0]?.rclone ?? []).map(({ atOnce }, index): [string, Cost] => [`rclone, ${atOnce} transfers`, medianCost(rounds.map(({ rclone }) => rclone[index]!.cost))]),
  ];
  const ratio = (figure: keyof Cost): string => ratioOf(rounds, figure).toFixed(2);
  return [
    line(`${title}, ${rounds.length} rounds`, 'wall s', 'CPU s', 'peak MB'),
    ...rows.map(([name, cost]) => line(name, cost.wallSeconds.toFixed(2), cost.cpuSeconds.toFixed(2), cost.peakMegabytes.toFixed(0))),
    line('relevo sync ÷ rclone’s best', ratio('wallSeconds'), ratio('cpuSeconds'), ratio('peakMegabytes')),
    '',
  ].join('\n');
}

/** The median of the rounds' ratios. */
export function ratioOf(rounds: readonly Round[], figure: keyof Cost): number {
  return median(rounds.map(({ relevo, rclone }) => relevo.sync[figure] / Math.min(...rclone.map(({ cost }) => cost[figure]))));
}

function line(name: string, ...figures: string[]): string {
  return `${name.padEnd(34)}${figures.map((figure) => figure.padStart(10)).join('')}`;
}
