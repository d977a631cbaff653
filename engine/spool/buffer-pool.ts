/**
 * Large buffers to be used again: a thousand small photos would otherwise ask for more than a gigabyte, and the collector
 * would take longer than the photos.
 */
export class BufferPool {
  /** Of each buffer. */
  readonly bytes: number;
  readonly #most: number;
  readonly #free: Buffer[] = [];

  /** @param most how many are kept while nobody uses them. */
  constructor(bytes: number, most: number) {
    this.bytes = bytes;
    this.#most = most;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bytes);
  }

  /** Whoever gives one back must not touch it any more, nor may anything still be read into it. */
  giveBack(buffer: Buffer): void {
    if (this.#free.length < this.#most) this.#free.push(buffer);
  }
}
