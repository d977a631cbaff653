/**
 * @file What to do about an upload that was begun on another way to the store than the one in force: another contract, or
 * own keys that came or went.
 *
 * [Note: another way to the store] A photo may be stored there although we never heard of it (the answer to *complete*
 * was lost), so the former way is asked first, and what it has counts as sent. What it does not have is taken back there and begun anew.
 * Where the former way does not answer (it is out of reach, or the gateway no longer speaks the contract), a photo of which
 * every byte had been sent may be complete: it waits until it can be asked, for at most an hour after it was begun there
 * (on contract A the patient's later photos wait behind it).
 * Any other is begun anew at once, and what is left of it there ends by itself. Where it can no longer be asked (own
 * keys removed, keys that are no longer taken) or the hour is over, the photo is begun anew: it may then lie twice, at two places, which is better than at none.
 */
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import { classify } from '../resilience/classify.ts';
import type { RemoteSession, SessionReport, StoredPart, Transport } from '../transport/transport.ts';
import { md5sOf } from './part-plan.ts';

/** How long a photo waits for a former way that may have it. */
const waitsMs = 3_600_000;

/** A photo and what was done for it on a way that is no longer in force. */
export interface Begun {
  facts: PhotoFacts;
  session: RemoteSession;
  /** Parts that were confirmed there. */
  sent: readonly StoredPart[];
}

/** @param now ms since the epoch @returns what it is there now: never `open`. @throws where it could not be asked, and may be complete; see the note */
export async function leaveSession(former: Transport, { facts, session, sent }: Begun, now: number, signal: AbortSignal): Promise<Exclude<SessionReport, { name: 'open' }>> {
  try {
    const report = await former.inspect(facts, session, { signal });
    if (report.name !== 'open') return report;
    const ended = await former.abort(facts, session, { signal });
    if (ended.name === 'aborted') return { name: 'gone' };
    return ended.name === 'completed' ? { ...ended, session } : ended;
  } catch (error) {
    const { code, disposition } = classify(error, { step: 'inspect' });
    if (code === 'unknown' || signal.aborted) throw error;
    // A clock that was put right since must not make the hour a year.
    const waits = disposition !== 'needsAttention' && Math.abs(now - session.openedAt) < waitsMs;
    if (waits && mayBeComplete(facts, session, sent)) throw error;
    return { name: 'gone' };
  }
}

function mayBeComplete({ sizeBytes }: PhotoFacts, { transport, partBytes, sentAt }: RemoteSession, sent: readonly StoredPart[]): boolean {
  switch (transport) {
    case 'gateway-photo': return sentAt !== undefined;
    // One PUT is all there is to it, and nobody writes down that it was begun.
    case 'own-keys': return sizeBytes <= partBytes || isWhole(sent, sizeBytes);
    case 'upload-sessions': return isWhole(sent, sizeBytes);
  }
}

function isWhole(parts: readonly StoredPart[], sizeBytes: number): boolean {
  return parts.reduce((sum, part) => sum + part.sizeBytes, 0) === sizeBytes;
}

interface LeaveTools {
  queue: UploadQueue;
  clock: Clock;
  /** It is there after all. */
  onCompleted: (id: string) => void;
}

/** Own keys are about to go, and with them all that can be asked there. Longer than this nobody is kept waiting. */
const settleMs = 10_000;

/**
 * Leaves every upload that was begun at a place, while it can still be asked; what does not answer in time is left to the
 * uploads themselves. Nothing of them may be under way.
 */
export async function leaveAll(tools: LeaveTools & { closing: AbortSignal }, former: Transport): Promise<void> {
  const { queue, clock } = tools;
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, tools.closing]);
  void clock.sleep(settleMs, signal).then(() => over.abort());
  const begun = queue.store.idsInState(['queued', 'waiting', 'paused', 'blocked', 'needsAttention'])
    .flatMap((id) => queue.store.get(id) ?? [])
    .filter(({ remote }) => remote?.transport === former.name && remote.at === former.at);
  try {
    for (const record of begun) if (!signal.aborted) await leaveOne(tools, former, record, signal);
  } finally {
    over.abort();
  }
}

async function leaveOne({ queue, clock, onCompleted }: LeaveTools, former: Transport, record: UploadRecord, signal: AbortSignal): Promise<void> {
  const { facts: { id }, facts, remote, state } = record;
  if (!remote) return;
  try {
    const report = await leaveSession(former, { facts, session: remote, sent: queue.store.parts(id) }, clock.now(), signal);
    if (report.name === 'unsettled') return;
    if (report.name === 'gone') {
      queue.note(id, { remote: null }, [{ at: clock.now(), kind: 'restarted' }]);
      return;
    }
    const partMd5s = async (partBytes: number): Promise<readonly string[] | undefined> => md5sOf(queue.store.parts(id), facts.sizeBytes, partBytes);
    await former.verify(facts, report.session, report.photo, { signal, partMd5s });
    // Whatever held it up no longer matters: it is there.
    if (state.name !== 'queued') queue.apply(id, { type: state.name === 'paused' ? 'resume' : 'retry' });
    queue.apply(id, { type: 'start', now: clock.now() });
    if (queue.apply(id, { type: 'verified', at: clock.now(), photo: report.photo }, { failuresInARow: 0 }, [{ at: clock.now(), kind: 'completed' }])) onCompleted(id);
  } catch (error) {
    if (classify(error).code === 'unknown') throw error;
  }
}
