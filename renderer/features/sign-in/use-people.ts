import { useEffect, useState } from 'react';
import type { KnownPerson, Person } from '../../../shared/domain/account.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';

/**
 * Who has signed in on this computer, the latest first.
 *
 * @param locked whose session is there already: the others of the same server may take its place, while settings may not be changed
 */
export function usePeople(locked: { person: Person; gateway: string } | undefined): readonly KnownPerson[] {
  const client = useClient();
  const engine = useStore(client.engine);
  const [people, setPeople] = useState<readonly KnownPerson[]>([]);
  useEffect(() => {
    if (engine !== 'running') return undefined;
    let outdated = false;
    // Without the list one signs in by typing, as on a new computer.
    client.call.getPeople().then((answer) => { if (!outdated) setPeople(answer.people); }, () => undefined);
    return () => { outdated = true; };
  }, [client, engine]);
  return locked ? people.filter(({ person, gateway }) => gateway === locked.gateway && person.id !== locked.person.id) : people;
}
