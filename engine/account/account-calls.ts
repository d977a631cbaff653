import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { Clock } from '../clock.ts';
import { notSent } from '../queue/queue-view.ts';
import type { UploadStore } from '../queue/upload-store.ts';
import type { Http } from '../transport/http.ts';
import type { Account } from './account.ts';
import { keyOf, type People } from './people.ts';
import { presentPhoto } from './present-photo.ts';
import type { ScreenLock } from './screen-lock.ts';

type AccountCalls = Pick<EngineImplementation, 'getLimits' | 'getNegotiation' | 'getPeople' | 'lock' | 'unlock' | 'noteActivity' | 'getPresentPhoto'>;

export interface AccountCallTools {
  account: Account;
  people: People;
  screenLock: ScreenLock;
  store: Pick<UploadStore, 'counts'>;
  /** The bare network. */
  http: Http;
  clock: Clock;
  closing: AbortSignal;
}

export function createAccountCalls({ account, people, screenLock, store, http, clock, closing }: AccountCallTools): AccountCalls {
  return {
    getLimits: () => account.limits(),
    getNegotiation: () => account.negotiation(),
    getPeople: () => ({ people: people.list().map((entry) => ({ ...entry, waiting: notSent(store.counts([keyOf(entry)])) })) }),
    lock: () => {
      screenLock.lock();
      return account.state();
    },
    unlock: async ({ password }) => {
      await screenLock.unlock(password);
      return account.state();
    },
    noteActivity: () => { screenLock.noteActivity(); },
    getPresentPhoto: ({ patientId }) => presentPhoto({ account, http, clock, closing }, patientId),
  };
}
