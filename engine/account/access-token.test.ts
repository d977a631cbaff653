import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenEndsAt } from './access-token.ts';

const make = (claims: unknown): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('reads the end in milliseconds, whatever else the token says', () => {
  expect(tokenEndsAt(make({ exp: 1_763_800_000, name: 'Ñandú 😀' }))).toBe(1_763_800_000_000);
});

test('says nothing of what is not such a token, and never fails', () => {
  expect(tokenEndsAt('opaque')).toBeUndefined();
  expect(tokenEndsAt(make({ exp: 'tomorrow' }))).toBeUndefined();
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => { tokenEndsAt(`${a}.${b}.c`); }));
});
