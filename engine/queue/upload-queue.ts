import type { UploadEvent } from '../../shared/domain/upload.ts';
import { heldBy, transition, type UploadInput, type WakeCause } from '../upload/transition.ts';
import type { UploadChange, UploadRecord, UploadStore, Woken } from './upload-store.ts';

export type QueueListener = (id: string) => void;

/** The one door through which an upload's state changes: the pure transition decides, the store commits, listeners are told. */
export class UploadQueue {
  readonly store: UploadStore;
  readonly #listeners = new Set<QueueListener>();

  constructor(store: UploadStore) {
    this.store = store;
  }

  /**
   * @param change further facts to commit in the same transaction
   * @returns the record as committed, or `undefined` where the state refuses the event or the upload is unknown
   */
  apply(id: string, input: UploadInput, change: UploadChange = {}, events: readonly UploadEvent[] = []): UploadRecord | undefined {
    const record = this.store.get(id);
    const state = record && transition(record.state, input);
    if (!state) return undefined;
    const updated = this.store.commit(id, { ...change, state }, events);
    this.changed(id);
    return updated;
  }

  /** Commits facts that leave the state as it is. */
  note(id: string, change: UploadChange, events: readonly UploadEvent[] = []): UploadRecord {
    const updated = this.store.commit(id, change, events);
    this.changed(id);
    return updated;
  }

  /** Applies one event to each of several uploads; those whose state refuses it stay as they are. @returns how many changed */
  applyToAll(ids: readonly string[], input: UploadInput, event: UploadEvent): number {
    let count = 0;
    for (const id of ids) if (this.apply(id, input, {}, [event])) count += 1;
    return count;
  }

  /**
   * Some of what the cause held up starts again, oldest first.
   * @param at ms since the epoch
   * @param after `next` of the call before
   */
  wakeSome(cause: WakeCause, at: number, after?: number): Woken {
    const woken = this.store.wakeHeld(heldBy(cause), { at, kind: 'woken', detail: cause }, after);
    for (const id of woken.ids) this.changed(id);
    return woken;
  }

  changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  /** @returns a function that stops listening. */
  onChange(listener: QueueListener): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
