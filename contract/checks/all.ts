import type { Check } from '../check.ts';
import { accountChecks } from './account.ts';
import { patientChecks } from './patients.ts';
import { photoRefusalChecks } from './photo-refusals.ts';
import { photoChecks } from './photo.ts';
import { publicChecks, serviceChecks } from './service.ts';

/** In the order in which they are asked: later ones use what earlier ones learnt, and what writes comes last. */
export const checks: readonly Check[] = [
  ...publicChecks, ...accountChecks, ...serviceChecks, ...patientChecks, ...photoChecks, ...photoRefusalChecks,
];
