import type { IngestOutcome, IngestProgress } from '../../shared/domain/ingest.ts';
import type { Clock } from '../clock.ts';

/** Ten times a second is as often as anybody can see. */
const everyMs = 100;

/** Keeps count of one batch and tells of it, not too often, and surely at its end. */
export class BatchProgress {
  readonly #batchId: string;
  readonly #clock: Clock;
  readonly #onProgress: (progress: IngestProgress) => void;
  readonly #outcomes: { place: number; outcome: IngestOutcome }[] = [];
  #told = 0;
  #toldAt = -Infinity;
  #total = 0;
  #bytesDone = 0;

  constructor(batchId: string, clock: Clock, onProgress: (progress: IngestProgress) => void) {
    this.#batchId = batchId;
    this.#clock = clock;
    this.#onProgress = onProgress;
  }

  found(files = 1): void {
    this.#total += files;
    this.#tell(false);
  }

  bytes(count: number): void {
    this.#bytesDone += count;
    this.#tell(false);
  }

  /** @param place where it stands among the outcomes; files are done in another order than they were found. */
  done(place: number, outcome: IngestOutcome): void {
    this.#outcomes.push({ place, outcome });
    this.#tell(false);
  }

  /** @returns all outcomes, in the order in which the files were found. */
  finish(): IngestOutcome[] {
    this.#tell(true);
    return this.#outcomes.sort((a, b) => a.place - b.place).map(({ outcome }) => outcome);
  }

  #tell(finished: boolean): void {
    const now = this.#clock.monotonic();
    if (!finished && now - this.#toldAt < everyMs) return;
    this.#toldAt = now;
    const outcomes = this.#outcomes.slice(this.#told).map(({ outcome }) => outcome);
    this.#told = this.#outcomes.length;
    this.#onProgress({ batchId: this.#batchId, total: this.#total, done: this.#outcomes.length, bytesDone: this.#bytesDone, outcomes, finished });
  }
}
