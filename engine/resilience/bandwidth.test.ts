import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../virtual-time.ts';
import { Bandwidth } from './bandwidth.ts';

/** What may go at once, as the class has it: a quarter of a second's worth, or half a kilobyte. */
const burstOf = (perSecond: number): number => Math.max(512, perSecond * 0.25);

interface Sent { at: number; bytes: number }

/** Sends a body in the slices that it is told to, as long as it is not called off. @returns what went when */
async function send(time: VirtualTime, bandwidth: Bandwidth, bytes: number, signal: AbortSignal, sent: Sent[]): Promise<'all' | 'aborted'> {
  for (let left = bytes; left > 0;) {
    const slice = Math.min(left, bandwidth.slice, 256 * 1024);
    await bandwidth.take(slice, signal);
    if (signal.aborted) return 'aborted';
    sent.push({ at: time.monotonic(), bytes: slice });
    left -= slice;
  }
  return 'all';
}

const limits = fc.oneof(fc.constant(undefined), fc.integer({ min: 1_000, max: 5_000 }), fc.integer({ min: 50_000, max: 200_000 }), fc.integer({ min: 200_000, max: 5_000_000 }));
const bodies = fc.record({ at: fc.integer({ min: 0, max: 2_000 }), bytes: fc.integer({ min: 1, max: 400_000 }), abortAfter: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }) });
const changes = fc.record({ at: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 60_000 })), limit: limits });

describe('the limit for all bodies together', () => {
  it('lets everything through that is not called off, whatever becomes of it on the way', async () => {
    await fc.assert(fc.asyncProperty(limits, fc.array(bodies, { minLength: 1, maxLength: 8 }), fc.array(changes, { maxLength: 6 }), async (first, wanted, planned) => {
      const time = new VirtualTime(0);
      const bandwidth = new Bandwidth(time);
      bandwidth.setLimit(first);
      const sent: Sent[] = [];
      const outcomes = wanted.map((): 'all' | 'aborted' | undefined => undefined);
      for (const { at, limit } of planned) time.schedule(at, () => bandwidth.setLimit(limit));
      wanted.forEach(({ at, bytes, abortAfter }, index) => {
        const abort = new AbortController();
        time.schedule(at, () => { void send(time, bandwidth, bytes, abort.signal, sent).then((outcome) => { outcomes[index] = outcome; }); });
        if (abortAfter !== undefined) time.schedule(at + abortAfter, () => abort.abort());
      });
      // At a kilobyte a second everything takes less than this.
      await time.run(4_000_000);
      expect(outcomes).not.toContain(undefined);
      expect(wanted.filter(({ abortAfter }, index) => abortAfter === undefined && outcomes[index] !== 'all')).toEqual([]);
    }), { numRuns: 150 });
  });

  it('is never exceeded by more than one burst, over any stretch of time', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1_000, max: 5_000_000 }), fc.array(bodies, { minLength: 1, maxLength: 8 }), async (limit, wanted) => {
      const time = new VirtualTime(0);
      const bandwidth = new Bandwidth(time);
      bandwidth.setLimit(limit);
      const sent: Sent[] = [];
      for (const { at, bytes, abortAfter } of wanted) {
        const abort = new AbortController();
        time.schedule(at, () => { void send(time, bandwidth, bytes, abort.signal, sent); });
        if (abortAfter !== undefined) time.schedule(at + abortAfter, () => abort.abort());
      }
      await time.run(4_000_000);
      let excess = 0;
      for (let from = 0; from < sent.length; from += Math.max(1, Math.floor(sent.length / 60))) {
        let bytes = 0;
        for (let to = from; to < sent.length; to += 1) {
          bytes += sent[to]!.bytes;
          excess = Math.max(excess, bytes - limit * ((sent[to]!.at - sent[from]!.at) / 1_000));
        }
      }
      expect(excess).toBeLessThanOrEqual(burstOf(limit) + 1);
    }), { numRuns: 150 });
  });

  it('is used: what waits goes at the rate, and not slower', async () => {
    const time = new VirtualTime(0);
    const bandwidth = new Bandwidth(time);
    bandwidth.setLimit(100_000);
    const sent: Sent[] = [];
    const both = Promise.all([500_000, 500_000].map((bytes) => send(time, bandwidth, bytes, new AbortController().signal, sent)));
    await time.run(60_000);
    await both;
    expect(sent.at(-1)?.at).toBeGreaterThan(9_700);
    expect(sent.at(-1)?.at).toBeLessThan(10_100);
    // Smooth: nobody waits for long, and both move.
    const gaps = sent.slice(1).map(({ at }, index) => at - sent[index]!.at);
    expect(Math.max(...gaps)).toBeLessThan(250);
  });

  it('a limit that is lifted lets all go that wait, at once', async () => {
    const time = new VirtualTime(0);
    const bandwidth = new Bandwidth(time);
    bandwidth.setLimit(1_000);
    const turns = [100_000, 100_000].map(async (bytes) => { await bandwidth.take(bytes, new AbortController().signal); });
    await time.run(50);
    bandwidth.setLimit(undefined);
    await Promise.all(turns);
    expect(time.monotonic()).toBeLessThanOrEqual(60);
    expect(bandwidth.take(1_000_000)).toBeUndefined();
  });

  it('a raised limit is felt by whoever waits under the old one', async () => {
    const time = new VirtualTime(0);
    const bandwidth = new Bandwidth(time);
    bandwidth.setLimit(1_000);
    let gone = false;
    void bandwidth.take(100_000)?.then(() => { gone = true; });
    await time.run(100);
    bandwidth.setLimit(1_000_000);
    await time.run(300);
    expect(gone).toBe(true);
  });

  it('what was cut for a higher limit goes under a lower one too, and is paid for afterwards', async () => {
    const time = new VirtualTime(0);
    const bandwidth = new Bandwidth(time);
    bandwidth.setLimit(100_000);
    const went: number[] = [];
    const note = (): void => { went.push(time.monotonic()); };
    void bandwidth.take(60_000)?.then(note);
    void bandwidth.take(100)?.then(note);
    bandwidth.setLimit(1_000);
    await time.run(120_000);
    expect(went).toHaveLength(2);
    expect(went[0]).toBeLessThan(600);
    expect(went[1]).toBeGreaterThan(59_000);
  });

  it('an abort ends a wait at once and costs the others nothing', async () => {
    const time = new VirtualTime(0);
    const bandwidth = new Bandwidth(time);
    bandwidth.setLimit(10_000);
    const abort = new AbortController();
    const first = bandwidth.take(1_000_000, abort.signal);
    let second = false;
    void bandwidth.take(1_000)?.then(() => { second = true; });
    await time.run(150);
    abort.abort();
    await first;
    await time.run(160);
    expect(second).toBe(true);
    expect(bandwidth.take(10, AbortSignal.abort())).toBeUndefined();
  });
});
