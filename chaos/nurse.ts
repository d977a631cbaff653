import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { SourcePhoto } from './count.ts';
import type { EngineProcess } from './engine-process.ts';

/** What is dropped on a patient at once: so many photos, or so many bytes. */
const handful = { photos: 10, bytes: 80_000_000 };

/**
 * Adds photos a handful at a time, wipes from the card what she was told is safe, and adds again what she was told nothing
 * about, because the app went away meanwhile.
 */
export class Nurse {
  readonly #onCard: Map<string, SourcePhoto>;
  readonly #promised: SourcePhoto[] = [];
  #engine: EngineProcess | undefined;
  #underWay: string | undefined;
  rejected: string[] = [];
  /** Handfuls that were added once more. */
  addedAgain = 0;
  readonly #begun = new Set<string>();

  constructor(photos: readonly SourcePhoto[]) {
    this.#onCard = new Map(photos.map((photo) => [photo.path, photo]));
  }

  get promised(): readonly SourcePhoto[] { return this.#promised; }
  get adding(): boolean { return this.#underWay !== undefined; }
  get cardIsEmpty(): boolean { return this.#onCard.size === 0; }
  get promisedBytes(): number { return this.#promised.reduce((sum, photo) => sum + photo.sizeBytes, 0); }

  /** Works with a new engine process; what the one before was taking in has become unknown. */
  turnTo(engine: EngineProcess): void {
    this.#engine = engine;
    this.#underWay = undefined;
    engine.onReport((report) => {
      if (report.type !== 'told' || engine !== this.#engine) return;
      for (const outcome of report.outcomes) {
        const photo = this.#onCard.get(outcome.file);
        if (!photo) continue;
        if (outcome.outcome === 'rejected') this.rejected.push(`${outcome.file}: ${outcome.code}`);
        else this.#promised.push(photo);
        this.#onCard.delete(outcome.file);
        // From here on there is no source to begin again from.
        void rm(photo.path, { force: true });
      }
      if (report.finished && report.batchId === this.#underWay) this.#underWay = undefined;
    });
  }

  /** Adds the next handful, of one patient, unless one is being added. */
  addNext(): void {
    const [first] = this.#onCard.values();
    if (!first || !this.#engine || this.#underWay !== undefined) return;
    let bytes = 0;
    const paths = [...this.#onCard.values()].filter((photo) => photo.patientId === first.patientId).slice(0, handful.photos)
      .filter((photo) => (bytes += photo.sizeBytes) <= handful.bytes || photo === first).map((photo) => photo.path);
    if (this.#begun.has(first.path)) this.addedAgain += 1;
    for (const path of paths) this.#begun.add(path);
    this.#underWay = randomUUID();
    this.#engine.send({ type: 'add', batchId: this.#underWay, patientId: first.patientId, paths });
  }
}
