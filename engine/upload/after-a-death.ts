import type { KeyValueStore } from '../queue/upload-store.ts';
import type { AdaptiveSlots } from '../resilience/adaptive-slots.ts';

const key = 'uploads.after-a-death';

/**
 * Remembers that a process died at its work, until a later one has got a few photos through or has ended cleanly. The rows
 * of the queue alone would not do: a process that dies before it has sent anything leaves none under way behind.
 */
export class AfterADeath {
  readonly #keyValues: KeyValueStore;
  readonly #slots: AdaptiveSlots;
  #known = false;

  constructor(keyValues: KeyValueStore, slots: AdaptiveSlots) {
    this.#keyValues = keyValues;
    this.#slots = slots;
  }

  /** @param resumed uploads that were under way when the process before this one died */
  begin(resumed: number): void {
    if (resumed > 0) this.#keyValues.set(key, 'true');
    this.#known = this.#keyValues.get(key) !== undefined;
    if (this.#known) this.#slots.startCarefully();
  }

  /** A photo has arrived. */
  progressed(): void {
    if (!this.#slots.careful) this.forget();
  }

  /** It is over, or this process ends as it should. */
  forget(): void {
    if (!this.#known) return;
    this.#known = false;
    try {
      this.#keyValues.delete(key);
    } catch {
      // On a disk that is full, say. The next process is careful once more, which costs next to nothing.
    }
  }
}
