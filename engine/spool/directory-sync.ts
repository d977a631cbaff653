import { open } from 'node:fs/promises';

/**
 * Forces a directory's entries to the disk. Callers that come while one round is under way share the next one:
 * forty photos sealed at once need a few rounds, not forty.
 */
export class DirectorySync {
  readonly #directory: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Resolves when everything that was renamed before the call survives a power cut. */
  sync(): Promise<void> {
    if (!this.#running) {
      this.#running = this.#round().finally(() => { this.#running = undefined; });
      return this.#running;
    }
    this.#next ??= this.#running.catch(() => undefined).then(() => {
      this.#next = undefined;
      this.#running = this.#round().finally(() => { this.#running = undefined; });
      return this.#running;
    });
    return this.#next;
  }

  async #round(): Promise<void> {
    // Windows cannot open a directory for this, and NTFS journals its entries by itself.
    if (process.platform === 'win32') return;
    const handle = await open(this.#directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
