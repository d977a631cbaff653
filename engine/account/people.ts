import { z } from 'zod';
import { personSchema, type Person } from '../../shared/domain/account.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import type { Clock } from '../clock.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { isBareId, ownerKey, ownerOfBareId } from './owner.ts';
import { readSession } from './session.ts';

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
  /** Everybody who has signed in at one of these gateways. */
  ownersAt(gateways: readonly string[]): string[];
  /** Whose a sealed photo without a row is, see [Note: photos of a bare id]. @param accountId of its own facts */
  ownerOfSealed(accountId: string): string;
}

/** @param hasPhotos whether photos of this owner wait: such a person is forgotten last when there are too many. */
export function createPeople({ store, clock, hasPhotos }: { store: KeyValueStore; clock: Clock; hasPhotos(ownerId: string): boolean }): People {
  let entries = read(store);

  function put(entry: PersonEntry): void {
    const others = entries.filter((other) => !isSame(other, entry));
    entries = [...others, entry].sort((a, b) => b.lastSignedInAt - a.lastSignedInAt);
    while (entries.length > mostPeople) {
      const dispensable = entries.findLastIndex((other) => other !== entry && !hasPhotos(keyOf(other)));
      entries = entries.toSpliced(dispensable >= 0 ? dispensable : entries.length - 1, 1);
    }
    store.set(key, JSON.stringify(entries));
  }

  return {
    list: () => entries,
    signedIn: (gateway, person) => put({ gateway, person, lastSignedInAt: clock.now() }),
    known(gateway, person) {
      const before = entries.find((entry) => isSame(entry, { gateway, person }));
      if (JSON.stringify(before?.person) !== JSON.stringify(person)) put({ gateway, person, lastSignedInAt: before?.lastSignedInAt ?? clock.now() });
    },
    ownersAt: (gateways) => entries.filter((entry) => gateways.includes(entry.gateway)).map(keyOf),
    ownerOfSealed(accountId) {
      if (!isBareId(accountId)) return accountId;
      const kept = readSession(store);
      return ownerOfBareId(accountId, { known: [...entries, ...(kept ? [kept] : [])].map(({ gateway, person }) => ({ gateway, personId: person.id })), kept: kept?.gateway });
    },
  };
}

export function keyOf({ gateway, person }: Pick<PersonEntry, 'gateway' | 'person'>): string {
  return ownerKey({ gateway, personId: person.id });
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
