/** A number and how it is written in the reader's format. */
export interface Count {
  value: number;
  text: string;
}

/** `3 fotos`, `1 foto`: the count comes formatted. */
export function photosEs({ value, text }: Count): string {
  return `${text} ${value === 1 ? 'foto' : 'fotos'}`;
}

export function photosEn({ value, text }: Count): string {
  return `${text} ${value === 1 ? 'photo' : 'photos'}`;
}
