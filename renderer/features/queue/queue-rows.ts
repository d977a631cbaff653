import type { UploadItem } from '../../../shared/domain/upload.ts';
import type { EngineClient, QueueFilter } from '../../../shared/engine-contract.ts';
import { isInFilter } from '../../client/queue-counts.ts';
import { appendAnswer, applyChanges, emptyWindow, keepPages, pageSize, placeAt, type QueueWindow, refillPage } from './queue-window.ts';

/** The most that one call may ask for. */
const mostRows = 500;
/** Pages kept on either side of those in sight. */
const margin = 3;

type PageSource = Pick<EngineClient, 'getQueuePage'>;

/** Reads the queue as the eye moves and follows its changes. One per shown filter. */
export class QueueRows {
  readonly #client: PageSource;
  readonly #filter: QueueFilter;
  readonly #listeners = new Set<() => void>();
  #window: QueueWindow = emptyWindow;
  #wanted = { from: 0, to: 0 };
  /** Pages, by their lower bound, whose rows are shown although changes of them were missed. */
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
    this.#wanted = { from, to };
    void this.#work();
  }

  /** @param total rows of this filter, after the change */
  change(items: readonly UploadItem[], more: boolean, total: number): void {
    this.#set(applyChanges(this.#window, items, (item) => isInFilter(this.#filter, item.state.name), total));
    if (more) this.refresh();
  }

  /** Reads again what is in sight; for when changes may have been missed. */
  refresh(): void {
    this.#stale = new Set(this.#window.pages.map(({ oldest }) => oldest));
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

  /** One call at most. @returns whether there may be more to do. */
  async #step(): Promise<boolean> {
    if (this.#beginAnew) {
      const answer = await this.#ask(undefined, pageSize);
      this.#beginAnew = false;
      this.#stale.clear();
      this.#set(appendAnswer(emptyWindow, answer));
      return true;
    }
    const missing = this.#missing();
    if (missing === undefined) return false;
    if (missing === 'rest') {
      const answer = await this.#ask(this.#window.next, mostRows);
      this.#set(appendAnswer(this.#window, answer));
      this.#letGo();
      return true;
    }
    await this.#readPage(missing);
    this.#letGo();
    return true;
  }

  /** The first thing in sight that is not in memory: a page, or the unread rest. */
  #missing(): number | 'rest' | undefined {
    if (this.#isStale(0)) return 0;
    for (let row = this.#wanted.from; row <= this.#wanted.to; row += 1) {
      const place = placeAt(this.#window, row);
      if (place.kind === 'page') return place.page;
      if (place.kind === 'beyond') return this.#window.next === undefined ? undefined : 'rest';
    }
    const inSight = this.#pagesInSight();
    for (let page = inSight.from; page <= inSight.to; page += 1) if (this.#isStale(page)) return page;
    return undefined;
  }

  #isStale(index: number): boolean {
    const page = this.#window.pages[index];
    return page !== undefined && this.#stale.has(page.oldest);
  }

  /** Answers and events come in the order in which the engine knew them, so the answer is newer than all told before it. */
  async #readPage(index: number): Promise<void> {
    const page = this.#window.pages[index]!;
    const items: UploadItem[] = [];
    let before = page.before;
    do {
      const answer = await this.#ask(before, mostRows);
      items.push(...answer.items);
      before = answer.next;
      if (items.length > 2 * mostRows) {
        // So much is new on top that beginning anew is less work.
        this.#beginAnew = true;
        return;
      }
    } while (before !== undefined && before > page.oldest);
    this.#stale.delete(page.oldest);
    this.#set(refillPage(this.#window, page.oldest, items));
  }

  #letGo(): void {
    const { from, to } = this.#pagesInSight();
    this.#set(keepPages(this.#window, from - margin, to + margin));
  }

  #pagesInSight(): { from: number; to: number } {
    let first = 0;
    let from = 0;
    let to = 0;
    for (const [index, page] of this.#window.pages.entries()) {
      if (first <= this.#wanted.from) from = index;
      if (first <= this.#wanted.to) to = index;
      first += page.length;
    }
    return { from, to };
  }

  #ask(before: number | undefined, limit: number) {
    return this.#client.getQueuePage({ filter: this.#filter, before, limit });
  }

  #set(window: QueueWindow): void {
    if (window === this.#window || this.#closed) return;
    this.#window = window;
    for (const listener of this.#listeners) listener();
  }
}
