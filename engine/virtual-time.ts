import type { Clock } from './clock.ts';

interface Timer {
  at: number;
  order: number;
  run: () => void;
  cancelled: boolean;
}

/** Time that passes only when nothing is left to do at the present moment. */
export class VirtualTime implements Clock {
  readonly #heap: Timer[] = [];
  readonly #start: number;
  #elapsed = 0;
  #ahead = 0;
  #order = 0;

  /** @param start wall time at the beginning, ms since the epoch */
  constructor(start: number) {
    this.#start = start;
  }

  now(): number { return Math.floor(this.#start + this.#elapsed + this.#ahead); }
  /** What a clock that nobody sets would say. */
  trueNow(): number { return Math.floor(this.#start + this.#elapsed); }
  monotonic(): number { return this.#elapsed; }

  /** Somebody sets the clock: so far ahead of the truth, or behind it. */
  setAhead(ms: number): void { this.#ahead = ms; }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) { resolve(); return; }
      const cancel = this.schedule(ms, () => { signal?.removeEventListener('abort', onAbort); resolve(); });
      const onAbort = (): void => { cancel(); resolve(); };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** @returns a function that calls it off */
  schedule(ms: number, run: () => void): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, run, cancelled: false };
    this.#push(timer);
    return () => { timer.cancelled = true; };
  }

  /** Lets everything that can happen at this moment happen, then moves to the next timer. @returns false where there is none before `until` */
  async step(until: number): Promise<boolean> {
    await settled();
    for (;;) {
      const next = this.#heap[0];
      if (!next || next.at > until) return false;
      this.#pop();
      if (next.cancelled) continue;
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.run();
      return true;
    }
  }

  /** Runs until `until` (ms since the start), or until `done` says so. */
  async run(until: number, done: () => boolean = () => false): Promise<void> {
    while (!done() && await this.step(until)) { /* every step is one timer */ }
    await settled();
    if (!done()) this.#elapsed = Math.max(this.#elapsed, until);
  }

  /** Puts this clock in the place of the global one, for libraries that ask for no other. @returns a function that undoes it */
  install(): () => void {
    const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
    const cancels = new WeakMap<object, () => void>();
    globalThis.setTimeout = ((run: (...values: unknown[]) => void, ms = 0, ...values: unknown[]) => {
      const handle = { ref: () => handle, unref: () => handle, hasRef: () => true, [Symbol.toPrimitive]: () => 0 };
      cancels.set(handle, this.schedule(ms, () => run(...values)));
      return handle;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = ((handle: object | undefined) => { if (handle) cancels.get(handle)?.(); }) as typeof clearTimeout;
    Date.now = () => this.now();
    return () => Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout }) && void (Date.now = real.now);
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const realImmediate = globalThis.setImmediate;

/** All promise callbacks have run, and those that they queued. */
function settled(): Promise<void> {
  return new Promise((resolve) => { realImmediate(resolve); });
}
