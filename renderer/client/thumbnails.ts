import type { AppClient } from '../../shared/app-contract.ts';

/** How many stay in memory, at some 8 KB each. */
const kept = 600;
const requestsAtOnce = 6;

/**
 * Thumbnails as addresses that an `img` can show, asked of the engine once and kept while they are likely to be seen again.
 */
export class Thumbnails {
  readonly #client: Pick<AppClient, 'getThumbnail'>;
  readonly #urls = new Map<string, string>();
  readonly #listeners = new Set<() => void>();
  readonly #waiting: { id: string; signal: AbortSignal }[] = [];
  #running = 0;
  /** An answer to a question from before `clear` is not kept. */
  #generation = 0;

  constructor(client: Pick<AppClient, 'getThumbnail'>) {
    this.#client = client;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  /** What is at hand now. */
  peek(id: string): string | undefined {
    return this.#urls.get(id);
  }

  /** Keeps one that was made in this window. */
  put(id: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#keep(id, bytes);
  }

  /** Forgets all, also those on their way. */
  clear(): void {
    this.#generation += 1;
    this.#waiting.length = 0;
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
    for (const listener of this.#listeners) listener();
  }

  /** Asks the engine for one, unless nobody wants it any more when its turn comes. Listeners are told when it is there. */
  load(id: string, signal: AbortSignal): void {
    this.#waiting.push({ id, signal });
    this.#next();
  }

  #next(): void {
    while (this.#running < requestsAtOnce) {
      // The latest asked for is what is on the screen now.
      const job = this.#waiting.pop();
      if (!job) return;
      if (job.signal.aborted || this.#urls.has(job.id)) continue;
      this.#running += 1;
      const generation = this.#generation;
      this.#client.getThumbnail({ id: job.id })
        .then(({ bytes }) => { if (bytes && generation === this.#generation) this.#keep(job.id, new Uint8Array(bytes)); })
        // A missing picture is shown as a placeholder; the row says everything else.
        .catch(() => undefined)
        .finally(() => {
          this.#running -= 1;
          this.#next();
        });
    }
  }

  #keep(id: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#urls.has(id)) return;
    this.#urls.set(id, URL.createObjectURL(new Blob([bytes])));
    if (this.#urls.size > kept) {
      const [oldestId, oldestUrl] = this.#urls.entries().next().value!;
      this.#urls.delete(oldestId);
      URL.revokeObjectURL(oldestUrl);
    }
    for (const listener of this.#listeners) listener();
  }
}
