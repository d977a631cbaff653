import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { Random } from '../random.ts';
import { HttpError, type Http, type HttpErrorReason, type HttpRequest } from '../transport/http.ts';

/** How often an address that failed is knocked at, in milliseconds: uploads are to go on within 2 s of its return. */
const knockEveryMs = 1_400;

/** Failures before any connection: the address itself is proven to be away. */
const provenAway: ReadonlySet<HttpErrorReason> = new Set([
  'offline', 'unreachable', 'dns', 'refused', 'connect-timeout', 'tls', 'certificate-expired', 'certificate-untrusted', 'proxy', 'proxy-auth',
]);

/** What is known of an address that is being knocked at. */
interface Watch {
  abort: AbortController;
  /** It was away when last asked; until that is known, a request that broke off may have been the request's own affair. */
  away: boolean;
}

/**
 * Watches the addresses to which a request did not get through, by knocking until one answers anything at all.
 * Uploads that wait for the network need not guess when to try again.
 *
 * [Note: Away or suspected] A connection cut or stalled in the middle of a request proves nothing: something on the way
 * may cut just such requests (large ones, those to one path) and let a knock through. So the address is knocked at
 * once, and only where that fails too is it away, and its return news. Otherwise each knock would start every such upload
 * again, past its back-off, for as long as the cause lasts.
 */
export class Reachability {
  readonly #knocking = new Map<string, Watch>();
  #stopped = false;
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
          if (error instanceof HttpError && error.reason !== 'aborted') this.#failed(request, provenAway.has(error.reason));
          throw error;
        }
      },
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    };
  }

  /** The network changed or the computer woke: what is being watched is asked at once. */
  knockNow(): void {
    for (const [origin, { abort, away }] of [...this.#knocking]) {
      abort.abort();
      this.#watch(origin, away, true);
    }
  }

  /** For good: a request that fails afterwards must not begin to knock for an engine that is gone. */
  stop(): void {
    this.#stopped = true;
    for (const { abort } of this.#knocking.values()) abort.abort();
    this.#knocking.clear();
  }

  #failed(request: HttpRequest, away: boolean): void {
    const { origin } = new URL(request.url);
    const watch = this.#knocking.get(origin);
    if (watch) watch.away ||= away;
    else this.#watch(origin, away, !away);
  }

  #answered(origin: string): void {
    const watch = this.#knocking.get(origin);
    if (!watch) return;
    watch.abort.abort();
    this.#knocking.delete(origin);
    if (!watch.away) return;
    this.#log.info('network.back', { reachable: this.#knocking.size === 0 });
    this.#onBack();
  }

  #watch(origin: string, away: boolean, atOnce: boolean): void {
    if (this.#stopped) return;
    const watch: Watch = { abort: new AbortController(), away };
    this.#knocking.set(origin, watch);
    void this.#knock(origin, watch, atOnce);
  }

  async #knock(origin: string, watch: Watch, atOnce: boolean): Promise<void> {
    const { signal } = watch.abort;
    const pause = (): Promise<void> => this.#clock.sleep(knockEveryMs * (0.9 + 0.2 * this.#random.unit()), signal);
    if (!atOnce) await pause();
    while (!signal.aborted) {
      try {
        await this.#http.send({ method: 'GET', url: `${origin}/health/`, headers: {}, endpoint: 'gateway', signal, deadlines: { connectMs: 3_000, stallMs: 3_000, totalMs: 5_000 } });
        if (!signal.aborted) this.#answered(origin);
        return;
      } catch {
        if (signal.aborted) return;
        watch.away = true;
        await pause();
      }
    }
  }
}
