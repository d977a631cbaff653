import type { Language } from '../../shared/texts/language.ts';
import { en } from './en.ts';
import { es } from './es.ts';

/** The shape of the Spanish catalogue with its literals widened: another language has exactly these keys, or does not compile. */
export type Texts = Widened<typeof es>;

type Widened<T> = T extends string ? string
  : T extends (...facts: infer Facts) => string ? (...facts: Facts) => string
    : { [Key in keyof T]: Widened<T[Key]> };

export const catalogues: Record<Language, Texts> = { es, en };
