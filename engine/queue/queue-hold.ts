import type { Failure } from '../../shared/domain/failure.ts';
import type { QueueCounts, UploadState } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { trialAfterMs } from '../resilience/circuit-breaker.ts';
import { longestWaitMs } from '../resilience/rate-limits.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import type { UploadRecord } from './upload-store.ts';

/** Ids of trials that are remembered; past that, all have had their turn. */
const mostTried = 100;

interface Held {
  /** Of the monotonic clock. */
  trialAt: number;
  failure: Failure;
}

export interface QueueHoldOptions {
  clock: Clock;
  /** It began, ended, or its trial is due at another time. */
  onChange(): void;
}

/**
 * What holds the whole queue: an open breaker, ours or the server's, or a Retry-After.
 *
 * [Note: the queue is held] All photos go to the same addresses, so what holds one of them holds all. None begins while it does, but
 * one at a time as the trial when one is due, and as soon as something of a trial is stored everything goes. What is held stays *queued* in
 * its row and is only shown as blocked: a night's outage writes nothing, and 100,000 photos start without a row being touched.
 */
export class QueueHold {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #held: Held | undefined;
  /** Trials take turns: what holds up may after all be one photo's own. */
  readonly #tried = new Set<string>();

  constructor({ clock, onChange }: QueueHoldOptions) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** 0 where one upload may go as the trial; `undefined` where nothing is held. */
  get untilTrialMs(): number | undefined {
    return this.#held && Math.max(0, this.#held.trialAt - this.#clock.monotonic());
  }

  /** A server that fails is left alone by whoever waits only for what is sent now; a time that it named is waited for. */
  get isForATime(): boolean {
    return this.#held?.failure.code === 'rate-limited';
  }

  get tried(): ReadonlySet<string> {
    return this.#tried;
  }

  /** It has its turn, or has just shown what a trial would. */
  hasItsTurn(id: string): void {
    if (this.#tried.size >= mostTried) this.#tried.clear();
    this.#tried.add(id);
  }

  everyoneHadATurn(): void {
    this.#tried.clear();
  }

  /** What came of an attempt decides whether the queue is held, and for how long. */
  ended(id: string, outcome: AttemptOutcome, wasTrial: boolean): void {
    if (outcome.name === 'completed' && wasTrial) this.lift();
    if (outcome.name !== 'failed' || outcome.elsewhere) return;
    const { failure } = outcome;
    const waitMs = heldForMs(outcome);
    if (waitMs !== undefined) {
      this.#hold(failure, waitMs);
      this.hasItsTurn(id);
    } else if (wasTrial && this.#held && (failure.disposition === 'retry' || failure.disposition === 'wait')) {
      // It went out and did not get through, whatever it met this time.
      this.#hold(this.#held.failure, trialAfterMs);
    }
  }

  /** What gave the reason is mended, as far as anybody knows: the trial is due. */
  tryNow(): void {
    if (this.#held) this.#set({ ...this.#held, trialAt: this.#clock.monotonic() });
  }

  lift(): void {
    if (this.#held) this.#set(undefined);
  }

  /** What is held, in the state in which it is shown. */
  shown(record: UploadRecord): UploadRecord {
    return this.#held && record.state.name === 'queued' ? { ...record, state: this.#state(this.#held) } : record;
  }

  shownCounts(counts: QueueCounts): QueueCounts {
    if (!this.#held) return counts;
    const { name } = this.#state(this.#held);
    return { ...counts, queued: 0, [name]: counts[name] + counts.queued };
  }

  #state({ failure, trialAt }: Held): UploadState {
    if (!this.isForATime) return { name: 'blocked', by: 'circuit', failure };
    return { name: 'waiting', retryAt: Math.ceil(this.#clock.now() + Math.max(0, trialAt - this.#clock.monotonic())), failure };
  }

  #hold(failure: Failure, waitMs: number): void {
    const trialAt = this.#clock.monotonic() + waitMs;
    this.#set({ failure, trialAt: Math.max(trialAt, this.#held?.trialAt ?? 0) });
  }

  #set(held: Held | undefined): void {
    this.#held = held;
    if (!held) this.#tried.clear();
    this.#onChange();
  }
}

/** @returns how long everything is to wait for what befell this one; `undefined` where it is its own affair */
function heldForMs({ failure, ours }: Extract<AttemptOutcome, { name: 'failed' }>): number | undefined {
  if (ours) return failure.retryAfterMs ?? trialAfterMs;
  if (failure.code === 'circuit-open') return Math.max(trialAfterMs, failure.retryAfterMs ?? 0);
  // Shorter ones are waited for within the request.
  const isShared = failure.httpStatus === 429 || failure.httpStatus === 503;
  return isShared && failure.retryAfterMs !== undefined && failure.retryAfterMs > longestWaitMs ? failure.retryAfterMs : undefined;
}
