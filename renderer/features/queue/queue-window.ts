/**
 * @file What the list knows of a queue that may hold 100,000 rows: a chain of pages, newest first, of which only those near
 * the eye hold their rows. Pure; `queue-rows.ts` does the asking.
 *
 * A page covers a range of sequence numbers, fixed when it was first read: below `before`, down to `oldest`. Rows that
 * come and go inside the range change its length, never its bounds, so a page can be let go and read again.
 */
import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { QueuePage } from '../../../shared/engine-contract.ts';

export const pageSize = 100;

export interface WindowPage {
  /** Exclusive upper bound; absent on the first page, which also takes in what is added later. */
  readonly before: number | undefined;
  /** Inclusive lower bound. */
  readonly oldest: number;
  readonly length: number;
  /** Absent while the rows are not in memory. */
  readonly items: readonly UploadItem[] | undefined;
}

export interface QueueWindow {
  readonly pages: readonly WindowPage[];
  /** Where the unread rest begins; absent when there is none. */
  readonly next: number | undefined;
  /** False until the first answer. */
  readonly loaded: boolean;
  /** Rows in the whole list, as last told. */
  readonly total: number;
}

export const emptyWindow: QueueWindow = { pages: [], next: undefined, loaded: false, total: 0 };

/** The rows that the pages account for. */
export function knownRows(window: QueueWindow): number {
  return window.pages.reduce((sum, page) => sum + page.length, 0);
}

/** How long the list is to be drawn. */
export function rowCount(window: QueueWindow): number {
  const known = knownRows(window);
  return window.next === undefined ? known : Math.max(known + 1, window.total);
}

export type RowPlace =
  | { kind: 'item'; item: UploadItem }
  /** It is of this page, whose rows are not in memory. */
  | { kind: 'page'; page: number }
  /** Beyond what was ever read. */
  | { kind: 'beyond' };

export function placeAt(window: QueueWindow, row: number): RowPlace {
  let first = 0;
  for (const [index, page] of window.pages.entries()) {
    if (row < first + page.length) {
      const item = page.items?.[row - first];
      return item ? { kind: 'item', item } : { kind: 'page', page: index };
    }
    first += page.length;
  }
  return { kind: 'beyond' };
}

/** Adds an answer that began where the window ended. The last page of a list that is read to its end covers everything below. */
export function appendAnswer(window: QueueWindow, answer: QueuePage): QueueWindow {
  const pages = [...window.pages];
  for (let start = 0; start < answer.items.length || pages.length === 0; start += pageSize) {
    const items = answer.items.slice(start, start + pageSize);
    pages.push({ before: pages.at(-1)?.oldest, oldest: items.at(-1)?.sequence ?? 0, length: items.length, items });
  }
  if (answer.next === undefined) pages[pages.length - 1] = { ...pages.at(-1)!, oldest: 0 };
  return { pages, next: answer.next, loaded: true, total: answer.total };
}

/**
 * Puts back the rows of the page that reaches down to `oldest`. `items` may reach beyond the page; only its own are taken.
 * A page that is no more (it was divided meanwhile) changes nothing.
 */
export function refillPage(window: QueueWindow, oldest: number, items: readonly UploadItem[]): QueueWindow {
  const index = window.pages.findIndex((page) => page.oldest === oldest);
  const page = window.pages[index];
  if (!page) return window;
  const own = items.filter(({ sequence }) => sequence >= oldest && (page.before === undefined || sequence < page.before));
  return splitFirst(withPage(window, index, { ...page, length: own.length, items: own }));
}

/** Lets go of the rows of all pages but the first and those between the two, which lie near the eye. */
export function keepPages(window: QueueWindow, from: number, to: number): QueueWindow {
  const isKept = (index: number): boolean => index === 0 || (index >= from && index <= to);
  if (window.pages.every((page, index) => page.items === undefined || isKept(index))) return window;
  return { ...window, pages: window.pages.map((page, index) => (isKept(index) ? page : { ...page, items: undefined })) };
}

/**
 * Takes changed rows in: replaces, removes what the filter no longer shows, inserts what it now does.
 * Rows of pages that are not in memory are left alone; reading the page again sets it right.
 *
 * @param shows whether the list's filter shows a row
 * @param total rows in the whole list after the change
 */
export function applyChanges(window: QueueWindow, changed: readonly UploadItem[], shows: (item: UploadItem) => boolean, total: number): QueueWindow {
  if (!window.loaded) return window;
  const touched = new Map<number, UploadItem[]>();
  for (const item of changed) {
    const index = window.pages.findIndex((page) => item.sequence >= page.oldest && (page.before === undefined || item.sequence < page.before));
    const rows = touched.get(index) ?? window.pages[index]?.items?.slice();
    if (!rows) continue;
    touched.set(index, rows);
    const at = firstNotAbove(rows, item.sequence);
    const present = rows[at]?.id === item.id;
    if (shows(item)) rows.splice(at, present ? 1 : 0, item);
    else if (present) rows.splice(at, 1);
  }
  let next: QueueWindow = { ...window, total };
  for (const [index, items] of touched) next = withPage(next, index, { ...next.pages[index]!, length: items.length, items });
  return splitFirst(next);
}

/** Keeps the first page from growing without end as photos are added. */
function splitFirst(window: QueueWindow): QueueWindow {
  const [first, ...rest] = window.pages;
  if (!first?.items || first.length <= 2 * pageSize) return window;
  const top = first.items.slice(0, pageSize);
  const below = first.items.slice(pageSize);
  const bound = top.at(-1)!.sequence;
  return {
    ...window,
    pages: [
      { before: first.before, oldest: bound, length: top.length, items: top },
      { before: bound, oldest: first.oldest, length: below.length, items: below },
      ...rest,
    ],
  };
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

function withPage(window: QueueWindow, index: number, page: WindowPage): QueueWindow {
  return { ...window, pages: window.pages.with(index, page) };
}
