/**
 * @file What must happen around attempts: after a start, after completion, after a cancel. Everything here may be cut
 * short at any point and is made good at the next start.
 */
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { DatabaseError } from '../queue/database-error.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { Accounts, UploadRecord } from '../queue/upload-store.ts';
import { SpoolError, type Spool } from '../spool/spool.ts';
import type { RemoteSession, Transport } from '../transport/transport.ts';

export interface HousekeepingTools {
  queue: UploadQueue;
  spool: Spool;
  clock: Clock;
  log: Logger;
  /** Whose uploads may be taken back at the server with the tokens that are at hand. */
  accounts: () => Accounts;
  transport: () => Transport | undefined;
  /** Whose a sealed photo is, by the account in its own facts: an earlier version noted a bare id there. */
  ownerOf?: (accountId: string) => string;
  /** The one that knows a session, in force or not. */
  transportOf: (session: RemoteSession) => Transport | undefined;
}

/** How long finished uploads gather before their sealed copies are destroyed together, after one flush of the disk. */
const gatherMs = 1_000;

/** Sealed copies whose facts are read at the same time. */
const readAtOnce = 32;

/** How long until what could not be taken back at the server is tried again. */
const abortAgainMs = 60_000;

export class Housekeeping {
  readonly #tools: HousekeepingTools;
  readonly #finished = new Set<string>();
  readonly #stop = new AbortController();
  #gathering: Promise<void> | undefined;
  #aborting: Promise<void> | undefined;

  constructor(tools: HousekeepingTools) {
    this.#tools = tools;
  }

  /**
   * Uploads that a dead process left under way go on; sealed copies without a row come back into the queue.
   *
   * @returns how many uploads were under way when the process before this one died; 0 after a clean end
   */
  async recover(): Promise<number> {
    const { queue, spool, clock, log } = this.#tools;
    const underWay = queue.store.idsInState(['uploading', 'completing']);
    queue.applyToAll(underWay, { type: 'process-ended' }, { at: clock.now(), kind: 'resumed' });
    const partial = await spool.removePartial();
    const orphans: string[] = [];
    for (const entry of await spool.list()) {
      if (entry.kind === 'partial') continue;
      const record = queue.store.get(entry.id);
      if (!record) orphans.push(entry.id);
      else if (record.state.name === 'completed' || record.state.name === 'cancelled') this.#finished.add(entry.id);
    }
    const adopted = await this.#adoptAll(orphans);
    if (underWay.length + partial + orphans.length > 0) log.info('queue.recovered', { resumed: underWay.length, partial, adopted, orphans: orphans.length });
    if (this.#finished.size > 0) this.#gather();
    return underWay.length;
  }

  /** The sealed copy of a completed or cancelled upload is no longer needed. */
  finished(id: string): void {
    this.#finished.add(id);
    this.#gather();
  }

  /** Takes back at the server what was cancelled here; what turns out to have arrived is called completed. */
  abortCancelled(): void {
    this.#aborting ??= this.#abortAll().finally(() => { this.#aborting = undefined; this.#abortLater(); });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#gathering;
    await this.#aborting;
    await this.#removeFinished();
  }

  /**
   * Sealed copies without a row: the process died before the row was written (nobody was told that it is safe, yet here it
   * is), or the database was lost. Into the queue at once, in the order in which they were added, since the queue's order
   * is what keeps an older photo from following a newer one.
   *
   * @returns how many
   */
  async #adoptAll(ids: readonly string[]): Promise<number> {
    const known: PhotoFacts[] = [];
    for (let start = 0; start < ids.length; start += readAtOnce) {
      const read = await Promise.all(ids.slice(start, start + readAtOnce).map((id) => this.#factsOf(id)));
      known.push(...read.filter((facts) => facts !== undefined));
    }
    let adopted = 0;
    for (const facts of known.sort((a, b) => a.addedAt - b.addedAt)) adopted += await this.#adopt(facts) ? 1 : 0;
    return adopted;
  }

  async #factsOf(id: string): Promise<PhotoFacts | undefined> {
    const { spool, log } = this.#tools;
    try {
      const reader = await spool.open(id);
      await reader.close();
      const { facts } = reader;
      return { ...facts, accountId: this.#tools.ownerOf?.(facts.accountId) ?? facts.accountId };
    } catch (error) {
      // It stays where it is: `recover` may still read it, and it may have been sealed under another key.
      log.warn('spool.unreadable-orphan', { reason: error instanceof SpoolError ? error.reason : 'unknown' });
      return undefined;
    }
  }

  async #adopt(facts: PhotoFacts): Promise<boolean> {
    const { queue, spool, clock, log } = this.#tools;
    try {
      if (queue.store.findDuplicate([facts.accountId], facts.patientId, facts.sha256)) {
        await spool.remove(facts.id);
        return false;
      }
      queue.store.insert(facts, 'normal', clock.now());
      queue.changed(facts.id);
      return true;
    } catch (error) {
      // It stays where it is, and its turn comes at the next start.
      log.error('spool.orphan-not-adopted', { reason: error instanceof SpoolError || error instanceof DatabaseError ? error.reason : 'unknown' });
      return false;
    }
  }

  #gather(): void {
    if (this.#stop.signal.aborted) return;
    this.#gathering ??= this.#tools.clock.sleep(gatherMs, this.#stop.signal).then(async () => {
      this.#gathering = undefined;
      if (!this.#stop.signal.aborted) await this.#removeFinished();
    });
  }

  async #removeFinished(): Promise<void> {
    if (this.#finished.size === 0) return;
    const ids = [...this.#finished];
    const { queue, spool, log } = this.#tools;
    try {
      // Once the copy is gone the row is all there is: it must have reached the disk.
      queue.store.makeDurable();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      // They are gathered again with the next one that is finished, or at the next start.
      log.error('database.trouble', { reason: error.reason });
      return;
    }
    for (const id of ids) this.#finished.delete(id);
    for (const id of ids) {
      await spool.remove(id).catch((error: unknown) => {
        log.warn('spool.not-removed', { reason: error instanceof SpoolError ? error.reason : 'unknown' });
      });
    }
  }

  /** Without a session in the row one may have been opened whose answer was lost: opening again finds it, or makes one to end. */
  async #abortOne(transport: Transport, { facts, remote }: UploadRecord): ReturnType<Transport['abort']> {
    const options = { signal: this.#stop.signal };
    if (remote) return transport.abort(facts, remote, options);
    const report = await transport.open(facts, options);
    if (report.name === 'completed') return { name: 'completed', photo: report.photo };
    return report.name === 'open' ? transport.abort(facts, report.session, options) : { name: 'aborted' };
  }

  #abortLater(): void {
    if (this.#stop.signal.aborted || this.#tools.queue.store.idsToAbort(this.#tools.accounts()).length === 0) return;
    void this.#tools.clock.sleep(abortAgainMs, this.#stop.signal).then(() => { if (!this.#stop.signal.aborted) this.abortCancelled(); });
  }

  async #abortAll(): Promise<void> {
    const { queue, clock, log } = this.#tools;
    for (const id of queue.store.idsToAbort(this.#tools.accounts())) {
      if (this.#stop.signal.aborted) return;
      const record = queue.store.get(id);
      const transport = record?.remote ? this.#tools.transportOf(record.remote) : this.#tools.transport();
      // Somebody else may have signed in since.
      if (!record || !transport || !this.#tools.accounts().includes(record.facts.accountId)) continue;
      try {
        const ended = await this.#abortOne(transport, record);
        if (ended.name === 'completed') {
          queue.apply(id, { type: 'verified', at: clock.now(), photo: ended.photo }, { remoteToAbort: false }, [{ at: clock.now(), kind: 'completed' }]);
        } else {
          queue.note(id, { remoteToAbort: false });
        }
      } catch {
        // Tried again in a while; the store drops unfinished uploads after 30 days anyway.
        log.debug('upload.abort-postponed', { upload: id });
      }
    }
  }
}
