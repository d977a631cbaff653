import type { RateLimit } from '../options.ts';

/** A token bucket for each caller. */
export class RateLimiter {
  readonly #limit: RateLimit;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /** Undefined when the request may pass, else how many whole seconds to wait. `now` in milliseconds. */
  take(caller: string, now: number): number | undefined {
    const { perSecond, burst } = this.#limit;
    const before = this.#buckets.get(caller) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + ((now - before.at) / 1000) * perSecond);
    if (tokens < 1) {
      this.#buckets.set(caller, { tokens, at: now });
      return Math.max(1, Math.ceil((1 - tokens) / perSecond));
    }
    this.#buckets.set(caller, { tokens: tokens - 1, at: now });
    return undefined;
  }
}
