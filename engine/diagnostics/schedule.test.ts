import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextCheckMs, withinBudget, type MeteredUse } from './schedule.ts';

test('while all is well a check comes every 60 s, give or take 30 %', () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (unit) => {
    expect(nextCheckMs(0, unit)).toBeGreaterThanOrEqual(42_000);
    expect(nextCheckMs(0, unit)).toBeLessThanOrEqual(78_000);
  }));
});

test('while it fails: 5 s, doubling, and never more than 5 min apart', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => nextCheckMs(failures, 0) / 1000)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
});

test('over any day on a metered link probes stay within 1 % of what went over it', () => {
  const step = fc.oneof(fc.record({ upload: fc.nat(5_000_000) }), fc.record({ cost: fc.integer({ min: 1, max: 100_000 }) }));
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const use: MeteredUse = { uploads: 0, probes: 0 };
    for (const one of steps) {
      if ('upload' in one) use.uploads += one.upload;
      else if (withinBudget(use, one.cost)) use.probes += one.cost;
    }
    expect(use.probes).toBeLessThanOrEqual(0.01 * (use.uploads + use.probes));
  }));
  expect(withinBudget({ uploads: 0, probes: 0 }, 1)).toBe(false);
});
