/**
 * @file Keeps an eye on the connection: when to look, how far, and what to show. The only part of the diagnosis that
 * lives as long as the engine. Real uploads are its best probe, and it costs them nothing.
 */
import { randomUUID } from 'node:crypto';
import { diagnosisSeverity, type ConnectionSnapshot, type Diagnosis, type ProbeResult, type RunProgress } from '../../shared/domain/diagnosis.ts';
import { silentLogger, type Logger } from '../logging/logger.ts';
import type { Random } from '../random.ts';
import type { DiagnosticEnvironment } from './environment.ts';
import type { UploadAttempt } from './facts.ts';
import type { DiagnosisHistory } from './history.ts';
import { nothingShown, settle, type Shown } from './hysteresis.ts';
import { pathModel } from './path-model.ts';
import { runChecks, type RunOutcome } from './run.ts';
import { nextCheckMs, withinBudget, type MeteredUse } from './schedule.ts';

/** A check's bytes before one was measured: of a light one three small answers, with TLS; of a full one some ten. */
const guessedBytes = { light: 20_000, full: 70_000 };
const canaryEveryMs = 15 * 60_000;
/** A photo sent so recently proves more than a probe could. */
const provenByUploadMs = 60_000;
/** Uploads that fail within this time are looked into together. */
const sharedAnswerMs = 2000;
/** Even so the latency chart wants a point now and then. */
const probeAtLeastEveryMs = 5 * 60_000;

export interface MonitorOptions {
  environment: DiagnosticEnvironment;
  history: DiagnosisHistory;
  random: Random;
  logger?: Logger;
}

export interface MonitorListener {
  /** Something that the panel shows has changed. */
  snapshot?: (snapshot: ConnectionSnapshot) => void;
  /** Of checks that a person asked for. */
  progress?: (progress: RunProgress) => void;
}

/** Who waits for what a check finds: a person who asked for it, one whose upload failed, or nobody in particular. */
type Occasion = 'asked' | 'upload-failed' | 'routine';

export type WakeReason = 'network-online' | 'network-offline' | 'resumed-from-sleep';

export class ConnectionMonitor {
  readonly #environment: DiagnosticEnvironment;
  readonly #history: DiagnosisHistory;
  readonly #random: Random;
  readonly #logger: Logger;
  readonly #listeners = new Set<MonitorListener>();
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;
  /** One check at a time; the next waits for this. */
  #busy: Promise<unknown> = Promise.resolve();
  #interrupt = new AbortController();
  #shown: Shown = nothingShown;
  #failuresInARow = 0;
  #ownUploadFailed = false;
  #failedUploads = 0;
  #lastOkUploadAt = 0;
  #lastProbedAt = -probeAtLeastEveryMs;
  #lastCanaryAt = -canaryEveryMs;
  #asleep = false;
  #metered: MeteredUse | undefined;
  /** The one check that a failed upload may have on a metered link before uploads have paid for it was made. */
  #lookGiven = false;
  readonly #bytes = { ...guessedBytes };
  #lastProbes: ProbeResult[] = [];
  #checkedAt: number | undefined;

  constructor(options: MonitorOptions) {
    this.#environment = options.environment;
    this.#history = options.history;
    this.#random = options.random;
    this.#logger = options.logger ?? silentLogger;
  }

  /** The first check begins at once. */
  start(): void {
    this.#loop ??= this.#watch();
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#interrupt.abort();
    await this.#loop;
    await this.#busy;
  }

  /** @returns a function that stops listening. */
  subscribe(listener: MonitorListener): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /**
   * The network changed or the computer woke: what was learnt of failing is void, and the next check is now. Networks come and go
   * while the computer falls asleep, too, so only its waking ends that nothing is asked.
   */
  wake(reason: WakeReason): void {
    this.#logger.info('diagnosis.woken', { reason });
    if (reason === 'resumed-from-sleep') this.#asleep = false;
    this.#failuresInARow = 0;
    this.#lookGiven = false;
    this.#lastOkUploadAt = 0;
    this.#interrupt.abort();
  }

  /** While asleep nothing is asked of anybody. */
  setAsleep(asleep: boolean): void {
    this.#asleep = asleep;
    if (!asleep) this.#interrupt.abort();
  }

  /** On a metered link checks by ourselves stay within 1 % of what uploads send, but for one where an upload has failed. */
  setMetered(metered: boolean): void {
    this.#metered = metered ? this.#metered ?? { uploads: 0, probes: 0 } : undefined;
  }

  /** Tells how a real try ended. Tries that we broke off ourselves (pause, shutdown) are not to be told. */
  observe(attempt: UploadAttempt): void {
    this.#remember(() => this.#history.recordAttempt(attempt));
    if (attempt.madeGood) return;
    if (this.#metered) this.#metered.uploads += attempt.bytes;
    if (attempt.outcome === 'ok') {
      this.#failedUploads = 0;
      this.#lookGiven = false;
      this.#lastOkUploadAt = this.#environment.clock.monotonic();
      if (this.#isFailing()) this.#interrupt.abort();
      return;
    }
    if (attempt.failure?.endpoint === 'local') return;
    this.#failedUploads += 1;
    this.#lastOkUploadAt = 0;
    this.#ownUploadFailed = true;
    this.#interrupt.abort();
  }

  /** A connection has been dropped while in use. */
  observeDrop(): void {
    this.#remember(() => this.#history.recordDrop(this.#environment.clock.now()));
  }

  /** The full check that a person asks for, with the test image where the backend takes it. Shows its finding at once. */
  check(options: { signal?: AbortSignal } = {}): Promise<RunOutcome> {
    return this.#exclusively(() => this.#run({ scope: 'full', canary: true, occasion: 'asked', ...(options.signal ? { signal: options.signal } : {}), onProgress: (progress) => this.#tell('progress', progress) }));
  }

  snapshot(): ConnectionSnapshot {
    const { clock } = this.#environment;
    const contract = this.#environment.targets().contract;
    const latency = this.#history.latency(clock.now());
    return {
      ...(this.#shown.diagnosis ? { diagnosis: this.#shown.diagnosis } : {}),
      path: pathModel(this.#shown.diagnosis, this.#lastProbes, latency, contract === 'upload-sessions' || contract === 'own-keys'),
      latency, changes: this.#history.changes(), lastProbes: this.#lastProbes,
      ...(this.#checkedAt === undefined ? {} : { checkedAt: this.#checkedAt }),
    };
  }

  async #watch(): Promise<void> {
    const { clock } = this.#environment;
    while (!this.#stopped.signal.aborted) {
      this.#interrupt = new AbortController();
      try {
        await this.#exclusively(() => this.#look());
      } catch (error) {
        this.#logger.error('diagnosis.check-broke', { error: error instanceof Error ? error.name : typeof error });
      }
      // What came in while looking wants an answer now; the rest can wait.
      if (this.#stopped.signal.aborted) return;
      await clock.sleep(nextCheckMs(this.#closeLooks(), this.#random.unit()), this.#interrupt.signal);
      // Many uploads may fail in one second; they share the answer to why.
      const since = clock.monotonic() - this.#lastProbedAt;
      if (this.#ownUploadFailed && since < sharedAnswerMs) await clock.sleep(sharedAnswerMs - since, this.#stopped.signal);
    }
  }

  async #look(): Promise<void> {
    if (this.#asleep || this.#environment.targets().gateway === undefined) return;
    const { clock } = this.#environment;
    const now = clock.monotonic();
    const own = this.#ownUploadFailed;
    const proven = this.#lastOkUploadAt > 0 && now - this.#lastOkUploadAt < provenByUploadMs;
    if (proven && !own && !this.#isFailing() && now - this.#lastProbedAt < probeAtLeastEveryMs) return;
    this.#ownUploadFailed = false;
    if (own && this.#metered) await this.#judgeWithoutPackets();

    // Enough to see that all is well; a closer look only where it is not, or was not.
    if (!own && this.#shown.diagnosis !== undefined && !this.#isFailing()) {
      if (!this.#mayCost('light')) return;
      const light = await this.#run({ scope: 'light', occasion: 'routine' });
      if (light.diagnosis.code === 'HEALTHY') return;
    }
    if (!this.#mayCost('full')) {
      if (!own || this.#lookGiven) {
        // That all is well again can be seen for less.
        if (this.#isFailing() && this.#mayCost('light')) await this.#run({ scope: 'light', occasion: 'routine' });
        return;
      }
      this.#lookGiven = true;
    }
    const canary = this.#failedUploads >= 2 && now - this.#lastCanaryAt >= canaryEveryMs && !this.#metered;
    await this.#run({ scope: 'full', canary, occasion: own ? 'upload-failed' : 'routine' });
  }

  #mayCost(scope: 'light' | 'full'): boolean {
    return !this.#metered || withinBudget(this.#metered, this.#bytes[scope]);
  }

  /** What a failed upload was answered often says it all; where it does not, looking finds a name. Never instead of a finding that was looked into. */
  async #judgeWithoutPackets(): Promise<void> {
    if (this.#isFailing()) return;
    const outcome = await runChecks(this.#environment, { scope: 'local', runId: randomUUID(), known: this.#history.known(this.#environment.clock.now()), signal: this.#stopped.signal });
    if (this.#stopped.signal.aborted || isGood(outcome.diagnosis) || outcome.diagnosis.code === 'INCONCLUSIVE') return;
    this.#settle(outcome, true);
  }

  #isFailing(): boolean {
    return this.#failuresInARow > 0 || (this.#shown.diagnosis !== undefined && !isGood(this.#shown.diagnosis));
  }

  /** As `nextCheckMs` counts failures: after the first good look what is still shown is to be cleared soon, or confirmed. */
  #closeLooks(): number {
    return this.#failuresInARow === 0 && this.#shown.goodRuns > 0 ? 1 : this.#failuresInARow;
  }

  async #run(options: { scope: 'light' | 'full'; canary?: boolean; occasion: Occasion; signal?: AbortSignal; onProgress?: (progress: RunProgress) => void }): Promise<RunOutcome> {
    const { clock } = this.#environment;
    const { occasion, signal, ...rest } = options;
    const outcome = await runChecks(this.#environment, {
      ...rest, runId: randomUUID(), known: this.#history.known(clock.now()),
      signal: signal ? AbortSignal.any([signal, this.#stopped.signal]) : this.#stopped.signal,
    });
    // A check that was broken off found nothing out.
    if (this.#stopped.signal.aborted || signal?.aborted) return outcome;
    this.#lastProbedAt = clock.monotonic();
    if (options.canary) this.#lastCanaryAt = clock.monotonic();
    if (!options.canary) this.#bytes[options.scope] = Math.max(outcome.bytes, 1);
    if (this.#metered) this.#metered.probes += outcome.bytes;
    this.#remember(() => this.#history.recordProbes(outcome.probes));
    // That nothing is found wrong does not explain to anybody why their upload failed.
    const atOnce = occasion === 'asked' || (occasion === 'upload-failed' && !isGood(outcome.diagnosis));
    // A light look that finds something is only the reason for a closer one.
    if (options.scope === 'full' || outcome.diagnosis.code === 'HEALTHY') this.#settle(outcome, atOnce);
    return outcome;
  }

  #settle(outcome: RunOutcome, atOnce: boolean): void {
    const { clock } = this.#environment;
    this.#failuresInARow = isGood(outcome.diagnosis) ? 0 : this.#failuresInARow + 1;
    this.#lastProbes = outcome.facts.probes.toSorted((one, other) => one.layer.localeCompare(other.layer));
    this.#checkedAt = clock.now();
    const { shown, change } = settle(this.#shown, { diagnosis: outcome.diagnosis, monotonic: clock.monotonic(), atOnce });
    this.#shown = shown;
    if (change) {
      this.#remember(() => this.#history.recordChange(change));
      this.#logger.info('diagnosis.changed', { from: change.from, to: change.to, severity: outcome.diagnosis.severity });
    }
    this.#tell('snapshot', this.snapshot());
  }

  /** A history that cannot be written (a full disk) must neither hide a diagnosis nor stop an upload that tells of itself. */
  #remember(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#logger.warn('diagnosis.history-not-written', { error: (error as NodeJS.ErrnoException).code ?? 'unknown' });
    }
  }

  #tell<K extends keyof MonitorListener>(kind: K, payload: Parameters<NonNullable<MonitorListener[K]>>[0]): void {
    for (const listener of this.#listeners) (listener[kind] as ((value: typeof payload) => void) | undefined)?.(payload);
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#busy.then(work);
    this.#busy = result.catch(() => undefined);
    return result;
  }
}

/** Whether the connection is as it should be. Overlays tell of something else, and only raise how a finding is shown. */
function isGood({ code, severity, overlays }: Diagnosis): boolean {
  const own = severity === 'warn' && overlays.length > 0 ? diagnosisSeverity[code] : severity;
  return own === 'ok' || own === 'info';
}
