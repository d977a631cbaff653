/**
 * @file One attempt at one upload: from its row to *completed*, or to a failure that says what to do next.
 *
 * [Note: Asking before repeating] Whenever a request may have been carried out although we saw it fail, the server is
 * asked what it has (`inspect`) before anything is sent again. That is what keeps a photo from being sent twice.
 */
import type { Failure } from '../../shared/domain/failure.ts';
import type { RemotePhoto, UploadEvent } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { DatabaseError } from '../queue/database-error.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { Accounts, UploadRecord } from '../queue/upload-store.ts';
import type { Random } from '../random.ts';
import type { AdaptiveSlots } from '../resilience/adaptive-slots.ts';
import { queueBackOffMs } from '../resilience/back-off.ts';
import { classify, type Step } from '../resilience/classify.ts';
import type { Spool } from '../spool/spool.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { mediaGivesUpMs } from '../transport/gateway-photo.ts';
import type { OnRepeated } from '../transport/gateway-client.ts';
import { IntegrityMismatch, type CallOptions, type RemoteSession, type SessionReport, type Transport } from '../transport/transport.ts';
import { leaveSession } from './leave-session.ts';
import { PartBodies } from './part-bodies.ts';
import { md5sOf, minPartBytes } from './part-plan.ts';
import { PartSender } from './part-sender.ts';
import { sentByNow } from './sent-by-now.ts';

export interface AttemptTools {
  transport: Transport;
  /** The one that knows a session, in force or not; `undefined` where its place can no longer be asked. */
  transportOf: (session: RemoteSession) => Transport | undefined;
  queue: UploadQueue;
  spool: Spool;
  slots: AdaptiveSlots;
  clock: Clock;
  random: Random;
  log: Logger;
  /** Accounts of other backends, whose patients are others even where their ids are the same. */
  elsewhere?: () => Accounts;
  /** Told of each request for this photo that failed and is made again within the attempt. */
  onRepeated?: OnRepeated;
  /** Told of body bytes under way that the server has not confirmed yet. */
  onUnconfirmed: (id: string, bytes: number) => void;
  /** The attempt is a trial; see [Note: the queue is held]. Told when something of it is stored. */
  trial?: { onStored(): void };
}

export type AttemptOutcome =
  | { name: 'completed'; bytes: number }
  /** `ours`: our own guards held it back. `elsewhere`: at the place where it was begun once, to which no other photo goes. */
  | { name: 'failed'; failure: Failure; ours: boolean; elsewhere: boolean }
  /** Paused, cancelled or stopped by us: nothing to report, the state was set by whoever did it. */
  | { name: 'interrupted' };

/** A failure found by the attempt itself, with nothing left to classify. */
class KnownFailure extends Error {
  override readonly name = 'KnownFailure';
  readonly failure: Failure;
  readonly retryAt: number | undefined;
  constructor(failure: Failure, retryAt?: number) { super(failure.code); this.failure = failure; this.retryAt = retryAt; }
}

/** Contract A after a 504: it may yet arrive, and sending again before this time could store it twice. */
const unsettled = (until: number): KnownFailure =>
  new KnownFailure({ code: 'gateway-timeout', disposition: 'wait', endpoint: 'gateway', ambiguous: true }, until);

/** Contract A: a newer photo of this patient is there already, which this one would replace. */
const superseded = (): KnownFailure =>
  new KnownFailure({ code: 'superseded', disposition: 'needsAttention', endpoint: 'local', ambiguous: false });

/** Sessions opened, or gone back to, in one attempt. A photo that needs more has another problem, which a pause may heal and haste does not. */
const mostRounds = 5;

/** All of a photo's parts are sent anew so often because the store's whole was not the photo; then a person is told. */
const mostSentAnew = 2;
const sentAnew = 'integrity-mismatch';

const sessionsKeepGoing = (): KnownFailure => new KnownFailure({ code: 'upload-gone', disposition: 'retry', endpoint: 'gateway', ambiguous: false });

/**
 * Runs one attempt. Whatever happens ends in a state of the upload.
 *
 * @throws DatabaseError and nothing else, where the state could not be written; the upload is then still under way in its row.
 */
export async function runAttempt(tools: AttemptTools, id: string, signal: AbortSignal): Promise<AttemptOutcome> {
  const { queue, clock, log } = tools;
  const before = queue.store.get(id);
  const started: UploadEvent = { at: clock.now(), kind: 'started' };
  const record = before && queue.apply(id, { type: 'start', now: started.at }, { tries: before.tries + 1, firstByteAt: before.firstByteAt ?? started.at }, tools.trial ? [] : [started]);
  if (!record) return { name: 'interrupted' };
  const attempt = new Attempt(tools, record, signal, tools.trial ? [started] : undefined);
  try {
    const photo = await attempt.run();
    const done = queue.apply(id, { type: 'verified', at: clock.now(), photo }, { failuresInARow: 0 }, [...attempt.untold(), { at: clock.now(), kind: 'completed' }]);
    if (!done) return { name: 'interrupted' };
    log.info('upload.completed', { upload: id, bytes: record.facts.sizeBytes, tries: record.tries });
    return { name: 'completed', bytes: record.facts.sizeBytes };
  } catch (error) {
    if (error instanceof DatabaseError) throw error;
    if (signal.aborted) return { name: 'interrupted' };
    return settleFailure(tools, id, error, attempt);
  } finally {
    await attempt.close();
    tools.onUnconfirmed(id, 0);
  }
}

/** Writes down what went wrong and when to try again. */
function settleFailure(tools: AttemptTools, id: string, error: unknown, attempt: Attempt): AttemptOutcome {
  const { queue, clock, random, log } = tools;
  const failure = error instanceof KnownFailure ? error.failure : classify(error, { step: attempt.step, now: clock.now() });
  const { elsewhere } = attempt;
  const ours = error instanceof AnswerError && error.ours;
  const record = queue.store.get(id);
  if (!record) return { name: 'interrupted' };
  const knownAt = error instanceof KnownFailure ? error.retryAt : undefined;
  // Every wait that the failure itself does not time lengthens the next one; a cause that is not this photo's burns no try.
  const asked = ours ? undefined : failure.retryAfterMs;
  const isTimed = knownAt !== undefined || asked !== undefined;
  const failuresInARow = record.failuresInARow + (failure.disposition === 'retry' || (failure.disposition === 'wait' && !isTimed) ? 1 : 0);
  const retryAt = knownAt ?? clock.now() + Math.ceil(asked ?? queueBackOffMs(Math.max(1, failuresInARow), random));
  const change = {
    failuresInARow,
    ...(failure.disposition === 'wait' || failure.disposition === 'signIn' ? { tries: Math.max(0, record.tries - 1) } : {}),
  };
  const failed: UploadEvent = { at: clock.now(), kind: 'failed', failure };
  if (!elsewhere && (ours || failure.code === 'circuit-open')) {
    // It holds everything, and comes again with every trial. What was told to have started is told why it stopped; a trial, nothing.
    queue.apply(id, { type: 'held' }, { tries: change.tries ?? record.tries }, attempt.isTold ? [failed] : []);
  } else {
    queue.apply(id, { type: 'failed', failure, retryAt }, change, [...attempt.untold(), failed]);
  }
  log.warn('upload.failed', { upload: id, code: failure.code, status: failure.httpStatus, disposition: failure.disposition, endpoint: failure.endpoint });
  if (failure.code === 'unknown') log.error('upload.unknown-failure', { upload: id, error: error instanceof Error ? error.name : typeof error });
  return { name: 'failed', failure, ours, elsewhere };
}

class Attempt {
  readonly #tools: AttemptTools;
  readonly #record: UploadRecord;
  readonly #signal: AbortSignal;
  readonly #bodies: PartBodies;
  readonly #calls: CallOptions;
  /** What is being asked of the server; the same answer means different things to different calls. */
  step: Step = 'open';
  /** It is asked where the upload was begun, which is no longer where photos go. */
  elsewhere = false;
  /** A trial's story, which is told only when something comes of it. */
  #untold: UploadEvent[] | undefined;

  constructor(tools: AttemptTools, record: UploadRecord, signal: AbortSignal, untold: UploadEvent[] | undefined) {
    this.#tools = tools;
    this.#record = record;
    this.#signal = signal;
    this.#untold = untold;
    this.#bodies = new PartBodies(tools.spool, record.facts);
    this.#calls = { signal, onRepeated: tools.onRepeated };
  }

  async run(): Promise<RemotePhoto> {
    const { transport } = this.#tools;
    if (transport.ordering === 'per-patient') this.#keepOrder();
    let report = await this.#find();
    // A proxy's smaller limit is met by halving, a session lost on the way by a new one, other bytes at the store by sending all again.
    for (let round = 1; ; round += 1) {
      if (report.name === 'completed') return this.#verify(report.session, report.photo);
      if (report.name === 'unsettled') throw unsettled(report.until);
      if (report.name === 'gone') {
        if (round >= mostRounds) throw sessionsKeepGoing();
        report = await this.#open();
        continue;
      }
      try {
        return await this.#send(report.session, report.parts);
      } catch (error) {
        const again = round < mostRounds ? await this.#recover(error, report.session) : undefined;
        if (!again) throw error;
        report = again;
      }
    }
  }

  close(): Promise<void> {
    return this.#bodies.close();
  }

  get isTold(): boolean {
    return this.#untold === undefined;
  }

  /** @returns what is to be told with the line that comes next; from then on every line is told as it comes */
  untold(): readonly UploadEvent[] {
    const lines = this.#untold ?? [];
    this.#untold = undefined;
    return lines;
  }

  /** A line that may have to wait for whether something comes of the trial. */
  #line(kind: UploadEvent['kind'], detail?: string): readonly UploadEvent[] {
    const line: UploadEvent = { at: this.#tools.clock.now(), kind, ...(detail ? { detail } : {}) };
    return this.#untold ? (this.#untold.push(line), []) : [line];
  }

  #stored(): void {
    if (!this.#tools.trial) return;
    if (!this.isTold) this.#tools.queue.note(this.#facts.id, {}, this.untold());
    this.#tools.trial.onStored();
  }

  get #facts() { return this.#record.facts; }

  /**
   * A patient has one photo, whoever sends it: this one must replace no newer one, and no older one may arrive after it. The queue sees
   * to that among those that are sent together; here it is the others that count, sealed for another person or cancelled on their way.
   */
  #keepOrder(): void {
    const { queue, clock, elsewhere } = this.#tools;
    const except = elsewhere?.() ?? [];
    if (queue.store.hasNewerSent(this.#record, except)) throw superseded();
    const now = clock.now();
    const until = Math.max(0, ...queue.store.olderOnTheirWay(this.#record, except).map((older) => (sentByNow(queue, clock, older)?.sentAt ?? 0) + mediaGivesUpMs));
    if (until > now) throw unsettled(until);
  }

  /** What the server has of it: the session in the row if there is one, else a new one. */
  async #find(): Promise<SessionReport> {
    const { transport, queue, clock } = this.#tools;
    const remote = sentByNow(queue, clock, this.#record);
    if (!remote) return this.#open();
    this.step = 'inspect';
    // One that was opened at a former address of a backend that has moved goes on.
    if (!isOf(transport, remote) && this.#tools.transportOf(remote) !== transport) return this.#leave(remote);
    const report = await transport.inspect(this.#facts, remote, this.#calls);
    this.#tell('resumed', report.name === 'open' ? `${report.parts.length}` : report.name);
    if (report.name === 'gone') this.#forget();
    return report;
  }

  /** See [Note: another way to the store]. */
  async #leave(session: RemoteSession): Promise<SessionReport> {
    const former = this.#tools.transportOf(session);
    if (former) {
      this.elsewhere = true;
      const report = await leaveSession(former, { facts: this.#facts, session, sent: this.#tools.queue.store.parts(this.#facts.id) }, this.#tools.clock.now(), this.#signal);
      this.#tell('asked', report.name);
      if (report.name !== 'gone') return report;
      this.elsewhere = false;
    }
    this.#forget();
    return this.#open();
  }

  async #open(): Promise<SessionReport> {
    this.step = 'open';
    const refusedAbove = this.#tools.queue.store.get(this.#facts.id)?.maxPartBytes;
    // What a death cuts is sent again from its part's beginning: where one is likely, parts are as small as stores allow.
    const maxPartBytes = this.#tools.slots.careful ? Math.min(minPartBytes, refusedAbove ?? Infinity) : refusedAbove;
    const report = await this.#tools.transport.open(this.#facts, { ...this.#calls, ...(maxPartBytes ? { maxPartBytes } : {}) });
    if (report.name === 'open') this.#tell('session-opened');
    return report;
  }

  #forget(detail?: string): void {
    this.#tools.queue.store.replaceParts(this.#facts.id, []);
    this.#tools.queue.note(this.#facts.id, { remote: null }, this.#line('restarted', detail));
  }

  async #send(session: RemoteSession, stored: Extract<SessionReport, { name: 'open' }>['parts']): Promise<RemotePhoto> {
    const { queue, transport, clock } = this.#tools;
    const id = this.#facts.id;
    await this.#bodies.open();
    this.step = 'part';
    const sender = new PartSender(this.#tools, this.#facts, session, this.#bodies, this.#signal, () => this.#stored());
    const kept = await sender.reconcile(stored, queue.store.parts(id));
    // Contract A cannot tell a body that is on its way from one that never left: the time of sending is committed first.
    const committed = transport.ordering === 'per-patient' ? { ...session, sentAt: clock.now() } : session;
    queue.store.replaceParts(id, kept);
    queue.note(id, { remote: committed });
    const parts = await sender.sendMissing(kept);
    this.step = 'complete';
    queue.apply(id, { type: 'all-parts-stored' }, {}, this.#line('completing'));
    return this.#verify(session, await transport.complete(this.#facts, session, parts, this.#calls));
  }

  async #verify(session: RemoteSession, photo: RemotePhoto): Promise<RemotePhoto> {
    this.step = 'verify';
    const { transport, transportOf } = this.#tools;
    const knowing = isOf(transport, session) ? transport : transportOf(session) ?? transport;
    const partMd5s = async (partBytes: number): Promise<readonly string[] | undefined> =>
      md5sOf(this.#tools.queue.store.parts(this.#facts.id), this.#facts.sizeBytes, partBytes) ?? await this.#bodies.md5s(partBytes);
    await knowing.verify(this.#facts, session, photo, { ...this.#calls, partMd5s });
    return photo;
  }

  /** See [Note: Asking before repeating]. @returns what to go on from, or nothing where the failure stands */
  async #recover(error: unknown, session: RemoteSession): Promise<SessionReport | undefined> {
    if (this.#signal.aborted) return undefined;
    const { transport, queue, clock } = this.#tools;
    const failure = classify(error, { step: this.step, now: clock.now() });
    const wasTaken = this.step !== 'part' || error instanceof IntegrityMismatch;
    if (transport.ordering === 'per-patient' && !wasTaken && !failure.ambiguous) {
      // It surely did not arrive, so nobody has to wait for it. Once it was taken, what fails is only the looking.
      const { sentAt: _, ...unsent } = session;
      queue.note(this.#facts.id, { remote: unsent });
    }
    if (failure.code === 'upload-gone') { this.#forget(); return this.#open(); }
    if (this.step === 'complete' && failure.code === 'integrity-mismatch') return this.#sendAnew(session, failure);
    if (failure.code === 'too-large' && session.partBytes > minPartBytes && this.#facts.sizeBytes > minPartBytes) {
      // Some proxy on the way refuses bodies of this size: the same photo again in smaller parts.
      const smaller = Math.max(minPartBytes, Math.floor(session.partBytes / 2));
      const ended = await transport.abort(this.#facts, session, this.#calls);
      if (ended.name !== 'aborted') return ended.name === 'completed' ? { ...ended, session } : ended;
      queue.note(this.#facts.id, { maxPartBytes: smaller });
      this.#forget();
      return this.#open();
    }
    if (error instanceof IntegrityMismatch || !failure.ambiguous) return undefined;
    this.#tell('asked', failure.code);
    const report = await transport.inspect(this.#facts, queue.store.get(this.#facts.id)?.remote ?? session, this.#calls);
    // Still open: it did not arrive, and the failure decides when to go on.
    return report.name === 'open' ? undefined : report;
  }

  /**
   * The store accepted every part, and the whole is not the photo: a disk there has changed a bit, or a part is another's. Completing the
   * same parts again would fail the same way for ever, so they go, and all are sent again. How often that was is read from the photo's story.
   */
  async #sendAnew(session: RemoteSession, failure: Failure): Promise<SessionReport> {
    const { transport, queue } = this.#tools;
    const story = queue.store.story(this.#facts.id);
    const sinceAsked = story.slice(story.findLastIndex(({ kind }) => kind === 'retried-by-person') + 1);
    const times = sinceAsked.filter(({ kind, detail }) => kind === 'restarted' && detail === sentAnew).length;
    if (times >= mostSentAnew) throw new KnownFailure({ ...failure, disposition: 'needsAttention' });
    const ended = await transport.abort(this.#facts, session, this.#calls);
    if (ended.name !== 'aborted') return ended.name === 'completed' ? { ...ended, session } : ended;
    queue.apply(this.#facts.id, { type: 'parts-refused' });
    this.#forget(sentAnew);
    return this.#open();
  }

  #tell(kind: 'resumed' | 'session-opened' | 'asked', detail?: string): void {
    this.#tools.queue.note(this.#facts.id, {}, this.#line(kind, detail));
  }
}

function isOf(transport: Transport, session: RemoteSession): boolean {
  return session.transport === transport.name && session.at === transport.at;
}
