import { useEffect, useRef } from 'react';
import type { Patient } from '../../shared/domain/account.ts';
import type { OpenRequest } from '../../shared/domain/open-request.ts';
import { useClient } from '../client/client-context.tsx';
import type { ScreenName } from './screens.ts';

/** Goes where a link from outside asked to go: also for one that came before anybody was signed in. */
export function useOpenRequests(goTo: (screen: ScreenName) => void, choose: (patient: Patient) => void): void {
  const client = useClient();
  const go = useRef({ goTo, choose });
  useEffect(() => { go.current = { goTo, choose }; });

  useEffect(() => {
    const follow = async (request: OpenRequest): Promise<void> => {
      go.current.goTo(request.screen);
      if (request.screen !== 'add' || request.patientId === undefined) return;
      const { patientId } = request;
      const { patients } = await client.call.searchPatients({ text: patientId, limit: 1 });
      const named = patients.find(({ id }) => id === patientId);
      if (named) go.current.choose(named);
    };
    const take = (): void => {
      client.call.getOpenRequest().then(({ request }) => request && follow(request)).catch(() => undefined);
    };
    take();
    return client.on('open', take);
  }, [client]);
}
