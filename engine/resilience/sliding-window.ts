/** Answers are counted together by the second: however many come, a window is a score of numbers. */
const stepMs = 1_000;

/** How many requests there were in the last while, and how many of them failed. */
export class SlidingWindow {
  readonly #steps: number;
  /** Oldest first, none older than the window. */
  #counts: { step: number; total: number; failed: number }[] = [];

  /** @param windowMs whole seconds */
  constructor(windowMs: number) {
    this.#steps = windowMs / stepMs;
  }

  /** @param at milliseconds of a clock that never goes back */
  add(at: number, failed: boolean): void {
    const step = Math.floor(at / stepMs);
    this.#counts = this.#counts.filter((count) => count.step > step - this.#steps);
    let count = this.#counts.at(-1);
    if (count?.step !== step) this.#counts.push(count = { step, total: 0, failed: 0 });
    count.total += 1;
    if (failed) count.failed += 1;
  }

  /** As of the last `add`. */
  get sums(): { total: number; failed: number } {
    return this.#counts.reduce((sums, { total, failed }) => ({ total: sums.total + total, failed: sums.failed + failed }), { total: 0, failed: 0 });
  }

  clear(): void {
    this.#counts = [];
  }
}
