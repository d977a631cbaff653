import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { EngineClient, QueueFilter, QueuePage } from '../../../shared/engine-contract.ts';
import { isInFilter } from '../../../shared/domain/queue-filter.ts';
import { applyChanges, divideGap, emptyWindow, fillStretch, isLoaded, keepStretches, openWindow, pageSize, placeAt, type QueueWindow } from './queue-window.ts';

/** Rows asked for at once: two pages, so that slow scrolling finds the next one there. */
const askedRows = 2 * pageSize;
/** So much that is new on top is read anew, not patched. */
const mostNewRows = 500;
/** A gap is divided so that there is something above the row that was wanted. */
const lead = 40;
/** Rows read ahead of those in sight, both ways. */
const ahead = 30;
/** Stretches kept on either side of those in sight. */
const margin = 3;

type PageSource = Pick<EngineClient, 'getQueuePage'>;

/** Reads the queue as the eye moves and follows its changes. One per shown filter. */
export class QueueRows {
  readonly #client: PageSource;
  readonly #filter: QueueFilter;
  readonly #listeners = new Set<() => void>();
  #window: QueueWindow = emptyWindow;
  #wanted = { from: 0, to: 0 };
  /** Stretches, by their lower bound, whose rows are shown although changes of them were missed. */
  #stale = new Set<number>();
  #beginAnew = true;
  #working = false;
  #closed = false;

  constructor(client: PageSource, filter: QueueFilter) {
    this.#client = client;
    this.#filter = filter;
  }

  /** Begins to read; `close` ends it. */
  open(): void {
    this.#closed = false;
    void this.#work();
  }

  readonly getWindow = (): QueueWindow => this.#window;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  close(): void {
    this.#closed = true;
  }

  /** The rows in sight; what is missing of them is read, what is far from them is let go. */
  show(from: number, to: number): void {
    this.#wanted = { from: Math.max(0, from - ahead), to: to + ahead };
    void this.#work();
  }

  /** @param total rows of this filter, after the change */
  change(items: readonly UploadItem[], more: boolean, total: number): void {
    this.#set(applyChanges(this.#window, items, (item) => isInFilter(this.#filter, item.state.name), total));
    if (more) this.refresh();
  }

  /** Reads again what is in sight; for when changes may have been missed. */
  refresh(): void {
    this.#stale = new Set(this.#window.stretches.map(({ oldest }) => oldest));
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (!this.#closed && await this.#step()) { /* until nothing is missing */ }
    } catch {
      // The engine stopped; its return brings a refresh.
    } finally {
      this.#working = false;
    }
  }

  /** @returns whether there may be more to do. */
  async #step(): Promise<boolean> {
    if (this.#beginAnew || !isLoaded(this.#window)) {
      const answer = await this.#ask(undefined);
      this.#beginAnew = false;
      this.#stale.clear();
      this.#set(openWindow(answer));
      return true;
    }
    const missing = this.#missing();
    if (missing === undefined) return false;
    await this.#read(missing);
    this.#letGo();
    return true;
  }

  /** The first stretch in sight whose rows are not in memory or out of date; a gap is divided first, so that its top is what is wanted. */
  #missing(): number | undefined {
    if (this.#isStale(0)) return 0;
    for (let row = this.#wanted.from; row <= this.#wanted.to; row += 1) {
      const place = placeAt(this.#window, row);
      if (!place) break;
      if (place.item) continue;
      const gap = this.#window.stretches[place.stretch]!;
      if (gap.read || place.offset < askedRows) return place.stretch;
      const divided = divideGap(this.#window, place.stretch, place.offset - lead);
      if (divided === this.#window) return place.stretch;
      this.#set(divided);
      return place.stretch + 1;
    }
    const { from, to } = this.#inSight();
    for (let index = from; index <= to; index += 1) if (this.#isStale(index)) return index;
    return undefined;
  }

  #isStale(index: number): boolean {
    const stretch = this.#window.stretches[index];
    return stretch?.items !== undefined && this.#stale.has(stretch.oldest);
  }

  /** Answers and events come in the order in which the engine knew them, so the answer is newer than all told before it. */
  async #read(index: number): Promise<void> {
    const stretch = this.#window.stretches[index]!;
    const items: UploadItem[] = [];
    let next = stretch.before;
    do {
      const answer = await this.#ask(next);
      items.push(...answer.items);
      next = answer.next;
      if (items.length > mostNewRows) {
        this.#beginAnew = true;
        return;
      }
      // A gap is read from its top only; what was read once is read whole, however much it grew.
    } while (stretch.read && next !== undefined && next > stretch.oldest);
    this.#stale.delete(stretch.oldest);
    // Events may have divided the stretches meanwhile: found by its bounds, or read another time.
    const now = this.#window.stretches.findIndex(({ before, oldest }) => before === stretch.before && oldest === stretch.oldest);
    if (now !== -1) this.#set(fillStretch(this.#window, now, { items, next }));
  }

  #letGo(): void {
    const { from, to } = this.#inSight();
    this.#set(keepStretches(this.#window, from - margin, to + margin));
  }

  #inSight(): { from: number; to: number } {
    const { from, to } = this.#wanted;
    const last = this.#window.stretches.length - 1;
    return { from: placeAt(this.#window, from)?.stretch ?? last, to: placeAt(this.#window, to)?.stretch ?? last };
  }

  #ask(before: number | undefined): Promise<QueuePage> {
    return this.#client.getQueuePage({ filter: this.#filter, before, limit: askedRows });
  }

  #set(window: QueueWindow): void {
    if (window === this.#window || this.#closed) return;
    this.#window = window;
    for (const listener of this.#listeners) listener();
  }
}
