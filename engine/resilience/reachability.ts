import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { Random } from '../random.ts';
import type { Http, HttpRequest } from '../transport/http.ts';
import { HttpError } from '../transport/http.ts';

/** How often an address that failed is knocked at, in milliseconds: uploads are to go on within 2 s of its return. */
const knockEveryMs = 1_400;

/**
 * Watches the addresses to which a request did not get through, by knocking until one answers anything at all.
 * Uploads that wait for the network need not guess when to try again.
 */
export class Reachability {
  readonly #knocking = new Map<string, AbortController>();
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Logger;
  readonly #onBack: () => void;

  /** @param http without breaker and limits, since knocking must go on while they hold uploads back */
  constructor(options: { http: Http; clock: Clock; random: Random; log: Logger; onBack: () => void }) {
    this.#http = options.http;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#onBack = options.onBack;
  }

  /** Whether every address that we talked to answered when last asked. */
  get allReachable(): boolean {
    return this.#knocking.size === 0;
  }

  /** Passes requests on, learning from each what can be reached. */
  observe(http: Http): Http {
    return {
      send: async (request) => {
        try {
          const answer = await http.send(request);
          this.#answered(new URL(request.url).origin);
          return answer;
        } catch (error) {
          if (error instanceof HttpError && error.reason !== 'aborted') this.#failed(request);
          throw error;
        }
      },
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    };
  }

  /** The network changed or the computer woke: what is being watched is asked at once. */
  knockNow(): void {
    for (const [origin, abort] of [...this.#knocking]) {
      abort.abort();
      this.#watch(origin, true);
    }
  }

  stop(): void {
    for (const abort of this.#knocking.values()) abort.abort();
    this.#knocking.clear();
  }

  #failed(request: HttpRequest): void {
    const { origin } = new URL(request.url);
    if (!this.#knocking.has(origin)) this.#watch(origin, false);
  }

  #answered(origin: string): void {
    const abort = this.#knocking.get(origin);
    if (!abort) return;
    abort.abort();
    this.#knocking.delete(origin);
    this.#log.info('network.back', { reachable: this.#knocking.size === 0 });
    this.#onBack();
  }

  #watch(origin: string, atOnce: boolean): void {
    const abort = new AbortController();
    this.#knocking.set(origin, abort);
    void this.#knock(origin, abort.signal, atOnce);
  }

  async #knock(origin: string, signal: AbortSignal, atOnce: boolean): Promise<void> {
    if (!atOnce) await this.#clock.sleep(knockEveryMs * (0.9 + 0.2 * this.#random.unit()), signal);
    while (!signal.aborted) {
      try {
        await this.#http.send({ method: 'GET', url: `${origin}/health/`, headers: {}, endpoint: 'gateway', signal, deadlines: { connectMs: 3_000, stallMs: 3_000, totalMs: 5_000 } });
        if (!signal.aborted) this.#answered(origin);
        return;
      } catch {
        await this.#clock.sleep(knockEveryMs * (0.9 + 0.2 * this.#random.unit()), signal);
      }
    }
  }
}
