/**
 * @file What becomes of an upload whose sealed copy has rotted or vanished, when the same bytes turn up again.
 *
 * [Note: the same bytes again] A photo that is told to be there already is deleted from its card on the strength of it. So that is
 * said only of a row whose photo has arrived or whose copy has been read to its last byte just now; any other row gets the new copy. It keeps
 * its id, by which the server knows it: where it has arrived after all, it is not sent twice. The new copy has reached the disk under its own
 * id before the row's is touched, and goes only when the row's is whole, so that at every moment one of them can be read: cut short in between,
 * the next start finds it without a row and does the rest.
 */
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { UploadRecord } from '../queue/upload-store.ts';
import { isWholeCopy, sealAgainAs } from '../spool/whole-copy.ts';
import type { Spool } from '../spool/spool.ts';
import { isUnfinished } from './transition.ts';

export interface RenewTools {
  queue: UploadQueue;
  spool: Spool;
  clock: Clock;
}

export type TwinOutcome =
  /** It has all that it needs: the new copy is not. */
  | { name: 'duplicate' }
  /** It has the bytes (again), and goes on. */
  | { name: 'renewed' }
  /** A person cancelled it meanwhile: the new copy is all there is. */
  | { name: 'cancelled' };

/**
 * Sees to it that a row of the same bytes has them.
 *
 * @param copy an entry of the spool with these bytes, or what makes one and names it
 * @throws SpoolError, DatabaseError
 */
export async function satisfyTwin(tools: RenewTools, { facts, state }: UploadRecord, copy: () => Promise<PhotoFacts['id']>): Promise<TwinOutcome> {
  const { queue, spool, clock } = tools;
  if (!isUnfinished(state)) return { name: 'duplicate' };
  const isWhole = await isWholeCopy(spool, facts);
  const stateNow = (): UploadRecord['state'] => queue.store.get(facts.id)?.state ?? { name: 'cancelled' };
  if (!isWhole && isUnfinished(stateNow())) await sealAgainAs(spool, await copy(), facts);
  const now = stateNow();
  if (!isUnfinished(now)) return { name: now.name === 'cancelled' ? 'cancelled' : 'duplicate' };
  const goesOn = queue.apply(facts.id, { type: 'copy-renewed' }, { failuresInARow: 0 }, [{ at: clock.now(), kind: 'copy-renewed' }]);
  return { name: goesOn || !isWhole ? 'renewed' : 'duplicate' };
}
