import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maxParts, planParts } from './part-plan.ts';

it('covers every byte exactly once, in order, with equal parts but the last', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 101, max: 200_000 }), (size, partBytes) => {
    const parts = planParts(size, partBytes);
    expect(parts[0]?.start).toBe(0);
    expect(parts.at(-1)?.end).toBe(size);
    parts.forEach((part, index) => {
      expect(part.number).toBe(index + 1);
      if (index > 0) expect(part.start).toBe(parts[index - 1]?.end);
      expect(part.end - part.start).toBe(index < parts.length - 1 ? partBytes : size - part.start);
    });
  }));
});

it('refuses what S3 would refuse: more than 10,000 parts, or nothing at all', () => {
  expect(() => planParts(maxParts * 10 + 1, 10)).toThrow(RangeError);
  expect(() => planParts(0, 10)).toThrow(RangeError);
});
