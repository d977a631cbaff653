import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { partBackOffMs, partTries } from '../resilience/back-off.ts';
import { classify } from '../resilience/classify.ts';
import { IntegrityMismatch, type RemoteSession, type StoredPart } from '../transport/transport.ts';
import type { AttemptTools } from './attempt.ts';
import type { PartBodies } from './part-bodies.ts';
import { planParts, type PlannedPart } from './part-plan.ts';

/**
 * The end of an attempt at a photo's parts: the first failure, which is the one that is told. Nothing new begins, and nothing is left running
 * behind. Where the store has answered, the way to it is open, and what is half sent is sent to its end, since the store keeps it. Where no
 * answer came, or the parts are of no use any more, all is cut off.
 */
class Ending {
  /** For what is under way. */
  readonly signal: AbortSignal;
  /** For what is yet to begin. */
  readonly beginning: AbortSignal;
  reason: unknown;
  readonly #noMore = new AbortController();
  readonly #stop = new AbortController();

  /** @param interrupted by whoever pauses, cancels or stops: that ends everything at once */
  constructor(interrupted: AbortSignal) {
    this.signal = AbortSignal.any([interrupted, this.#stop.signal]);
    this.beginning = AbortSignal.any([this.signal, this.#noMore.signal]);
  }

  get begun(): boolean {
    return this.#noMore.signal.aborted;
  }

  begin(error: unknown, now: number): void {
    if (!this.begun) {
      this.reason = error;
      this.#noMore.abort(error);
    }
    const { code, disposition, httpStatus } = classify(error, { step: 'part', now });
    const goesOn = httpStatus !== undefined && disposition !== 'needsAttention' && code !== 'upload-gone';
    if (!goesOn) this.#stop.abort(error);
  }
}

/** Sends the parts of one photo that the store does not have yet. */
export class PartSender {
  readonly #tools: AttemptTools;
  readonly #facts: PhotoFacts;
  readonly #session: RemoteSession;
  readonly #bodies: PartBodies;
  readonly #signal: AbortSignal;
  readonly #plan: PlannedPart[];
  readonly #onStored: () => void;
  readonly #unconfirmed = new Map<number, number>();

  /** @param onStored told of each part before it is written down */
  constructor(tools: AttemptTools, facts: PhotoFacts, session: RemoteSession, bodies: PartBodies, signal: AbortSignal, onStored: () => void) {
    this.#tools = tools;
    this.#facts = facts;
    this.#session = session;
    this.#bodies = bodies;
    this.#signal = signal;
    this.#onStored = onStored;
    this.#plan = planParts(facts.sizeBytes, session.partBytes);
  }

  /**
   * The parts at the store that are really ours: of the planned size, and with the digest that we sent or, where our
   * ledger does not know them (we died before writing it down), the digest of our bytes.
   */
  async reconcile(stored: readonly StoredPart[], ledger: readonly StoredPart[]): Promise<StoredPart[]> {
    const known = new Map(ledger.map((part) => [part.number, part.etag]));
    const kept: StoredPart[] = [];
    for (const part of stored) {
      const planned = this.#plan[part.number - 1];
      if (!planned || part.sizeBytes !== planned.end - planned.start) continue;
      if (known.get(part.number) === part.etag || await this.#bodies.md5(planned) === part.etag) kept.push(part);
    }
    return kept;
  }

  /** @returns all parts in order, those already kept included */
  async sendMissing(kept: readonly StoredPart[]): Promise<StoredPart[]> {
    const done = new Map(kept.map((part) => [part.number, part]));
    const missing = this.#plan.filter((part) => !done.has(part.number));
    const ending = new Ending(this.#signal);
    const lanes = Math.min(missing.length, this.#tools.transport.limits.maxPartsInFlight);
    let next = 0;
    // An address on trial takes one request at a time.
    const first = this.#tools.trial ? missing[next++] : undefined;
    if (first) done.set(first.number, await this.#sendOne(first, ending));
    const lane = async (): Promise<void> => {
      for (let part = missing[next++]; part && !ending.begun; part = missing[next++]) done.set(part.number, await this.#sendOne(part, ending));
    };
    await Promise.all(Array.from({ length: lanes }, () => lane().catch((error: unknown) => { ending.begin(error, this.#tools.clock.now()); })));
    if (ending.begun) throw ending.reason;
    return [...done.values()].sort((a, b) => a.number - b.number);
  }

  /** Short tries of one part, with full jitter between them. */
  async #sendOne(part: PlannedPart, ending: Ending): Promise<StoredPart> {
    const { clock, random } = this.#tools;
    const { beginning } = ending;
    for (let tryNumber = 1; ; tryNumber += 1) {
      try {
        return this.#record(await this.#tryOne(part, ending));
      } catch (error) {
        const failure = classify(error, { step: 'part', now: clock.now() });
        // Where the session is gone the part has nowhere to go: the attempt opens another.
        const mayRepeat = failure.disposition === 'retry' && failure.code !== 'upload-gone' && failure.retryAfterMs === undefined && this.#tools.transport.ordering === 'any';
        if (beginning.aborted || !mayRepeat || tryNumber >= partTries) throw error;
        // A question costs less than a part: see [Note: Asking before repeating].
        if (failure.ambiguous) {
          const arrived = await this.#arrived(part, beginning);
          if (arrived) return this.#record(arrived);
        }
        this.#tools.onRepeated?.(failure);
        await clock.sleep(partBackOffMs(tryNumber, random), beginning);
        beginning.throwIfAborted();
      }
    }
  }

  #record(stored: StoredPart): StoredPart {
    const { queue, clock } = this.#tools;
    this.#onStored();
    queue.store.recordPart(this.#facts.id, stored, clock.now());
    queue.changed(this.#facts.id);
    return stored;
  }

  /** The part as the store has it after all, if it has. An answer that does not come is no reason to give up the part. */
  async #arrived(part: PlannedPart, signal: AbortSignal): Promise<StoredPart | undefined> {
    const report = await this.#tools.transport.inspect(this.#facts, this.#session, { signal }).catch(() => undefined);
    if (report?.name !== 'open') return undefined;
    return (await this.reconcile(report.parts.filter((stored) => stored.number === part.number), []))[0];
  }

  async #tryOne(part: PlannedPart, { signal, beginning }: Ending): Promise<StoredPart> {
    const { slots, transport } = this.#tools;
    await slots.acquire(beginning);
    let isSending = false;
    let outcome: 'success' | 'failure' | 'neutral' = 'neutral';
    try {
      const body = await this.#bodies.read(part);
      // The place may be the very one that a failure has just made free.
      beginning.throwIfAborted();
      isSending = true;
      const stored = await transport.sendPart(this.#facts, this.#session, body, { signal, onRepeated: this.#tools.onRepeated, onSent: (bytes) => this.#progress(part.number, bytes) });
      if (stored.sizeBytes !== body.sizeBytes) throw new IntegrityMismatch('size');
      if (stored.etag !== body.md5) throw new IntegrityMismatch('etag');
      outcome = 'success';
      return stored;
    } catch (error) {
      const { disposition } = classify(error, { step: 'part', now: 0 });
      if (isSending && !signal.aborted && (disposition === 'retry' || disposition === 'wait')) outcome = 'failure';
      throw error;
    } finally {
      slots.release(outcome);
      this.#unconfirmed.delete(part.number);
      this.#report();
    }
  }

  #progress(part: number, bytes: number): void {
    this.#unconfirmed.set(part, (this.#unconfirmed.get(part) ?? 0) + bytes);
    this.#report();
  }

  #report(): void {
    let sum = 0;
    for (const bytes of this.#unconfirmed.values()) sum += bytes;
    this.#tools.onUnconfirmed(this.#facts.id, sum);
  }
}
