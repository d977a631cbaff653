import type { Failure } from '../../shared/domain/failure.ts';
import type { Clock } from '../clock.ts';
import type { Account } from './account.ts';

export interface NegotiationWatchOptions {
  account: Pick<Account, 'state' | 'limits' | 'negotiate' | 'negotiation'>;
  clock: Clock;
  closing: AbortSignal;
  /** It was asked: what may be sent, and how, may have changed. */
  onAsked(): void;
}

/** While the gateway has never said what it accepts: before that nothing is sent. */
const unknownMs = 5_000;
/** While it seems to have gone back to the older contract, and photos wait for the confirmation. */
const doubtedMs = 60_000;
/** A new contract, or other limits, take force within a working day without anybody restarting anything. */
const knownMs = 3 * 3_600_000;
/** Failures that hint at another contract have it asked no more often than this. */
const hintedMs = 60_000;

/**
 * When the gateway is asked which contract it speaks: until it has said so, every few hours from then on, and when an
 * answer suggests that it is no longer what it was. Besides, signing in and restoring a session ask by themselves.
 */
export class NegotiationWatch {
  readonly #options: NegotiationWatchOptions;
  /** A new turn takes the place of the one before. */
  #turn = new AbortController();
  #hintedAt = -Infinity;

  constructor(options: NegotiationWatchOptions) {
    this.#options = options;
  }

  askNow(): void {
    void this.#ask('now');
  }

  /** Somebody has just asked by another way, or is about to: again when its time has come. */
  askInTime(): void {
    void this.#ask('in time');
  }

  /** The network is back: only an answer that is missing is worth a request. */
  networkIsBack(): void {
    const { account } = this.#options;
    if (!account.limits() || account.negotiation().doubtedSince !== undefined) this.askNow();
  }

  /** A photo failed: the call is not known any more, or a body is too large for what was said to be accepted. */
  failed(failure: Failure): void {
    if (failure.endpoint !== 'gateway' || (failure.detail !== 'route_missing' && failure.httpStatus !== 413)) return;
    const now = this.#options.clock.monotonic();
    if (now - this.#hintedAt < hintedMs) return;
    this.#hintedAt = now;
    this.askNow();
  }

  #pauseMs(): number {
    const { account } = this.#options;
    if (!account.limits()) return unknownMs;
    return account.negotiation().doubtedSince === undefined ? knownMs : doubtedMs;
  }

  /** Somebody may ask by another way meanwhile, and what that is answered makes it time sooner: a doubt is not left alone for hours. */
  async #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    for (let left = this.#pauseMs(); left > 0 && !signal.aborted; left = begun + this.#pauseMs() - clock.monotonic()) {
      await clock.sleep(Math.min(left, doubtedMs), signal);
    }
  }

  async #ask(when: 'now' | 'in time'): Promise<void> {
    const { account, closing, onAsked } = this.#options;
    this.#turn.abort();
    const mine = this.#turn = new AbortController();
    const signal = AbortSignal.any([mine.signal, closing]);
    if (when === 'in time') await this.#pause(signal);
    while (!signal.aborted && account.state().name === 'signedIn') {
      // What is not the server's or the network's fault is no reason to stop asking.
      await account.negotiate().catch(() => undefined);
      if (signal.aborted) return;
      onAsked();
      await this.#pause(signal);
    }
  }
}
