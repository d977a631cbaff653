import { describe, expect, it } from 'vitest';
import { AdaptiveSlots } from './adaptive-slots.ts';

const never = new AbortController().signal;

async function cycle(slots: AdaptiveSlots, outcome: 'success' | 'failure' | 'neutral', times = 1): Promise<void> {
  for (let index = 0; index < times; index += 1) { await slots.acquire(never); slots.release(outcome); }
}

describe('places for photo bodies', () => {
  it('start small and grow with success up to the bound', async () => {
    const slots = new AdaptiveSlots(6);
    expect(slots.limit).toBe(2);
    await cycle(slots, 'success', 30);
    expect(slots.limit).toBe(6);
  });

  it('halve after a failure, and never go below one', async () => {
    const slots = new AdaptiveSlots(8, 8);
    await cycle(slots, 'failure');
    expect(slots.limit).toBe(4);
    await cycle(slots, 'failure', 10);
    expect(slots.limit).toBe(1);
    await cycle(slots, 'neutral', 10);
    expect(slots.limit).toBe(1);
  });

  it('are one after a death, until a few bodies have arrived; then they grow as always', async () => {
    const slots = new AdaptiveSlots(6);
    slots.startCarefully();
    expect(slots.careful).toBe(true);
    const limits: number[] = [];
    for (let body = 0; body < 8; body += 1) { limits.push(slots.limit); await cycle(slots, 'success'); }
    expect(limits).toEqual([1, 1, 1, 1, 1, 2, 3, 3]);
    expect(slots.careful).toBe(false);
    await cycle(slots, 'success', 10);
    expect(slots.limit).toBe(6);
  });

  it('serve those who wait in their order, and forget one who gave up', async () => {
    const slots = new AdaptiveSlots(1, 1);
    await slots.acquire(never);
    const order: string[] = [];
    const gaveUp = new AbortController();
    const first = slots.acquire(never).then(() => order.push('first'));
    const second = slots.acquire(gaveUp.signal).catch(() => order.push('gave up'));
    const third = slots.acquire(never).then(() => order.push('third'));
    gaveUp.abort(new Error('paused'));
    await second;
    slots.release('neutral');
    await first;
    slots.release('neutral');
    await third;
    expect(order).toEqual(['gave up', 'first', 'third']);
    slots.release('neutral');
    expect(slots.taken).toBe(0);
  });
});
