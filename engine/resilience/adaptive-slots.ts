/** Bodies that must arrive one after the other before a process whose forerunner died sends several at once. */
const provingBodies = 4;

/**
 * Places for photo bodies on their way, shared by all uploads. Their number adapts to what the network bears:
 * one more for each success, half as many after a failure, as TCP does with its window.
 *
 * It starts small on purpose: a process that keeps dying, or a link that keeps dropping, then has little under way
 * that would have to be sent again.
 */
export class AdaptiveSlots {
  /** Whole part: places there are. Always between 1 and `#most`. */
  #limit: number;
  #most: number;
  #taken = 0;
  /** Successes still to come before the limit may grow. */
  #proving = 0;
  readonly #queue: { grant: () => void; refuse: (reason: unknown) => void }[] = [];

  constructor(most: number, initial = 2) {
    if (!(most >= 1)) throw new RangeError('at least one place is needed');
    this.#most = most;
    this.#limit = Math.min(initial, most);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** A death is still more likely than usual; see `startCarefully`. */
  get careful(): boolean {
    return this.#proving > 0;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Changes the upper bound, as a setting or a server's limit does. */
  setMost(most: number): void {
    this.#most = Math.max(1, most);
    this.#limit = Math.min(this.#limit, this.#most);
    this.#grant();
  }

  /**
   * The process before this one died at its work, and what kills one process often kills the next: one body at a time,
   * so that a death costs at most one, until a few have arrived.
   */
  startCarefully(): void {
    this.#limit = 1;
    this.#proving = provingBodies;
  }

  /** Waits for a place. @throws the signal's reason if it aborts first */
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#queue.length === 0 && this.#taken < this.limit) { this.#taken += 1; return; }
    await new Promise<void>((resolve, reject) => {
      const entry = {
        grant: () => { signal.removeEventListener('abort', onAbort); resolve(); },
        refuse: reject,
      };
      const onAbort = (): void => {
        const index = this.#queue.indexOf(entry);
        if (index >= 0) this.#queue.splice(index, 1);
        entry.refuse(signal.reason);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(entry);
    });
  }

  /** Gives the place back, saying what became of it; `neutral` (a pause, a refusal of this one photo) teaches nothing. */
  release(outcome: 'success' | 'failure' | 'neutral'): void {
    this.#taken -= 1;
    if (outcome === 'success' && this.#proving > 0) this.#proving -= 1;
    else if (outcome === 'success') this.#limit = Math.min(this.#most, this.#limit + 1 / Math.max(1, this.limit / 2));
    if (outcome === 'failure') this.#limit = Math.max(1, this.#limit / 2);
    this.#grant();
  }

  #grant(): void {
    while (this.#taken < this.limit) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#taken += 1;
      next.grant();
    }
  }
}
