import { expect, it } from 'vitest';
import { comparison, ratioOf, type Round } from './comparison.ts';
import { median, type Cost } from './measured.ts';

const cost = (wallSeconds: number): Cost => ({ wallSeconds, cpuSeconds: wallSeconds / 2, peakMegabytes: 100 });
const round = (relevo: number, ...rclone: number[]): Round => ({
  relevo: { add: cost(1), sync: cost(relevo) },
  rclone: rclone.map((wall, index) => ({ atOnce: 4 * (index + 1), cost: cost(wall) })),
});

it('compares with the best of the peer in the same round', () => {
  // The machine was half as quick in the second round; against the first round's figures Relevo would look slow.
  expect(ratioOf([round(4, 8, 5), round(8, 12, 10), round(4, 5, 9)], 'wallSeconds')).toBe(0.8);
  expect(comparison('Some photos', [round(4, 8, 5)])).toMatch(/relevo sync ÷ rclone’s best\s+0\.80\s+0\.80\s+1\.00/);
});

it('takes the middle, or between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
  expect(() => median([])).toThrow(RangeError);
});
