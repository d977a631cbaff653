import type { Patient } from '../../shared/domain/account.ts';

/** A patient as kept on this computer: with the organisation, which contract A's questions about a photo need. */
export interface KnownPatient extends Patient {
  orgId?: string;
}

export interface PatientIndex {
  readonly size: number;
  get(id: string): KnownPatient | undefined;
  /** In the order of relevance, then of names. Every word must occur in the name or the detail, whatever its accents and case; or the text is an id. */
  search(text: string, limit: number): { patients: KnownPatient[]; total: number };
  all(): readonly KnownPatient[];
}

/** Accents, case and runs of spaces taken away: `  José ÁLVAREZ` and `jose alvarez` are the same. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase().replace(/ß/g, 'ss').replace(/[\s\u00a0]+/g, ' ').trim();
}

/** Folds and sorts once, so that a search through 20,000 is a walk over prepared strings. */
export function createPatientIndex(patients: readonly KnownPatient[]): PatientIndex {
  const entries = patients.map((patient) => {
    const name = fold(patient.name);
    return { patient, name, searched: patient.detail ? `${name}\n${fold(patient.detail)}` : name };
  });
  // The folded names sort as a person expects, and comparing them costs a hundredth of a collator's work.
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.patient.id < b.patient.id ? -1 : 1));
  const byId = new Map(entries.map((entry) => [entry.patient.id, entry.patient]));

  return {
    size: entries.length,
    get: (id) => byId.get(id),
    all: () => entries.map((entry) => entry.patient),
    search(text, limit) {
      const words = fold(text).split(' ').filter(Boolean);
      if (words.length === 0) return { patients: entries.slice(0, limit).map((entry) => entry.patient), total: entries.length };
      const whole = words.join(' ');
      const first = words[0]!;
      // Best first: the name begins with the text, a word of the name begins with its first word, it occurs somewhere.
      const ranks: [KnownPatient[], KnownPatient[], KnownPatient[]] = [[], [], []];
      for (const { patient, name, searched } of entries) {
        if (!words.every((word) => searched.includes(word))) continue;
        const rank = name.startsWith(whole) ? 0 : name.startsWith(first) || name.includes(` ${first}`) ? 1 : 2;
        ranks[rank].push(patient);
      }
      const named = byId.get(text);
      const found = named ? [named, ...ranks.flat().filter((patient) => patient !== named)] : ranks.flat();
      return { patients: found.slice(0, limit), total: found.length };
    },
  };
}
