import { describe, expect, it } from 'vitest';
import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { QueueFilter, QueuePage } from '../../../shared/engine-contract.ts';
import { isInFilter } from '../../../shared/domain/queue-filter.ts';
import { QueueRows } from './queue-rows.ts';
import { placeAt, rowCount } from './queue-window.ts';
import { itemAt } from './test-items.ts';

/** A queue that answers pages as the engine does, and counts what it gave out. */
class FakeQueue {
  readonly rows = new Map<number, UploadItem>();
  calls = 0;
  rowsRead = 0;
  failing = false;
  #newest: number;

  constructor(count: number) {
    this.#newest = count;
    for (let sequence = count; sequence >= 1; sequence -= 1) this.rows.set(sequence, itemAt(sequence));
  }

  add(item: UploadItem): void {
    this.rows.set(item.sequence, item);
    this.#newest = Math.max(this.#newest, item.sequence);
  }

  readonly getQueuePage = async ({ filter = 'all', before = Infinity, limit = 100 }: { filter?: QueueFilter; before?: number; limit?: number }): Promise<QueuePage> => {
    this.calls += 1;
    if (this.failing) throw new Error('stopped');
    const items: UploadItem[] = [];
    let more = false;
    const newest = Math.min(before - 1, this.#newest);
    for (let sequence = newest; sequence >= 1; sequence -= 1) {
      const item = this.rows.get(sequence);
      if (!item || !isInFilter(filter, item.state.name)) continue;
      if (items.length === limit) { more = true; break; }
      items.push(item);
    }
    this.rowsRead += items.length;
    return { items, next: more ? items.at(-1)!.sequence : undefined, total: this.rows.size };
  };
}

/** Resolves when the row is in memory. */
function rowArrives(rows: QueueRows, row: number): Promise<UploadItem> {
  return new Promise((resolve) => {
    const look = (): void => {
      const item = placeAt(rows.getWindow(), row)?.item;
      if (!item) return;
      stop();
      resolve(item);
    };
    const stop = rows.subscribe(look);
    look();
  });
}

function loadedRows(rows: QueueRows): number {
  return rows.getWindow().stretches.reduce((sum, stretch) => sum + (stretch.items?.length ?? 0), 0);
}

describe('the rows of a queue of 100,000', () => {
  it('shows the first rows after one small call', async () => {
    const queue = new FakeQueue(100_000);
    const rows = new QueueRows(queue, 'all');
    rows.open();
    expect((await rowArrives(rows, 0)).sequence).toBe(100_000);
    expect(queue.rowsRead).toBe(200);
    expect(rowCount(rows.getWindow())).toBe(100_000);
  });

  it('reaches any row in a call or two, and holds few in memory', async () => {
    const queue = new FakeQueue(100_000);
    const rows = new QueueRows(queue, 'all');
    rows.open();
    await rowArrives(rows, 0);
    rows.show(99_990, 99_999);
    expect((await rowArrives(rows, 99_999)).sequence).toBe(1);
    expect(queue.calls).toBeLessThanOrEqual(4);
    expect(loadedRows(rows)).toBeLessThanOrEqual(1_500);
    rows.show(50_000, 50_010);
    expect((await rowArrives(rows, 50_000)).sequence).toBe(50_000);
    expect(loadedRows(rows)).toBeLessThanOrEqual(1_500);
    rows.show(0, 10);
    expect((await rowArrives(rows, 5)).sequence).toBe(99_995);
    expect(queue.calls).toBeLessThanOrEqual(12);
    expect(rowCount(rows.getWindow())).toBe(100_000);
  });

  it('reads again what is in sight when changes were left out', async () => {
    const queue = new FakeQueue(300);
    const rows = new QueueRows(queue, 'all');
    rows.open();
    rows.show(0, 10);
    await rowArrives(rows, 0);
    const changed = itemAt(298, { name: 'paused' });
    queue.add(changed);
    const seen = new Promise<void>((resolve) => {
      rows.subscribe(() => {
        if (placeAt(rows.getWindow(), 2)?.item?.state.name === 'paused') resolve();
      });
    });
    rows.change([], true, 300);
    await seen;
  });

  it('begins anew when thousands were added behind its back', async () => {
    const queue = new FakeQueue(300);
    const rows = new QueueRows(queue, 'all');
    rows.open();
    await rowArrives(rows, 0);
    for (let sequence = 301; sequence <= 3300; sequence += 1) queue.add(itemAt(sequence));
    const seen = new Promise<void>((resolve) => {
      rows.subscribe(() => {
        if (placeAt(rows.getWindow(), 0)?.item?.sequence === 3300) resolve();
      });
    });
    rows.change([], true, 3300);
    await seen;
    expect(rowCount(rows.getWindow())).toBe(3300);
  });

  it('goes on after the engine was away', async () => {
    const queue = new FakeQueue(10);
    queue.failing = true;
    const rows = new QueueRows(queue, 'all');
    rows.open();
    await expect.poll(() => queue.calls).toBe(1);
    queue.failing = false;
    rows.refresh();
    expect((await rowArrives(rows, 0)).sequence).toBe(10);
  });
});
