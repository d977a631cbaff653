import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partBackOffMs, queueBackOffMs } from './back-off.ts';

const always = (unit: number) => ({ unit: () => unit, uuid: () => '' });

describe('partBackOffMs', () => {
  it('has a ceiling of 250 ms that doubles to 20 s, and may be zero', () => {
    const ceilings = [1, 2, 3, 4, 8, 100].map((nth) => partBackOffMs(nth, always(1)));
    expect(ceilings).toEqual([250, 500, 1000, 2000, 20_000, 20_000]);
    expect(partBackOffMs(4, always(0))).toBe(0);
  });
});

describe('queueBackOffMs', () => {
  it('doubles from 5 s to 15 min', () => {
    const ceilings = [1, 2, 3, 8, 9, 1_000_000].map((nth) => queueBackOffMs(nth, always(1)));
    expect(ceilings).toEqual([5_000, 10_000, 20_000, 640_000, 900_000, 900_000]);
  });

  it('never goes below half of its ceiling, whatever the chance', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, unit) => {
      const wait = queueBackOffMs(failures, always(unit));
      const ceiling = queueBackOffMs(failures, always(1));
      expect(wait).toBeGreaterThanOrEqual(Math.floor(ceiling / 2));
      expect(wait).toBeLessThanOrEqual(ceiling);
    }));
  });
});
