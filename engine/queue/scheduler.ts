import { noLongerWanted, type Clock } from '../clock.ts';
import type { AttemptOutcome } from '../upload/attempt.ts';
import { DatabaseError } from './database-error.ts';
import type { QueueHold } from './queue-hold.ts';
import type { UploadQueue } from './upload-queue.ts';
import type { Accounts } from './upload-store.ts';

export interface SchedulerOptions {
  queue: UploadQueue;
  clock: Clock;
  /** `isTrial`: see [Note: the queue is held]. */
  runAttempt: (id: string, signal: AbortSignal, isTrial: boolean) => Promise<AttemptOutcome>;
  hold: QueueHold;
  /** Whose uploads may be sent now; `undefined` while nobody is signed in or no transport is known. */
  ready: () => { accounts: Accounts; perPatientOrder: boolean } | undefined;
  /** Uploads at the same time. Each sends its parts through the shared slots. */
  concurrency: () => number;
  /** The database would not play along; see [Note: a full disk]. */
  onTrouble: (error: DatabaseError) => void;
}

/** What the database would not take is tried again after this. */
export const troubleMs = 5_000;

/** Why `runAttempt`'s signal aborted. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Gives places to uploads: by priority, then age, as soon as one is free and the upload may start.
 * Holds no list of its own: the store says what is runnable, so 100,000 rows cost no more than ten.
 *
 * [Note: a full disk] A step that cannot be written down must not be taken, and one taken that could not be written down is
 * found again by asking the server. So when the database fails (a full disk, first of all), attempts end where they are,
 * nothing new begins for five seconds, and then the uploads they were at are put back into the queue, before anything else:
 * if that can be written, so can the rest.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #active = new Map<string, { abort: AbortController; ended: Promise<void> }>();
  readonly #idleListeners = new Set<() => void>();
  #trial: string | undefined;
  #state: 'running' | 'paused' | 'stopped' = 'stopped';
  #timer: AbortController | undefined;
  #pumpQueued = false;
  /** Uploads whose attempt ended without a state, because it could not be written. */
  readonly #unsettled = new Set<string>();
  #trouble: AbortController | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    options.queue.onChange(() => this.poke());
  }

  get paused(): boolean { return this.#state === 'paused'; }
  get activeCount(): number { return this.#active.size; }

  start(paused: boolean): void {
    this.#state = paused ? 'paused' : 'running';
    this.poke();
  }

  /** Ends every attempt under way; what they were sending goes on where it stopped. */
  async pause(): Promise<void> {
    if (this.#state === 'running') this.#state = 'paused';
    await this.interruptAll();
    this.#tellIdle();
  }

  resume(): void {
    if (this.#state === 'paused') this.#state = 'running';
    this.poke();
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#timer?.abort();
    this.#trouble?.abort();
    await this.interruptAll();
    this.#tellIdle();
  }

  /** Something changed that may let an upload start. Cheap; many calls in a row are one look. */
  poke(): void {
    if (this.#pumpQueued || this.#trouble || this.#state !== 'running') return;
    this.#pumpQueued = true;
    queueMicrotask(() => { this.#pumpQueued = false; this.#pump(); });
  }

  /** Ends the attempt at one upload, if there is one, and waits until nothing of it runs any more. */
  async interrupt(id: string): Promise<void> {
    const active = this.#active.get(id);
    active?.abort.abort(new Interrupted('interrupted'));
    await active?.ended;
  }

  async interruptAll(): Promise<void> {
    await Promise.all([...this.#active.keys()].map((id) => this.interrupt(id)));
  }

  /** Resolves at the first moment at which nothing runs and nothing could start before `patienceMs` have passed. */
  async untilIdle(patienceMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#isIdle(patienceMs)) {
      await new Promise<void>((resolve) => {
        const done = (): void => { this.#idleListeners.delete(done); signal.removeEventListener('abort', done); resolve(); };
        this.#idleListeners.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    }
  }

  #isIdle(patienceMs: number): boolean {
    if (this.#active.size > 0) return false;
    const ready = this.#options.ready();
    if (this.#state !== 'running' || this.#trouble || !ready) return true;
    const { hold } = this.#options;
    const untilTrial = hold.untilTrialMs ?? 0;
    if (untilTrial > (hold.isForATime ? patienceMs : 0)) return true;
    const now = this.#options.clock.now();
    if (this.#runnable(1, now).length > 0) return false;
    const retryAt = this.#options.queue.store.nextRetryAt(ready.accounts, now);
    return retryAt === undefined || retryAt > now + patienceMs;
  }

  #runnable(limit: number, now: number, besides: ReadonlySet<string> = new Set()): string[] {
    const ready = this.#options.ready();
    if (!ready) return [];
    return this.#options.queue.store.runnable({
      accounts: ready.accounts, perPatientOrder: ready.perPatientOrder, limit,
      now, except: new Set([...this.#active.keys(), ...besides]),
    }).map((record) => record.facts.id);
  }

  #pump(): void {
    if (this.#state !== 'running' || this.#trouble) return;
    try {
      this.#settle();
      // Looked at once: what becomes due meanwhile must be found due by the timer that is set for it.
      const { untilTrialMs } = this.#options.hold;
      const now = this.#options.clock.now();
      if (untilTrialMs === undefined) {
        const free = this.#options.concurrency() - this.#active.size;
        if (free > 0) for (const id of this.#runnable(free, now)) this.#begin(id, false);
      } else if (untilTrialMs === 0) {
        this.#beginTrial(now);
      }
      this.#setTimer(now, untilTrialMs);
    } catch (error) {
      this.#holdBack(error);
    }
    if (this.#active.size === 0) this.#tellIdle();
  }

  #beginTrial(now: number): void {
    const { hold, concurrency } = this.#options;
    if (this.#trial !== undefined || concurrency() < 1) return;
    let [id] = this.#runnable(1, now, hold.tried);
    if (id === undefined && hold.tried.size > 0) {
      hold.everyoneHadATurn();
      [id] = this.#runnable(1, now);
    }
    if (id === undefined) return;
    hold.hasItsTurn(id);
    this.#begin(id, true);
  }

  #settle(): void {
    for (const id of [...this.#unsettled]) {
      this.#unsettled.delete(id);
      try {
        this.#options.queue.apply(id, { type: 'process-ended' });
      } catch (error) {
        this.#unsettled.add(id);
        throw error;
      }
    }
  }

  /** See [Note: a full disk]. Anything but the database's trouble is a bug, and comes out as one. */
  #holdBack(error: unknown): void {
    if (!(error instanceof DatabaseError)) throw error;
    this.#options.onTrouble(error);
    if (this.#trouble || this.#state === 'stopped') return;
    const trouble = this.#trouble = new AbortController();
    void this.#options.clock.sleep(troubleMs, trouble.signal).then(() => {
      this.#trouble = undefined;
      this.poke();
    });
  }

  #begin(id: string, isTrial: boolean): void {
    const abort = new AbortController();
    if (isTrial) this.#trial = id;
    const ended = this.#options.runAttempt(id, abort.signal, isTrial).then(() => {
      // An attempt cut short by a stop or a pause of everything leaves its upload ready to go on.
      if (abort.signal.aborted) this.#options.queue.apply(id, { type: 'process-ended' });
    }).catch((error: unknown) => {
      this.#unsettled.add(id);
      this.#holdBack(error);
    }).finally(() => {
      this.#active.delete(id);
      if (this.#trial === id) this.#trial = undefined;
      this.poke();
      this.#tellIdle();
    });
    this.#active.set(id, { abort, ended });
  }

  /** Looks again when the next one's waiting time is over, or a trial is due. */
  #setTimer(now: number, untilTrialMs: number | undefined): void {
    this.#timer?.abort(noLongerWanted);
    const { ready, queue, clock } = this.#options;
    const accounts = ready()?.accounts;
    // One that is due and could not begin waits for a place or for its turn: whatever gives it that, pokes.
    const retryAt = accounts && queue.store.nextRetryAt(accounts, now);
    const due = untilTrialMs || (retryAt !== undefined ? retryAt - now : undefined);
    if (due === undefined) return;
    const timer = new AbortController();
    this.#timer = timer;
    // Not longer than a minute at once: somebody may set the clock, and a sleeping computer stops the timer.
    const wait = Math.min(60_000, Math.max(1, due));
    void clock.sleep(wait, timer.signal).then(() => { if (!timer.signal.aborted) this.poke(); });
  }

  #tellIdle(): void {
    for (const listener of [...this.#idleListeners]) listener();
  }
}
