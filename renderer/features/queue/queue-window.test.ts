import { describe, expect, it } from 'vitest';
import type { UploadItem, UploadState } from '../../../shared/domain/upload.ts';
import { appendAnswer, applyChanges, emptyWindow, keepPages, knownRows, pageSize, placeAt, type QueueWindow, refillPage, rowCount } from './queue-window.ts';
import { itemAt } from './test-items.ts';

const all = (): boolean => true;
const unsent = (item: UploadItem): boolean => item.state.name === 'queued';
const sent: UploadState = { name: 'cancelled' };

/** Sequences from `newest` down to `oldest`, as an answer. */
function answer(newest: number, oldest: number, next: number | undefined, total: number) {
  return { items: Array.from({ length: newest - oldest + 1 }, (_, index) => itemAt(newest - index)), next, total };
}

function sequences(window: QueueWindow): number[] {
  return Array.from({ length: knownRows(window) }, (_, row) => {
    const place = placeAt(window, row);
    return place.kind === 'item' ? place.item.sequence : -1;
  });
}

describe('the window on the queue', () => {
  it('draws as many rows as the queue holds, although it has read only the first', () => {
    const window = appendAnswer(emptyWindow, answer(100_000, 99_901, 99_901, 100_000));
    expect(rowCount(window)).toBe(100_000);
    expect(placeAt(window, 99)).toMatchObject({ kind: 'item', item: { sequence: 99_901 } });
    expect(placeAt(window, 100)).toEqual({ kind: 'beyond' });
  });

  it('cuts a long answer into pages that can be let go and read again one by one', () => {
    let window = appendAnswer(emptyWindow, answer(500, 1, undefined, 500));
    expect(window.pages).toHaveLength(500 / pageSize);
    window = keepPages(window, 3, 3);
    expect(placeAt(window, 10).kind).toBe('item');
    expect(placeAt(window, 110)).toEqual({ kind: 'page', page: 1 });
    expect(placeAt(window, 310).kind).toBe('item');
    window = refillPage(window, window.pages[1]!.oldest, answer(400, 201, 201, 500).items);
    expect(placeAt(window, 110)).toMatchObject({ kind: 'item', item: { sequence: 390 } });
    expect(knownRows(window)).toBe(500);
  });

  it('puts a new photo on top', () => {
    const window = applyChanges(appendAnswer(emptyWindow, answer(3, 1, undefined, 3)), [itemAt(4)], all, 4);
    expect(sequences(window)).toEqual([4, 3, 2, 1]);
  });

  it('shows the first photo of an empty queue', () => {
    const window = applyChanges(appendAnswer(emptyWindow, { items: [], next: undefined, total: 0 }), [itemAt(1)], all, 1);
    expect(sequences(window)).toEqual([1]);
  });

  it('replaces a row where it stands', () => {
    const window = applyChanges(appendAnswer(emptyWindow, answer(3, 1, undefined, 3)), [itemAt(2, sent)], all, 3);
    expect(placeAt(window, 1)).toMatchObject({ item: { sequence: 2, state: sent } });
    expect(rowCount(window)).toBe(3);
  });

  it('takes a row out that the filter no longer shows, and in again at its place', () => {
    const before = appendAnswer(emptyWindow, answer(3, 1, undefined, 3));
    const without = applyChanges(before, [itemAt(2, sent)], unsent, 2);
    expect(sequences(without)).toEqual([3, 1]);
    expect(sequences(applyChanges(without, [itemAt(2)], unsent, 3))).toEqual([3, 2, 1]);
  });

  it('takes in an old row at the end of a list that was read to its end', () => {
    const window = applyChanges(appendAnswer(emptyWindow, answer(9, 5, undefined, 5)), [itemAt(2)], all, 6);
    expect(sequences(window)).toEqual([9, 8, 7, 6, 5, 2]);
  });

  it('leaves rows alone that lie beyond what was read, or in a page that was let go', () => {
    const window = keepPages(appendAnswer(emptyWindow, answer(1000, 501, 501, 1000)), 0, 0);
    const changed = applyChanges(window, [itemAt(3, sent), itemAt(700, sent)], unsent, 998);
    expect(knownRows(changed)).toBe(500);
    expect(changed.total).toBe(998);
  });

  it('divides the first page as photos are added, and keeps the order', () => {
    let window = appendAnswer(emptyWindow, answer(50, 1, undefined, 50));
    window = applyChanges(window, answer(350, 51, undefined, 0).items, all, 350);
    expect(window.pages.length).toBeGreaterThan(1);
    expect(sequences(window)).toEqual(Array.from({ length: 350 }, (_, index) => 350 - index));
    expect(sequences(applyChanges(window, [itemAt(40, sent)], unsent, 349))).not.toContain(40);
  });
});
