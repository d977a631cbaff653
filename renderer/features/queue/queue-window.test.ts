import { describe, expect, it } from 'vitest';
import type { UploadItem, UploadState } from '../../../shared/domain/upload.ts';
import { applyChanges, divideGap, emptyWindow, fillStretch, isLoaded, keepStretches, openWindow, placeAt, type QueueWindow, rowCount } from './queue-window.ts';
import { itemAt } from './test-items.ts';

const all = (): boolean => true;
const unsent = (item: UploadItem): boolean => item.state.name === 'queued';
const sent: UploadState = { name: 'cancelled' };

/** Sequences from `newest` down to `oldest`, as an answer. */
function answer(newest: number, oldest: number, next: number | undefined, total: number) {
  return { items: Array.from({ length: newest - oldest + 1 }, (_, index) => itemAt(newest - index)), next, total };
}

function sequences(window: QueueWindow): (number | undefined)[] {
  return Array.from({ length: rowCount(window) }, (_, row) => placeAt(window, row)?.item?.sequence);
}

describe('the window on the queue', () => {
  it('draws as many rows as the queue holds, although it has read only the first', () => {
    const window = openWindow(answer(100_000, 99_801, 99_801, 100_000));
    expect(rowCount(window)).toBe(100_000);
    expect(placeAt(window, 199)?.item?.sequence).toBe(99_801);
    expect(placeAt(window, 200)).toMatchObject({ offset: 0, item: undefined });
    expect(placeAt(window, 100_000)).toBeUndefined();
  });

  it('jumps into the middle without reading what lies between', () => {
    let window = openWindow(answer(100_000, 99_801, 99_801, 100_000));
    const place = placeAt(window, 50_000)!;
    window = divideGap(window, place.stretch, place.offset);
    const lower = window.stretches[place.stretch + 1]!;
    expect(lower.before).toBe(50_001);
    window = fillStretch(window, place.stretch + 1, answer(50_000, 49_801, 49_801, 100_000));
    expect(placeAt(window, 50_000)?.item?.sequence).toBe(50_000);
    expect(rowCount(window)).toBe(100_000);
  });

  it('stays as long as the queue when the guess was wrong', () => {
    // Half of the numbers are of another account: only even ones are in the list.
    const evens = (newest: number, count: number, next: number | undefined) =>
      ({ items: Array.from({ length: count }, (_, index) => itemAt(newest - 2 * index)), next, total: 5_000 });
    let window = openWindow(evens(10_000, 200, 9_602));
    const place = placeAt(window, 4_990)!;
    window = divideGap(window, place.stretch, place.offset);
    window = fillStretch(window, place.stretch + 1, evens(window.stretches[place.stretch + 1]!.before! - 2, 9, undefined));
    expect(rowCount(window)).toBe(5_000);
    expect(placeAt(window, 4_999)?.item).toBeDefined();
  });

  it('lets rows go and takes them back one stretch at a time', () => {
    let window = openWindow(answer(500, 1, undefined, 500));
    window = keepStretches(window, 3, 3);
    expect(placeAt(window, 10)?.item).toBeDefined();
    expect(placeAt(window, 110)).toMatchObject({ stretch: 1, item: undefined });
    expect(placeAt(window, 310)?.item).toBeDefined();
    window = fillStretch(window, 1, answer(400, 201, 201, 500));
    expect(placeAt(window, 110)?.item?.sequence).toBe(390);
    expect(rowCount(window)).toBe(500);
    expect(window.stretches).toHaveLength(5);
  });

  it('puts a new photo on top, also of an empty queue', () => {
    expect(sequences(applyChanges(openWindow(answer(3, 1, undefined, 3)), [itemAt(4)], all, 4))).toEqual([4, 3, 2, 1]);
    expect(sequences(applyChanges(openWindow({ items: [], next: undefined, total: 0 }), [itemAt(1)], all, 1))).toEqual([1]);
  });

  it('replaces a row where it stands', () => {
    const window = applyChanges(openWindow(answer(3, 1, undefined, 3)), [itemAt(2, sent)], all, 3);
    expect(placeAt(window, 1)?.item).toMatchObject({ sequence: 2, state: sent });
    expect(rowCount(window)).toBe(3);
  });

  it('takes a row out that the filter no longer shows, and in again at its place', () => {
    const without = applyChanges(openWindow(answer(3, 1, undefined, 3)), [itemAt(2, sent)], unsent, 2);
    expect(sequences(without)).toEqual([3, 1]);
    expect(sequences(applyChanges(without, [itemAt(2)], unsent, 3))).toEqual([3, 2, 1]);
  });

  it('takes in an old row at the end of a list that was read to its end', () => {
    const window = applyChanges(openWindow(answer(9, 5, undefined, 5)), [itemAt(2)], all, 6);
    expect(sequences(window)).toEqual([9, 8, 7, 6, 5, 2]);
  });

  it('leaves rows alone that were not read or were let go, and yet is as long as it should be', () => {
    const window = keepStretches(openWindow(answer(1000, 501, 501, 1000)), 0, 0);
    const changed = applyChanges(window, [itemAt(3, sent), itemAt(700, sent)], unsent, 998);
    expect(changed.stretches.slice(0, -1).map(({ length }) => length)).toEqual([100, 100, 100, 100, 100]);
    expect(rowCount(changed)).toBe(998);
  });

  it('divides the first stretch as photos are added, and keeps the order', () => {
    const window = applyChanges(openWindow(answer(50, 1, undefined, 50)), answer(350, 51, undefined, 0).items, all, 350);
    expect(window.stretches.length).toBeGreaterThan(1);
    expect(sequences(window)).toEqual(Array.from({ length: 350 }, (_, index) => 350 - index));
    expect(sequences(applyChanges(window, [itemAt(40, sent)], unsent, 349))).not.toContain(40);
  });

  it('knows nothing before the first answer', () => {
    expect(isLoaded(applyChanges(emptyWindow, [itemAt(1)], all, 1))).toBe(false);
  });
});
