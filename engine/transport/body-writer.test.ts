import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { writeBody } from './body-writer.ts';

/** A socket whose kernel takes so much at once and gives it to the link at a steady pace, on a clock of its own. In seconds and bytes. */
async function silences(bytes: number, { kernelBytes, bytesPerSecond }: { kernelBytes: number; bytesPerSecond: number }) {
  let now = 0;
  let room = kernelBytes;
  const to = new Writable({
    write(chunk: Uint8Array, _encoding, taken) {
      room -= chunk.length;
      if (room < 0) { now += (-room / bytesPerSecond) * 1_000; room = 0; }
      taken();
    },
  });
  const moments = [0];
  const slices: number[] = [];
  await writeBody({
    to, chunks: [new Uint8Array(bytes)], monotonic: () => now, over: new AbortController().signal, pace: undefined, onTurn: () => undefined,
    onTaken: (taken) => { moments.push(now / 1_000); slices.push(taken); },
  });
  return { longest: Math.max(...moments.slice(1).map((moment, index) => moment - moments[index]!)), slices };
}

it.each([[64_000], [10_000], [4_000]])('a link of %d bytes a second shows that it moves long before it would be called stalled', async (bytesPerSecond) => {
  const { longest } = await silences(2_000_000, { kernelBytes: 300_000, bytesPerSecond });
  expect(longest).toBeLessThan(20);
});

it('on a quick link slices grow, so that a photo costs few of them', async () => {
  const { slices } = await silences(8_000_000, { kernelBytes: 300_000, bytesPerSecond: 50_000_000 });
  expect(Math.max(...slices)).toBe(256 * 1024);
  expect(slices.length).toBeLessThan(60);
});
