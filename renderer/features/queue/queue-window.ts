/**
 * @file What the list knows of a queue that may hold 100,000 rows, newest first: a chain of stretches, each a range of sequence
 * numbers. A stretch was read, and holds its rows only while they are near the eye; or it was never read (a gap), and its length is
 * what is left of the total. Pure; `queue-rows.ts` does the asking.
 *
 * Rows that come and go change a stretch's length, never its bounds, so any of them can be let go and read again. A jump into
 * the middle of a gap divides it at a guessed sequence number: numbers are given in order, so the guess is near, and what
 * is read there sets the lengths right. No jump costs more than one call.
 */
import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { QueuePage } from '../../../shared/engine-contract.ts';

export const pageSize = 100;

export interface Stretch {
  /** Exclusive upper bound; absent on the first, which also takes in what is added later. */
  readonly before: number | undefined;
  /** Inclusive lower bound. */
  readonly oldest: number;
  readonly length: number;
  /** False for a gap. */
  readonly read: boolean;
  /** Absent while the rows are not in memory. */
  readonly items: readonly UploadItem[] | undefined;
}

export interface QueueWindow {
  /** Without holes between them, down to sequence number 0. Empty until the first answer. */
  readonly stretches: readonly Stretch[];
  /** Rows in the whole list, as last told. */
  readonly total: number;
}

export const emptyWindow: QueueWindow = { stretches: [], total: 0 };

export function isLoaded(window: QueueWindow): boolean {
  return window.stretches.length > 0;
}

/** How long the list is to be drawn. */
export function rowCount(window: QueueWindow): number {
  return window.stretches.reduce((sum, { length }) => sum + length, 0);
}

/** Where a row lies: its place among the stretches and inside its own, and the row itself if it is in memory. */
export interface RowPlace {
  stretch: number;
  offset: number;
  item: UploadItem | undefined;
}

/** @returns `undefined` beyond the last row */
export function placeAt(window: QueueWindow, row: number): RowPlace | undefined {
  let first = 0;
  for (const [index, stretch] of window.stretches.entries()) {
    if (row < first + stretch.length) return { stretch: index, offset: row - first, item: stretch.items?.[row - first] };
    first += stretch.length;
  }
  return undefined;
}

/** The window after the first answer, which began at the newest row. */
export function openWindow(answer: QueuePage): QueueWindow {
  const whole: Stretch = { before: undefined, oldest: 0, length: answer.total, read: false, items: undefined };
  return fillStretch({ stretches: [whole], total: answer.total }, 0, answer);
}

/**
 * Divides a gap so that the row at `offset` lies near the top of the lower part.
 * The guess is by proportion between the gap's bounds.
 */
export function divideGap(window: QueueWindow, index: number, offset: number): QueueWindow {
  const gap = window.stretches[index];
  if (!gap || gap.read || gap.before === undefined || offset <= 0 || gap.length === 0) return window;
  const numbers = gap.before - gap.oldest;
  const bound = Math.round(gap.before - (numbers * offset) / gap.length);
  if (bound <= gap.oldest || bound >= gap.before) return window;
  return withStretches(window, index, [{ ...gap, oldest: bound, length: offset }, { ...gap, before: bound, length: gap.length - offset }]);
}

/** Puts rows into a stretch from its top; `answer` was asked for with the stretch's `before`. What is below its bounds is left out. */
export function fillStretch(window: QueueWindow, index: number, answer: Pick<QueuePage, 'items' | 'next'>): QueueWindow {
  const stretch = window.stretches[index];
  if (!stretch) return window;
  const own = answer.items.filter(({ sequence }) => sequence >= stretch.oldest && (stretch.before === undefined || sequence < stretch.before));
  const isWhole = answer.next === undefined || answer.next <= stretch.oldest || own.length < answer.items.length;
  const parts: Stretch[] = [];
  let before = stretch.before;
  for (let start = 0; start < own.length; start += pageSize) {
    const items = own.slice(start, start + pageSize);
    const oldest = items.at(-1)!.sequence;
    parts.push({ before, oldest, length: items.length, read: true, items });
    before = oldest;
  }
  const bottom = parts.at(-1);
  if (!isWhole) parts.push({ before, oldest: stretch.oldest, length: Math.max(0, stretch.length - own.length), read: false, items: undefined });
  else if (bottom) parts[parts.length - 1] = { ...bottom, oldest: stretch.oldest };
  else parts.push({ ...stretch, length: 0, read: true, items: [] });
  return fit(withStretches(window, index, parts));
}

/** Lets go of the rows of all stretches but the first and those between the two, which lie near the eye. */
export function keepStretches(window: QueueWindow, from: number, to: number): QueueWindow {
  const isKept = (index: number): boolean => index === 0 || (index >= from && index <= to);
  if (window.stretches.every((stretch, index) => stretch.items === undefined || isKept(index))) return window;
  return { ...window, stretches: window.stretches.map((stretch, index) => (isKept(index) ? stretch : { ...stretch, items: undefined })) };
}

/**
 * Takes changed rows in: replaces, removes what the filter no longer shows, inserts what it now does.
 * Rows that are not in memory are left alone; reading them sets it right.
 *
 * @param shows whether the list's filter shows a row
 * @param total rows in the whole list after the change
 */
export function applyChanges(window: QueueWindow, changed: readonly UploadItem[], shows: (item: UploadItem) => boolean, total: number): QueueWindow {
  if (!isLoaded(window)) return window;
  const touched = new Map<number, UploadItem[]>();
  for (const item of changed) {
    const index = window.stretches.findIndex(({ before, oldest }) => item.sequence >= oldest && (before === undefined || item.sequence < before));
    const rows = touched.get(index) ?? window.stretches[index]?.items?.slice();
    if (!rows) continue;
    touched.set(index, rows);
    const at = firstNotAbove(rows, item.sequence);
    const present = rows[at]?.id === item.id;
    if (shows(item)) rows.splice(at, present ? 1 : 0, item);
    else if (present) rows.splice(at, 1);
  }
  const stretches = window.stretches.map((stretch, index) => {
    const items = touched.get(index);
    return items ? { ...stretch, length: items.length, items } : stretch;
  });
  return fit(splitFirst({ stretches, total }));
}

/** Keeps the first stretch from growing without end as photos are added. */
function splitFirst(window: QueueWindow): QueueWindow {
  const first = window.stretches[0];
  if (!first?.items || first.length <= 2 * pageSize) return window;
  const top = first.items.slice(0, pageSize);
  const below = first.items.slice(pageSize);
  const bound = top.at(-1)!.sequence;
  return withStretches(window, 0, [
    { ...first, oldest: bound, length: top.length, items: top },
    { ...first, before: bound, length: below.length, items: below },
  ]);
}

/** The total is known and so is what was read: the largest gap is the difference. */
function fit(window: QueueWindow): QueueWindow {
  let largest = -1;
  for (const [index, { read, length }] of window.stretches.entries()) {
    if (!read && length >= (window.stretches[largest]?.length ?? 0)) largest = index;
  }
  const gap = window.stretches[largest];
  if (!gap) return window;
  const length = Math.max(0, window.total - (rowCount(window) - gap.length));
  return length === gap.length ? window : withStretches(window, largest, [{ ...gap, length }]);
}

/** The place of a sequence number among rows in falling order. */
function firstNotAbove(rows: readonly UploadItem[], sequence: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.sequence > sequence) low = middle + 1;
    else high = middle;
  }
  return low;
}

function withStretches(window: QueueWindow, index: number, instead: readonly Stretch[]): QueueWindow {
  return { ...window, stretches: window.stretches.toSpliced(index, 1, ...instead) };
}
