import { sep } from 'node:path';
import type { IngestOutcome } from '../shared/domain/ingest.ts';

export interface GivenPath { path: string; isFolder: boolean }

/** @param given the place of the argument that it belongs to: two may name the same file, each in its own way. */
export interface GivenOutcome { outcome: IngestOutcome; given: number }

/**
 * Files are done in another order than they were given. This holds an outcome back until everything given before it has been told;
 * what comes from within one folder is told as it comes.
 */
export class OrderedOutcomes {
  readonly #given: readonly GivenPath[];
  #next = 0;
  #held: IngestOutcome[] = [];
  readonly #told: GivenOutcome[] = [];

  constructor(given: readonly GivenPath[]) {
    this.#given = given;
  }

  /** @returns those that may be told now. */
  add(outcomes: readonly IngestOutcome[]): GivenOutcome[] {
    this.#held.push(...outcomes);
    const ready: GivenOutcome[] = [];
    for (; this.#next < this.#given.length; this.#next += 1) {
      const found = this.#heldOf(this.#next);
      for (const outcome of found) {
        this.#told.push({ outcome, given: this.#next });
        ready.push({ outcome, given: this.#next });
      }
      this.#held = this.#held.filter((outcome) => !found.includes(outcome));
      // Only the end tells that nothing more comes from a folder.
      if (this.#given[this.#next]!.isFolder || found.length === 0) break;
    }
    return ready;
  }

  /** @param all in their right order. @returns those that have not been told. */
  finish(all: readonly IngestOutcome[]): GivenOutcome[] {
    const places = this.#placesOf(all);
    for (const { outcome: { file }, given } of this.#told) {
      const free = places.get(file);
      if (free?.includes(given)) free.splice(free.indexOf(given), 1);
    }
    const told = new Map<string, number>();
    const kindOf = ({ file, outcome }: IngestOutcome): string => `${outcome}\n${file}`;
    for (const { outcome } of this.#told) told.set(kindOf(outcome), (told.get(kindOf(outcome)) ?? 0) + 1);
    const rest = all.filter((outcome) => {
      const times = told.get(kindOf(outcome)) ?? 0;
      if (times > 0) told.set(kindOf(outcome), times - 1);
      return times === 0;
    });
    return rest.map((outcome) => ({ outcome, given: places.get(outcome.file)?.shift() ?? this.#firstOf(outcome.file) }));
  }

  /** Of a file one, however often it was given; of a folder each file once, since what is given again comes in again. */
  #heldOf(given: number): IngestOutcome[] {
    const seen = new Set(this.#told.filter((told) => told.given === given).map(({ outcome }) => outcome.file));
    const found: IngestOutcome[] = [];
    for (const outcome of this.#held) {
      if (!this.#holds(given, outcome.file) || seen.has(outcome.file)) continue;
      seen.add(outcome.file);
      found.push(outcome);
    }
    return found;
  }

  /** For each file the arguments that it comes from, in order. Each argument gives something, and none gives the same twice. */
  #placesOf(all: readonly IngestOutcome[]): Map<string, number[]> {
    const places = new Map<string, number[]>();
    let given = 0;
    let seen = new Set<string>();
    for (const { file } of all) {
      while (given < this.#given.length && (!this.#holds(given, file) || seen.has(file))) {
        given += 1;
        seen = new Set();
      }
      if (given === this.#given.length) break;
      seen.add(file);
      places.set(file, [...places.get(file) ?? [], given]);
    }
    return places;
  }

  #firstOf(file: string): number {
    return Math.max(0, this.#given.findIndex((_, given) => this.#holds(given, file)));
  }

  #holds(given: number, file: string): boolean {
    const { path, isFolder } = this.#given[given]!;
    return file === path || (isFolder && file.startsWith(path.endsWith(sep) ? path : path + sep));
  }
}
