/** @file Whether photos may simply be added where the server keeps one of each patient, and what is asked otherwise: pure. */
import type { PresentPhoto } from '../../../shared/domain/account.ts';
import { countOf, type Intake } from './intake.ts';

export interface ReplaceQuestion {
  /** Of what is there now: it is shown, it cannot be shown, there is none. */
  about: PresentPhoto['name'];
  /** Why the new photos will not all remain either. */
  several: 'files' | 'folder' | 'before' | undefined;
}

/**
 * @param addedBefore photos of this patient that were given to the queue in this window
 * @returns nothing where no photo is replaced
 */
export function questionFor(present: PresentPhoto, intake: Intake, addedBefore: number): ReplaceQuestion | undefined {
  const several = intake.hasFolder ? 'folder' : countOf(intake) > 1 ? 'files' : addedBefore > 0 && present.name === 'none' ? 'before' : undefined;
  if (present.name === 'none' && several === undefined) return undefined;
  return { about: present.name, several };
}

/** The one that will remain, as far as it is at hand to be looked at. */
export function lastFile(intake: Intake): File | undefined {
  const loose = intake.loose.at(-1);
  if (loose) return loose;
  const path = intake.paths.at(-1);
  return path === undefined ? undefined : intake.files.get(path);
}
