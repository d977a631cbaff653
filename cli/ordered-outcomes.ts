import { sep } from 'node:path';
import type { IngestOutcome } from '../shared/domain/ingest.ts';

export interface GivenPath { path: string; isFolder: boolean }

/**
 * Files are done in another order than they were given. This holds an outcome back until everything given before it has been told;
 * what comes from within one folder is told as it comes.
 */
export class OrderedOutcomes {
  readonly #given: readonly GivenPath[];
  #next = 0;
  #held: IngestOutcome[] = [];
  readonly #told = new Map<string, number>();

  constructor(given: readonly GivenPath[]) {
    this.#given = given;
  }

  /** @returns those that may be told now. */
  add(outcomes: readonly IngestOutcome[]): IngestOutcome[] {
    this.#held.push(...outcomes);
    const ready: IngestOutcome[] = [];
    for (let given = this.#given[this.#next]; given; given = this.#given[this.#next]) {
      const { path, isFolder } = given;
      const folder = path.endsWith(sep) ? path : path + sep;
      const found = isFolder ? this.#held.filter(({ file }) => file === path || file.startsWith(folder)) : this.#held.filter(({ file }) => file === path).slice(0, 1);
      ready.push(...found);
      this.#held = this.#held.filter((outcome) => !found.includes(outcome));
      // Only the end tells that nothing more comes from a folder.
      if (isFolder || found.length === 0) break;
      this.#next += 1;
    }
    for (const { file } of ready) this.#told.set(file, (this.#told.get(file) ?? 0) + 1);
    return ready;
  }

  /** @param all in their right order. @returns those that have not been told. */
  finish(all: readonly IngestOutcome[]): IngestOutcome[] {
    return all.filter(({ file }) => {
      const told = this.#told.get(file) ?? 0;
      if (told > 0) this.#told.set(file, told - 1);
      return told === 0;
    });
  }
}
