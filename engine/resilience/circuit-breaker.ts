/**
 * @file A circuit breaker for each address we talk to, on cockatiel.
 *
 * Thresholds: over 25 % of answers 5xx, or over 50 % of requests without an answer, in a sliding window; one trial
 * after 10 s. They are the ones of a reverse proxy that the clinics' services stood behind.
 */
import { BrokenCircuitError, circuitBreaker, CircuitState, handleWhen, handleWhenResult, SamplingBreaker, wrap, type CircuitBreakerPolicy } from 'cockatiel';
import { AnswerError } from '../transport/answer-error.ts';
import { HttpError, type Http, type HttpAnswer, type HttpRequest } from '../transport/http.ts';

const windowMs = 20_000;
const halfOpenAfterMs = 10_000;

export interface CircuitBreakersOptions {
  /** An address was given up for now, or is used again. */
  onChange?: (origin: string, open: boolean) => void;
}

interface Breaker {
  server: CircuitBreakerPolicy;
  network: CircuitBreakerPolicy;
  run: (send: () => Promise<HttpAnswer>) => Promise<HttpAnswer>;
}

/** Requests to an address that keeps failing are refused here, at once, until a trial request has succeeded. */
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #onChange: (origin: string, open: boolean) => void;

  constructor(options: CircuitBreakersOptions = {}) {
    this.#onChange = options.onChange ?? (() => undefined);
  }

  /** @returns an `Http` that throws `AnswerError` 503 `circuit_open` instead of asking an address whose breaker is open */
  guard(http: Http): Http {
    return {
      send: (request) => this.#send(http, request),
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    };
  }

  /** The network is back: what failed because of it is forgotten. */
  reset(): void {
    const open = this.openOrigins();
    this.#breakers.clear();
    for (const origin of open) this.#onChange(origin, false);
  }

  openOrigins(): string[] {
    return [...this.#breakers].filter(([, breaker]) => isOpen(breaker)).map(([origin]) => origin);
  }

  async #send(http: Http, request: HttpRequest): Promise<HttpAnswer> {
    const { origin } = new URL(request.url);
    try {
      return await this.#breakerOf(origin).run(() => http.send(request));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw new AnswerError({ endpoint: request.endpoint, status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open' } });
    }
  }

  #breakerOf(origin: string): Breaker {
    const existing = this.#breakers.get(origin);
    if (existing) return existing;
    const server = circuitBreaker(handleWhenResult((result) => isServerError(result as HttpAnswer)), {
      halfOpenAfter: halfOpenAfterMs, breaker: new SamplingBreaker({ threshold: 0.25, duration: windowMs, minimumRps: 0.4 }),
    });
    const network = circuitBreaker(handleWhen((error) => error instanceof HttpError && error.reason !== 'aborted'), {
      halfOpenAfter: halfOpenAfterMs, breaker: new SamplingBreaker({ threshold: 0.5, duration: windowMs, minimumRps: 0.4 }),
    });
    const both = wrap(server, network);
    const breaker: Breaker = { server, network, run: (send) => both.execute(send) };
    for (const policy of [server, network]) {
      policy.onBreak(() => this.#onChange(origin, true));
      policy.onReset(() => { if (!isOpen(breaker)) this.#onChange(origin, false); });
    }
    this.#breakers.set(origin, breaker);
    return breaker;
  }
}

function isOpen(breaker: Breaker): boolean {
  return breaker.server.state === CircuitState.Open || breaker.network.state === CircuitState.Open;
}

/** 501 and 505 are facts about the request; 507 is about the disk, and a pause does not help it. */
function isServerError(answer: HttpAnswer): boolean {
  return answer.status >= 500 && ![501, 505, 507].includes(answer.status);
}
