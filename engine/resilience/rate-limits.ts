import type { Clock } from '../clock.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { Http, HttpAnswer, HttpRequest } from '../transport/http.ts';
import { spacesError } from '../transport/wire.ts';
import { retryAfterMs } from './retry-after.ts';

/** Waiting longer than this is not done inside a request: the upload gives its place to another. */
export const longestWaitMs = 2_000;
const defaultPauseMs = 1_000;
const slowestPerSecond = 0.5;
/** Above this rate nothing is held back any more. */
const unlimitedAbovePerSecond = 100;

interface Bucket {
  /** Nothing is sent before this time: a server's Retry-After. All times are of the monotonic clock, since the other may be set. */
  notBefore: number;
  /** `undefined` while the address has not complained. */
  perSecond: number | undefined;
  tokens: number;
  refilledAt: number;
  /** When the last requests went out, for the rate at which the server complained. */
  recent: number[];
}

/**
 * One token bucket for each address, shared by everything that talks to it, so that a server that asks for less slows all
 * uploads and not only the one that was told. The rate halves each time and grows again with each success.
 */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns an `Http` that waits for its turn; throws `AnswerError` 429 with the rest of the wait where that is long */
  guard(http: Http): Http {
    return {
      send: async (request) => {
        const bucket = this.#bucketOf(request);
        await this.#takeTurn(bucket, request);
        const answer = await http.send(request);
        if (asksForLess(request, answer)) this.#slowDown(bucket, answer.headers);
        else if (answer.status < 400) this.#speedUp(bucket);
        return answer;
      },
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    };
  }

  #bucketOf(request: HttpRequest): Bucket {
    const { origin } = new URL(request.url);
    let bucket = this.#buckets.get(origin);
    if (!bucket) {
      bucket = { notBefore: 0, perSecond: undefined, tokens: 1, refilledAt: this.#clock.monotonic(), recent: [] };
      this.#buckets.set(origin, bucket);
    }
    return bucket;
  }

  async #takeTurn(bucket: Bucket, request: HttpRequest): Promise<void> {
    for (;;) {
      const now = this.#clock.monotonic();
      const wait = Math.max(bucket.notBefore - now, this.#untilToken(bucket, now));
      if (wait <= 0) break;
      if (wait > longestWaitMs) {
        throw new AnswerError({ endpoint: request.endpoint, status: 429, code: 'rate_limited', headers: { 'retry-after': String(Math.ceil(wait / 1_000)) }, ours: true });
      }
      await this.#clock.sleep(wait, request.signal);
      request.signal?.throwIfAborted();
    }
    if (bucket.perSecond !== undefined) bucket.tokens -= 1;
    bucket.recent.push(this.#clock.monotonic());
    if (bucket.recent.length > 50) bucket.recent.shift();
  }

  /** @returns milliseconds until a token is there; 0 when it is, or when nothing is limited */
  #untilToken(bucket: Bucket, now: number): number {
    if (bucket.perSecond === undefined) return 0;
    const elapsed = Math.max(0, now - bucket.refilledAt);
    bucket.tokens = Math.min(Math.max(1, bucket.perSecond), bucket.tokens + (elapsed / 1_000) * bucket.perSecond);
    // During a Retry-After nothing is saved up for its end.
    bucket.refilledAt = Math.max(bucket.refilledAt, now);
    return bucket.tokens >= 1 ? 0 : Math.ceil(((1 - bucket.tokens) / bucket.perSecond) * 1_000);
  }

  #slowDown(bucket: Bucket, headers: Record<string, string>): void {
    const now = this.#clock.monotonic();
    const alreadyTold = bucket.notBefore > now;
    bucket.notBefore = Math.max(bucket.notBefore, now + (retryAfterMs(headers, this.#clock.now()) ?? defaultPauseMs));
    // Requests that were on their way together are one complaint.
    if (alreadyTold) return;
    const first = bucket.recent[0] ?? now;
    const seen = bucket.recent.length / Math.max(1, (now - first) / 1_000);
    bucket.perSecond = Math.max(slowestPerSecond, (bucket.perSecond ?? seen) / 2);
    bucket.tokens = 0;
    bucket.refilledAt = bucket.notBefore;
  }

  #speedUp(bucket: Bucket): void {
    if (bucket.perSecond === undefined) return;
    bucket.perSecond *= 1.05;
    if (bucket.perSecond > unlimitedAbovePerSecond) bucket.perSecond = undefined;
  }
}

/**
 * 429; 503 with a time, or in the words that S3 has for it. Not the 503 of a server's own breaker, which is about one service behind the
 * address: signing in and looking for patients go on meanwhile. See [Note: the queue is held].
 */
function asksForLess({ endpoint }: HttpRequest, answer: HttpAnswer): boolean {
  if (answer.status === 429) return true;
  if (answer.status !== 503 || answer.headers['x-circuit']?.toLowerCase() === 'open') return false;
  return answer.headers['retry-after'] !== undefined || (endpoint === 'spaces' && ['SlowDown', 'TooManyRequests'].includes(spacesError(answer).code));
}
