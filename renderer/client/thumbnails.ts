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
  readonly #waiting: { id: string; resolve: (url: string | undefined) => void; signal: AbortSignal }[] = [];
  #running = 0;

  constructor(client: Pick<AppClient, 'getThumbnail'>) {
    this.#client = client;
  }

  /** What is at hand now. */
  peek(id: string): string | undefined {
    return this.#urls.get(id);
  }

  /** Keeps one that was made in this window. */
  put(id: string, bytes: Uint8Array): string {
    return this.#keep(id, bytes);
  }

  /** @returns the address, or `undefined` where there is none or nobody wants it any more. */
  load(id: string, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#urls.get(id);
    if (known) return Promise.resolve(known);
    return new Promise((resolve) => {
      this.#waiting.push({ id, resolve, signal });
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < requestsAtOnce) {
      // The latest asked for is what is on the screen now.
      const job = this.#waiting.pop();
      if (!job) return;
      if (job.signal.aborted) { job.resolve(undefined); continue; }
      this.#running += 1;
      this.#client.getThumbnail({ id: job.id })
        .then(({ bytes }) => (bytes ? this.#keep(job.id, bytes) : undefined))
        // A missing picture is shown as a placeholder; the row says everything else.
        .catch(() => undefined)
        .then((url) => {
          this.#running -= 1;
          job.resolve(url);
          this.#next();
        });
    }
  }

  #keep(id: string, bytes: Uint8Array): string {
    const known = this.#urls.get(id);
    if (known) return known;
    const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    this.#urls.set(id, url);
    if (this.#urls.size > kept) {
      const [oldestId, oldestUrl] = this.#urls.entries().next().value!;
      this.#urls.delete(oldestId);
      URL.revokeObjectURL(oldestUrl);
    }
    return url;
  }
}
