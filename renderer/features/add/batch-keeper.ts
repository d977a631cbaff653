import type { Patient } from '../../../shared/domain/account.ts';
import type { IngestOutcome } from '../../../shared/domain/ingest.ts';
import { type RelevoClient, shownTo } from '../../client/relevo-client.ts';
import { withCallBegun, withCallEnded } from '../../client/saving.ts';
import { createStore, type Store } from '../../client/store.ts';
import { type Batch, newBatch, summarise, withAnswer, withInterruption, withProgress } from './batch.ts';
import { countOf, type Intake } from './intake.ts';
import { ThumbnailMaker } from './thumbnail-maker.ts';

/** Of those that are finished; the queue remembers the rest. */
const keptBatches = 6;

/** Hands photos to the engine and remembers what became of them, whichever screen is shown. */
export class BatchKeeper {
  /** Newest first. */
  readonly batches: Store<readonly Batch[]> = createStore<readonly Batch[]>([]);
  readonly #client: RelevoClient;
  readonly #maker = new ThumbnailMaker();
  /** To draw from, and to add again, by batch. */
  readonly #intakes = new Map<string, Intake>();
  readonly #pictured = new Set<string>();
  readonly #stopListening: () => void;
  /** Whose window this is; by the time that something is lost it may be somebody else's. */
  readonly #whose: string | undefined;
  #closed = false;

  constructor(client: RelevoClient) {
    this.#client = client;
    this.#whose = shownTo(client.account.get());
    this.#stopListening = client.on('ingest', (progress) => {
      const batch = this.batches.get().find(({ calls }) => progress.batchId in calls);
      if (!batch) return;
      this.#change(batch.id, (known) => withProgress(known, progress));
      this.#picture(batch.id, progress.outcomes);
    });
  }

  /** Forgets what it knows of patients and photos. What was handed over goes on; pasted pictures are still handed over. */
  close(): void {
    this.#closed = true;
    this.#stopListening();
    this.#maker.clear();
    this.#intakes.clear();
    this.#pictured.clear();
    this.batches.set([]);
  }

  /** @param nameLoose how a picture without a name of its own is called */
  add(patient: Patient, intake: Intake, nameLoose: (file: File) => string): void {
    if (countOf(intake) === 0 && intake.skipped === 0) return;
    const id = crypto.randomUUID();
    const looseCalls = intake.loose.map((file, index) => ({ id: `${id}.${index + 1}`, total: 1, file }));
    const pathCalls = intake.paths.length > 0 ? [{ id: `${id}.0`, total: intake.paths.length }] : [];
    this.#intakes.set(id, intake);
    this.batches.update((batches) => forget([newBatch(id, patient, [...pathCalls, ...looseCalls], intake.skipped), ...batches]));
    for (const _call of [...pathCalls, ...looseCalls]) this.#client.saving.update(withCallBegun);
    for (const call of pathCalls) {
      void this.#follow(id, call.id, async () => {
        const { outcomes } = await this.#client.call.addFiles({ batchId: call.id, patientId: patient.id, paths: intake.paths });
        return outcomes;
      });
    }
    void this.#addLoose(id, patient, looseCalls, nameLoose);
  }

  /** For what was interrupted: the engine recognises what it already has. */
  addAgain(batch: Batch, nameLoose: (file: File) => string): void {
    const intake = this.#intakes.get(batch.id);
    if (!intake) return;
    this.batches.update((batches) => batches.filter(({ id }) => id !== batch.id));
    this.add(batch.patient, intake, nameLoose);
  }

  /**
   * One after another: each is held in memory whole. The engine is told of all of them first, so that those that are still to come
   * when the window is locked, or somebody else's, are taken in all the same, for whoever pasted them.
   */
  async #addLoose(batchId: string, patient: Patient, calls: { id: string; file: File }[], nameLoose: (file: File) => string): Promise<void> {
    if (calls.length === 0) return;
    const begun = this.#client.call.beginBytes({ patientId: patient.id, batchIds: calls.map(({ id }) => id) });
    for (const { id, file } of calls) {
      const taken = await this.#follow(batchId, id, async () => {
        await begun;
        const bytes = new Uint8Array(await file.arrayBuffer());
        const outcome = await this.#client.call.addBytes({ batchId: id, patientId: patient.id, fileName: nameLoose(file), bytes, begun: true });
        if (outcome.outcome === 'queued') this.#draw(outcome.id, file);
        return [outcome];
      });
      if (!taken && this.#closed) this.#tellLost();
    }
  }

  #tellLost(): void {
    const whose = this.#whose;
    if (whose !== undefined) this.#client.lost.update((lost) => new Map(lost).set(whose, (lost.get(whose) ?? 0) + 1));
  }

  /** @returns whether all was taken in. */
  async #follow(batchId: string, callId: string, work: () => Promise<readonly IngestOutcome[]>): Promise<boolean> {
    try {
      const outcomes = await work();
      this.#client.saving.update((saving) => withCallEnded(saving, outcomes));
      this.#change(batchId, (batch) => withAnswer(batch, callId, outcomes));
      this.#picture(batchId, outcomes);
      return outcomes.every(({ outcome }) => outcome !== 'rejected');
    } catch {
      this.#client.saving.update((saving) => withCallEnded(saving, undefined));
      this.#change(batchId, (batch) => withInterruption(batch, callId));
      return false;
    }
  }

  /** Drawn only once the engine has read the file, so that the two do not compete for a slow card. */
  #picture(batchId: string, outcomes: readonly IngestOutcome[]): void {
    const files = this.#intakes.get(batchId)?.files;
    for (const outcome of outcomes) {
      const file = outcome.outcome === 'queued' ? files?.get(outcome.file) : undefined;
      if (file && outcome.outcome === 'queued') this.#draw(outcome.id, file);
    }
  }

  #draw(id: string, file: File): void {
    if (this.#closed || this.#pictured.has(id)) return;
    this.#pictured.add(id);
    this.#maker.add(file, (bytes) => {
      if (this.#closed) return;
      this.#client.thumbnails.put(id, bytes);
      // The photo is safe with or without its picture.
      this.#client.call.setThumbnail({ id, bytes }).catch(() => undefined);
    });
  }

  #change(id: string, change: (batch: Batch) => Batch): void {
    this.batches.update((batches) => batches.map((batch) => (batch.id === id ? change(batch) : batch)));
  }
}

function forget(batches: readonly Batch[]): readonly Batch[] {
  return batches.filter((batch, index) => index < keptBatches || summarise(batch).state !== 'finished');
}
