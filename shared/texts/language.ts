import type { Settings } from '../domain/settings.ts';

/** The languages of the product. Spanish speaks to people as *usted*. */
export type Language = Settings['language'];

/** What a person needs to know of anything that went wrong. Each is one or two short sentences. */
export interface Explanation {
  /** What happened. */
  what: string;
  /** What it means for the photos. */
  photos: string;
  /** What to do now. */
  next: string;
}
