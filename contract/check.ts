import type { Language } from '../shared/texts/language.ts';
import type { Stage } from './stage.ts';

/** One thing that contract A promises, asked of a running backend. */
export interface Check {
  /** Stable: records are compared by it. */
  id: string;
  /** `writes` replaces or deletes the photo of the patient that was named, or tries to. */
  kind: 'reads' | 'writes';
  holds: Record<Language, string>;
  /** @throws Broken, NotRun, or what the product's own parts throw */
  run(stage: Stage): Promise<void>;
}

/** Why a check could not be asked. */
export type NotRunReason = 'needs-patient' | 'no-sign-in' | 'no-organisation' | 'no-patient' | 'unknown-patient' | 'original-not-secured' | 'unreachable' | 'interrupted';

export type Result =
  | { name: 'kept' }
  /** In the words of the contract, never in those of the server: neither holds anybody's data. */
  | { name: 'broken'; wanted: string; seen: string }
  | { name: 'not-run'; reason: NotRunReason };

export interface Outcome {
  check: Check;
  result: Result;
}

/** What became of the photo that the patient had before. */
export type Restored =
  /** Nothing was written. */
  | { name: 'untouched' }
  | { name: 'restored' }
  /** `keptAt`: where its copy lies; absent where the patient had none, and has one now. */
  | { name: 'failed'; keptAt: string | undefined };

/** The backend does not keep what the check holds. */
export class Broken extends Error {
  override readonly name = 'Broken';
  readonly wanted: string;
  readonly seen: string;

  constructor(wanted: string, seen: string) {
    super(`wanted ${wanted}, saw ${seen}`);
    this.wanted = wanted;
    this.seen = seen;
  }
}

/** Something that the check needs is not there. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
  readonly reason: NotRunReason;

  constructor(reason: NotRunReason) {
    super(reason);
    this.reason = reason;
  }
}
