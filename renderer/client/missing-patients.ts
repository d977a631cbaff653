import type { AppClient } from '../../shared/app-contract.ts';
import { createStore, type Store } from './store.ts';

/**
 * Which of the patients whose photos are shown are no longer on the person's list. Asked once of each, since the rows of
 * the queue carry a patient's name and nothing else of them.
 */
export class MissingPatients {
  readonly #client: Pick<AppClient, 'searchPatients'>;
  readonly #asked = new Set<string>();
  readonly store: Store<ReadonlySet<string>> = createStore<ReadonlySet<string>>(new Set());

  constructor(client: Pick<AppClient, 'searchPatients'>) {
    this.#client = client;
  }

  /** Finds out about a patient, unless that was done. */
  look(patientId: string): void {
    if (this.#asked.has(patientId)) return;
    this.#asked.add(patientId);
    this.#client.searchPatients({ text: patientId, limit: 1 }).then(({ patients }) => {
      const found = patients.find(({ id }) => id === patientId);
      if (found?.missing) this.store.update((missing) => new Set([...missing, patientId]));
    }, () => {
      this.#asked.delete(patientId);
    });
  }

  /** The list may have changed, or belong to somebody else. */
  clear(): void {
    this.#asked.clear();
    this.store.set(new Set());
  }
}
