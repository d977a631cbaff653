import type { Clock } from '../clock.ts';

/** The most rows that one announcement carries; with more, a window reads its page again. */
const mostItems = 200;

export interface ChangeFeedOptions {
  clock: Clock;
  /** Shortest time between two announcements, in milliseconds. */
  everyMs: number;
  /** @param ids that changed since the last call, each once; `more` when some were left out */
  announce: (ids: string[], more: boolean) => void;
}

/**
 * Gathers changes and announces them a few times a second, however fast they come.
 * The first after a quiet time goes out at once; the last is never left out.
 */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #ids = new Set<string>();
  readonly #stop = new AbortController();
  #pending = false;
  #reread = false;
  #lastAt = -Infinity;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** Other rows than before may be shown: whoever shows them reads the page again. */
  rowsChanged(): void {
    this.#reread = true;
    this.changed();
  }

  /** @param id of a row that changed; without one, only the totals did */
  changed(id?: string): void {
    if (id !== undefined) this.#ids.add(id);
    if (this.#pending || this.#stop.signal.aborted) return;
    this.#pending = true;
    const wait = Math.max(0, this.#lastAt + this.#options.everyMs - this.#options.clock.monotonic());
    void this.#options.clock.sleep(wait, this.#stop.signal).then(() => this.#flush());
  }

  /** Tells at once what is still to be told: somebody is about to hear something that would contradict it. */
  flush(): void {
    if (this.#pending) this.#flush();
  }

  close(): void {
    this.#stop.abort();
  }

  #flush(): void {
    if (!this.#pending || this.#stop.signal.aborted) return;
    this.#pending = false;
    this.#lastAt = this.#options.clock.monotonic();
    const ids = [...this.#ids].slice(0, mostItems);
    const more = this.#reread || this.#ids.size > mostItems;
    this.#reread = false;
    this.#ids.clear();
    this.#options.announce(ids, more);
  }
}
