import type { Clock } from '../clock.ts';

/** What may go out at once after a pause: this much of a second's worth. */
const burstSeconds = 0.25;
/** Pieces of this much of a second's worth, so that progress is smooth at any limit. */
const sliceSeconds = 0.125;
const smallestSlice = 512;

interface Waiter {
  bytes: number;
  go: () => void;
}

/**
 * One limit for all photo bodies of the process: a token bucket, and a line in which everybody waits for their turn.
 *
 * Whoever waits is let through in the end, whatever happens to the limit in between: a change looks at the line at once, an abort
 * leaves it, and what is larger than a burst goes when a whole burst has gathered, and is paid for afterwards.
 */
export class Bandwidth {
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly #line: Waiter[] = [];
  #perSecond: number | undefined;
  #tokens = 0;
  #refilledAt: number;
  #timer: AbortController | undefined;

  constructor(clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#clock = clock;
    this.#refilledAt = clock.monotonic();
  }

  /** Bytes a second; undefined: none. */
  get limit(): number | undefined { return this.#perSecond; }

  /** The most that should be asked for at once. */
  get slice(): number {
    return this.#perSecond === undefined ? Infinity : Math.max(smallestSlice, Math.floor(this.#perSecond * sliceSeconds));
  }

  /** Holds from now on, for those who are waiting too. @param perSecond bytes, above 0; undefined: no limit */
  setLimit(perSecond: number | undefined): void {
    if (perSecond === this.#perSecond) return;
    this.#refill();
    this.#perSecond = perSecond;
    // What was saved up under another limit is not this one's.
    this.#tokens = Math.min(this.#tokens, this.#burst);
    this.#look();
  }

  /**
   * Waits until so many bytes may go. Resolves at once when the signal aborts, having taken nothing; never rejects.
   *
   * @returns undefined where there is nothing to wait for
   */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#perSecond === undefined || bytes <= 0) return undefined;
    this.#refill();
    if (this.#line.length === 0 && this.#pay(bytes)) return undefined;
    if (signal?.aborted) return undefined;
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#line.splice(this.#line.indexOf(waiter), 1);
        resolve();
        // Whoever is next may need less.
        this.#look();
      };
      const waiter: Waiter = { bytes, go: () => { signal?.removeEventListener('abort', leave); resolve(); } };
      signal?.addEventListener('abort', leave, { once: true });
      this.#line.push(waiter);
      if (this.#line.length === 1) this.#look();
    });
  }

  get #burst(): number {
    return this.#perSecond === undefined ? 0 : Math.max(smallestSlice, this.#perSecond * burstSeconds);
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const seconds = Math.max(0, now - this.#refilledAt) / 1_000;
    this.#refilledAt = now;
    if (this.#perSecond !== undefined) this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#perSecond);
  }

  #pay(bytes: number): boolean {
    // A thousandth of a byte less, since halves of milliseconds do not add up.
    if (this.#tokens + 0.001 < Math.min(bytes, this.#burst)) return false;
    this.#tokens -= bytes;
    return true;
  }

  #look(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    this.#refill();
    for (let first = this.#line[0]; first; first = this.#line[0]) {
      const perSecond = this.#perSecond;
      if (perSecond !== undefined && !this.#pay(first.bytes)) {
        const missing = Math.min(first.bytes, this.#burst) - this.#tokens;
        this.#lookAfter((missing / perSecond) * 1_000);
        return;
      }
      this.#line.shift();
      first.go();
    }
  }

  #lookAfter(ms: number): void {
    const timer = this.#timer = new AbortController();
    void this.#clock.sleep(Math.max(1, ms), timer.signal).then(() => { if (!timer.signal.aborted) this.#look(); });
  }
}
