/**
 * @file Takes back at the server what was cancelled here, until it is known to be gone or to have arrived after all. Cut short at any point,
 * it goes on at the next start: what is still to be taken back stands in the rows.
 */
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { DatabaseError } from '../queue/database-error.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { Accounts, UploadRecord } from '../queue/upload-store.ts';
import { classify } from '../resilience/classify.ts';
import type { AbortOutcome, RemoteSession, Transport } from '../transport/transport.ts';
import { sentByNow } from './sent-by-now.ts';

export interface TakeBackTools {
  queue: UploadQueue;
  clock: Clock;
  log: Logger;
  /** Whose uploads may be taken back at the server with the tokens that are at hand. */
  accounts: () => Accounts;
  transport: () => Transport | undefined;
  /** The one that knows a session, in force or not. */
  transportOf: (session: RemoteSession) => Transport | undefined;
}

/** How long until what could not be taken back is tried again: this, doubled each time that nothing came of it. */
const againMs = 60_000;
const mostAgainMs = 15 * 60_000;

export class TakeBack {
  readonly #tools: TakeBackTools;
  readonly #stop = new AbortController();
  #underWay: Promise<void> | undefined;
  /** There is one timer at most, however many ask. */
  #timer: AbortController | undefined;
  #askedAgain = false;
  #inVain = 0;

  constructor(tools: TakeBackTools) {
    this.#tools = tools;
  }

  /** Now; what is cancelled while it is at it comes right after. */
  begin(): void {
    if (this.#stop.signal.aborted) return;
    this.#timer?.abort();
    this.#askedAgain = this.#underWay !== undefined;
    this.#underWay ??= this.#takeAllBack().catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error;
      this.#tools.log.error('database.trouble', { reason: error.reason });
      return againMs;
    }).then((wait) => {
      this.#underWay = undefined;
      if (this.#askedAgain) this.begin();
      else if (wait !== undefined) this.#beginIn(wait);
    });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#underWay;
  }

  #beginIn(ms: number): void {
    const timer = this.#timer = new AbortController();
    void this.#tools.clock.sleep(ms, AbortSignal.any([timer.signal, this.#stop.signal])).then(() => { if (!timer.signal.aborted) this.begin(); });
  }

  /** @returns how long until it is to be tried again; undefined where nothing is left to be taken back */
  async #takeAllBack(): Promise<number | undefined> {
    const { queue, clock, accounts } = this.#tools;
    const outcomes: (AbortOutcome | { name: 'failed' })[] = [];
    for (const id of queue.store.idsToAbort(accounts())) {
      const record = queue.store.get(id);
      if (this.#stop.signal.aborted) return undefined;
      // Somebody else may have signed in since.
      if (record && accounts().includes(record.facts.accountId)) outcomes.push(await this.#takeOneBack(record));
    }
    const failed = outcomes.some(({ name }) => name === 'failed');
    const settled = outcomes.some(({ name }) => name === 'aborted' || name === 'completed');
    this.#inVain = failed ? (settled ? 1 : this.#inVain + 1) : 0;
    const waits = outcomes.flatMap((outcome) => (outcome.name === 'unsettled' ? [Math.max(1_000, outcome.until - clock.now())] : []));
    if (failed) waits.push(againMs * 2 ** (this.#inVain - 1));
    return waits.length === 0 ? undefined : Math.min(mostAgainMs, ...waits);
  }

  async #takeOneBack(record: UploadRecord): Promise<AbortOutcome | { name: 'failed' }> {
    const { queue, clock, log } = this.#tools;
    const { facts: { id } } = record;
    const remote = sentByNow(queue, clock, record);
    try {
      const transport = remote ? this.#tools.transportOf(remote) : this.#tools.transport();
      if (!transport) return { name: 'failed' };
      const outcome = await this.#ask(transport, { ...record, remote });
      if (outcome.name === 'completed') {
        queue.apply(id, { type: 'verified', at: clock.now(), photo: outcome.photo }, { remoteToAbort: false }, [{ at: clock.now(), kind: 'completed' }]);
      } else if (outcome.name === 'aborted') {
        // It surely does not arrive any more, so the patient's other photos have nothing to wait for, and nothing to be held back by.
        const { sentAt, ...unsent } = remote ?? {};
        queue.note(id, { remoteToAbort: false, ...(sentAt === undefined ? {} : { remote: unsent as RemoteSession }) });
      }
      return outcome;
    } catch {
      // The store drops unfinished uploads after 30 days anyway.
      log.debug('upload.abort-postponed', { upload: id });
      return { name: 'failed' };
    }
  }

  /** Without a session in the row one may have been opened whose answer was lost: opening again finds it, or makes one to end. */
  async #ask(transport: Transport, { facts, remote }: UploadRecord): Promise<AbortOutcome> {
    const options = { signal: this.#stop.signal };
    if (remote) return transport.abort(facts, remote, options);
    try {
      const report = await transport.open(facts, options);
      if (report.name === 'open') return await transport.abort(facts, report.session, options);
      return report.name === 'gone' ? { name: 'aborted' } : report;
    } catch (error) {
      const { code, disposition, endpoint } = classify(error, { step: 'open' });
      // A photo that the gateway refuses, such as one of a patient whom it does not know, has no session there, and never had one.
      if (disposition === 'needsAttention' && endpoint === 'gateway' && code !== 'unknown') return { name: 'aborted' };
      throw error;
    }
  }
}
