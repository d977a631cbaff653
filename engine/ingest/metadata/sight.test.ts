import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filtered, type Filter } from './sight.ts';

interface Step { want: number; count: number; how: 'pass' | 'drop'; put: boolean }

/** What each step sees goes out once more, after what it says of the bytes. */
const following = (steps: readonly Step[]): Filter => function* (sight) {
  for (const { want, count, how, put } of steps) {
    yield want;
    const seen = Buffer.from(sight.window.subarray(sight.at, sight.at + Math.min(want, sight.length)));
    sight[how](Math.min(count, want, sight.length));
    if (put) sight.put(seen);
  }
};

/** As `filtered` does it, on the whole file at once. */
function expected(file: Buffer, steps: readonly Step[]): Buffer {
  const out: Buffer[] = [];
  let at = 0;
  for (const { want, count, how, put } of steps) {
    const seen = file.subarray(at, at + want);
    const gone = seen.subarray(0, count);
    if (how === 'pass') out.push(gone);
    if (put) out.push(seen);
    at += gone.length;
  }
  return Buffer.concat([...out, file.subarray(at)]);
}

test('however the file is cut and whatever is wanted in sight, each byte is seen in its place and goes out once', async () => {
  const step = fc.record<Step>({ want: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 150 })), count: fc.nat(150), how: fc.constantFrom('pass', 'drop'), put: fc.boolean() });
  const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 120 })), { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(fc.nat(400), lengths, fc.array(step, { maxLength: 30 }), async (size, cuts, steps) => {
    const file = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      const buffer = Buffer.alloc(120);
      for (let at = 0, turn = 0; at < size; turn += 1) {
        const length = file.copy(buffer, 0, at, at + cuts[turn % cuts.length]!);
        at += length;
        yield buffer.subarray(0, length);
        buffer.fill(0xff);
      }
    }
    const out: Buffer[] = [];
    for await (const piece of filtered(pieces(), following(steps))) out.push(Buffer.from(piece));
    expect(Buffer.concat(out).equals(expected(file, steps))).toBe(true);
  }), { numRuns: 1500 });
}, 120_000);

test('who stops reading ends the reading of the file', async () => {
  let closed = false;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(10);
    } finally {
      closed = true;
    }
  }
  for await (const piece of filtered(pieces(), function* (sight) { for (;;) { yield 1; sight.pass(1); } })) if (piece.length > 0) break;
  expect(closed).toBe(true);
});

test('a file of many thousand steps lets everything else have its turn in between', async () => {
  let turns = 0;
  let over = false;
  const count = (): void => { turns += 1; if (!over) setImmediate(count); };
  setImmediate(count);
  async function* pieces(): AsyncGenerator<Uint8Array> { yield Buffer.alloc(100_000); }
  let length = 0;
  for await (const piece of filtered(pieces(), function* (sight) { for (let step = 0; step < 100_000; step += 1) { yield 1; sight.pass(1); } })) length += piece.length;
  over = true;
  expect(length).toBe(100_000);
  expect(turns).toBeGreaterThan(10);
});
