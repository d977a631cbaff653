import { describe, expect, it } from 'vitest';
import { openDatabase } from '../queue/database.ts';
import { createSqliteKeyValueStore } from '../queue/sqlite-key-value-store.ts';
import { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { AfterADeath } from './after-a-death.ts';

const keyValues = () => createSqliteKeyValueStore(openDatabase({ file: ':memory:' }));

/** A process begins. */
function begin(store: ReturnType<typeof keyValues>, resumed: number): { slots: AdaptiveSlots; afterADeath: AfterADeath } {
  const slots = new AdaptiveSlots(6);
  const afterADeath = new AfterADeath(store, slots);
  afterADeath.begin(resumed);
  return { slots, afterADeath };
}

async function sendBodies(slots: AdaptiveSlots, count: number): Promise<void> {
  for (let body = 0; body < count; body += 1) { await slots.acquire(new AbortController().signal); slots.release('success'); }
}

describe('after a death', () => {
  it('the next process is careful, and so is the one after it, though the next left nothing under way', () => {
    const store = keyValues();
    expect(begin(store, 0).slots.careful).toBe(false);
    expect(begin(store, 2).slots.careful).toBe(true);
    expect(begin(store, 0).slots.careful).toBe(true);
  });

  it('is forgotten when a few bodies have arrived, and not before', async () => {
    const store = keyValues();
    const { slots, afterADeath } = begin(store, 1);
    await sendBodies(slots, 3);
    afterADeath.progressed();
    expect(begin(store, 0).slots.careful).toBe(true);
    await sendBodies(slots, 1);
    afterADeath.progressed();
    expect(begin(store, 0).slots.careful).toBe(false);
  });

  it('is forgotten after a clean end', () => {
    const store = keyValues();
    begin(store, 1).afterADeath.forget();
    expect(begin(store, 0).slots.careful).toBe(false);
  });
});
