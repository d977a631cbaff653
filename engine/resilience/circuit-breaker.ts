/**
 * @file A circuit breaker for each address we talk to.
 *
 * Thresholds: over 25 % of answers 5xx, or over 50 % of requests without an answer, of at least eight in a sliding window; one
 * trial after 10 s. They are the ones of a reverse proxy that the clinics' services stood behind.
 *
 * [Note: our own breaker] Libraries measure by the computer's date, which somebody may set: back by three hours, and a breaker
 * stayed open for three. And they let whoever comes during a trial wait for its end, which a pause cannot cut short.
 */
import { assertNever } from '../../shared/assert-never.ts';
import type { Clock } from '../clock.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { HttpError, type Http, type HttpAnswer, type HttpRequest } from '../transport/http.ts';
import { SlidingWindow } from './sliding-window.ts';

const windowMs = 20_000;
/** Fewer requests than this prove nothing. */
const fewest = 8;
const mostServerErrors = 0.25;
const mostUnanswered = 0.5;
/** An address that was given up gets its trial after this. */
export const trialAfterMs = 10_000;

export interface CircuitBreakersOptions {
  clock: Clock;
  /** An address was given up for now, or is used again. */
  onChange?: (origin: string, open: boolean) => void;
}

/** Times are of the monotonic clock. */
type State =
  | { name: 'closed' }
  | { name: 'open'; trialAt: number }
  /** One request is under way that decides. */
  | { name: 'half-open' };

interface Breaker {
  state: State;
  /** Of the answers, those 5xx. */
  readonly answers: SlidingWindow;
  /** Of the requests, those without an answer. */
  readonly requests: SlidingWindow;
}

/** Of one request; `nothing` is what a person broke off, or what another guard held back. */
type Outcome = 'answered' | 'server-error' | 'unanswered' | 'nothing';

/** Requests to an address that keeps failing are refused here, at once, until a trial request has succeeded. */
export class CircuitBreakers {
  readonly #breakers = new Map<string, Breaker>();
  readonly #clock: Clock;
  readonly #onChange: (origin: string, open: boolean) => void;

  constructor({ clock, onChange = () => undefined }: CircuitBreakersOptions) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** @returns an `Http` that throws `AnswerError` 503 `circuit_open` instead of asking an address whose breaker is open or on trial */
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
    return [...this.#breakers].filter(([, { state }]) => state.name !== 'closed').map(([origin]) => origin);
  }

  async #send(http: Http, request: HttpRequest): Promise<HttpAnswer> {
    const { origin } = new URL(request.url);
    const breaker = this.#breakerOf(origin);
    const isTrial = this.#admit(breaker, request);
    let outcome: Outcome = 'nothing';
    try {
      const answer = await http.send(request);
      outcome = isServerError(answer) ? 'server-error' : 'answered';
      return answer;
    } catch (error) {
      if (error instanceof HttpError && error.reason !== 'aborted') outcome = 'unanswered';
      throw error;
    } finally {
      // One that was forgotten meanwhile has nothing to learn any more.
      if (this.#breakers.get(origin) === breaker) this.#learn(origin, breaker, outcome, isTrial);
    }
  }

  /** @returns whether the request is the trial. @throws AnswerError where it may not go */
  #admit(breaker: Breaker, { endpoint }: HttpRequest): boolean {
    const { state } = breaker;
    switch (state.name) {
      case 'closed': return false;
      case 'half-open': throw refusal(endpoint, trialAfterMs);
      case 'open': {
        const rest = state.trialAt - this.#clock.monotonic();
        if (rest > 0) throw refusal(endpoint, rest);
        breaker.state = { name: 'half-open' };
        return true;
      }
      default: return assertNever(state);
    }
  }

  #learn(origin: string, breaker: Breaker, outcome: Outcome, isTrial: boolean): void {
    const now = this.#clock.monotonic();
    if (isTrial) {
      // A trial that tells nothing leaves its turn to the next request, at once.
      breaker.state = outcome === 'answered' ? { name: 'closed' } : { name: 'open', trialAt: outcome === 'nothing' ? now : now + trialAfterMs };
      if (outcome === 'answered') this.#onChange(origin, false);
      return;
    }
    if (outcome === 'nothing' || breaker.state.name !== 'closed') return;
    if (outcome !== 'unanswered') breaker.answers.add(now, outcome === 'server-error');
    breaker.requests.add(now, outcome === 'unanswered');
    if (outcome === 'answered' || !(isTooMuch(breaker.answers, mostServerErrors) || isTooMuch(breaker.requests, mostUnanswered))) return;
    breaker.state = { name: 'open', trialAt: now + trialAfterMs };
    // After a good trial it begins to count anew.
    breaker.answers.clear();
    breaker.requests.clear();
    this.#onChange(origin, true);
  }

  #breakerOf(origin: string): Breaker {
    let breaker = this.#breakers.get(origin);
    if (!breaker) {
      breaker = { state: { name: 'closed' }, answers: new SlidingWindow(windowMs), requests: new SlidingWindow(windowMs) };
      this.#breakers.set(origin, breaker);
    }
    return breaker;
  }
}

function isTooMuch({ sums: { total, failed } }: SlidingWindow, share: number): boolean {
  return total >= fewest && failed > share * total;
}

function refusal(endpoint: HttpRequest['endpoint'], waitMs: number): AnswerError {
  return new AnswerError({ endpoint, status: 503, code: 'circuit_open', headers: { 'x-circuit': 'open', 'retry-after': String(Math.ceil(waitMs / 1_000)) }, ours: true });
}

/** 501 and 505 are facts about the request; 507 is about the disk, and a pause does not help it. */
function isServerError(answer: HttpAnswer): boolean {
  return answer.status >= 500 && ![501, 505, 507].includes(answer.status);
}
