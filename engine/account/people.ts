import { z } from 'zod';
import { personSchema, type Person } from '../../shared/domain/account.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import type { Clock } from '../clock.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';

const key = 'account.people';
/** More than ever share one computer; the list is read as a whole. */
const mostPeople = 50;

const entrySchema = z.object({ gateway: z.string(), person: personSchema, lastSignedInAt: timestampSchema });
export type PersonEntry = z.infer<typeof entrySchema>;

/** Who has signed in on this computer, and at which gateway: kept in the encrypted database, without anything that opens a door. */
export interface People {
  /** The latest first. */
  list(): readonly PersonEntry[];
  signedIn(gateway: string, person: Person): void;
  /** Notes somebody who was signed in before there was a list, or whose name or organisation is known better now. */
  known(gateway: string, person: Person): void;
  /** The account ids of everybody who has signed in at this gateway. */
  accountsAt(gateway: string): string[];
  /** The account ids of those who have signed in at other gateways only: their patients are others, whatever their ids. */
  accountsElsewhere(gateway: string): string[];
}

/** @param hasPhotos whether photos of this account wait: such a person is forgotten last when there are too many. */
export function createPeople({ store, clock, hasPhotos }: { store: KeyValueStore; clock: Clock; hasPhotos(accountId: string): boolean }): People {
  let entries = read(store);

  function put(entry: PersonEntry): void {
    const others = entries.filter((other) => !isSame(other, entry));
    entries = [...others, entry].sort((a, b) => b.lastSignedInAt - a.lastSignedInAt);
    while (entries.length > mostPeople) {
      const dispensable = entries.findLastIndex((other) => other !== entry && !hasPhotos(other.person.id));
      entries = entries.toSpliced(dispensable >= 0 ? dispensable : entries.length - 1, 1);
    }
    store.set(key, JSON.stringify(entries));
  }

  const accountsAt = (gateway: string): string[] => entries.filter((entry) => entry.gateway === gateway).map((entry) => entry.person.id);

  return {
    list: () => entries,
    signedIn: (gateway, person) => put({ gateway, person, lastSignedInAt: clock.now() }),
    known(gateway, person) {
      const before = entries.find((entry) => isSame(entry, { gateway, person }));
      if (JSON.stringify(before?.person) !== JSON.stringify(person)) put({ gateway, person, lastSignedInAt: before?.lastSignedInAt ?? clock.now() });
    },
    accountsAt,
    accountsElsewhere(gateway) {
      const here = new Set(accountsAt(gateway));
      return entries.filter((entry) => entry.gateway !== gateway && !here.has(entry.person.id)).map((entry) => entry.person.id);
    },
  };
}

function isSame(one: Pick<PersonEntry, 'gateway' | 'person'>, other: Pick<PersonEntry, 'gateway' | 'person'>): boolean {
  return one.gateway === other.gateway && one.person.id === other.person.id;
}

/** A list that does not parse counts as none: it fills again as people sign in. */
function read(store: KeyValueStore): PersonEntry[] {
  try {
    return z.array(entrySchema).safeParse(JSON.parse(store.get(key) ?? '[]')).data ?? [];
  } catch {
    return [];
  }
}
