import type { Limits } from '../../shared/domain/account.ts';
import type { Account } from '../account/account.ts';
import { gatewayPhotoLimits } from '../account/negotiation.ts';
import { keptOwnKeys, limitsOfOwnKeys, type KeptOwnKeys } from '../account/own-keys.ts';
import type { Clock } from '../clock.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { Http } from './http.ts';
import { createGatewayPhotoTransport } from './gateway-photo.ts';
import { createOwnKeysTransport, ownKeysPlace } from './own-keys.ts';
import type { RemoteSession, Transport } from './transport.ts';
import { createUploadSessionsTransport } from './upload-sessions.ts';

export interface ChooseTransportOptions {
  account: Account;
  /** Where own keys are kept. */
  store: KeyValueStore;
  http: Http;
  clock: Clock;
}

export interface TransportChooser {
  /**
   * For the contract in force: the clinic's own keys where there are some, else what the gateway speaks.
   * `undefined` while nobody is signed in, nothing is known of the gateway yet, or it is in doubt what it speaks.
   */
  present(): Transport | undefined;
  /** Whether nothing is sent because a gateway that takes sessions has said that it does not, and not yet for long enough. */
  inDoubt(): boolean;
  /** The one that knows a session, whether it is in force or not; `undefined` where its place can no longer be asked. */
  of(session: Pick<RemoteSession, 'transport' | 'at'>): Transport | undefined;
}

interface Made {
  /** What it was made for; another one is made when this differs. */
  from: string;
  transport: Transport;
}

/** Each transport is kept until its place or what that accepts changes: it remembers addresses, and what came back for photos. */
export function createTransportChooser({ account, store, http, clock }: ChooseTransportOptions): TransportChooser {
  const made = new Map<string, Made>();

  function keep(name: string, from: string, make: () => Transport): Transport {
    const before = made.get(name);
    if (before?.from === from) return before.transport;
    const transport = make();
    made.set(name, { from, transport });
    return transport;
  }

  function withOwnKeys(kept: KeptOwnKeys): Transport {
    return keep('own-keys', JSON.stringify(kept), () => createOwnKeysTransport({ http, clock, target: kept, limits: limitsOfOwnKeys(kept) }));
  }

  function throughGateway(at: string, limits: Limits): Transport {
    const { learntAt: _, ...accepted } = limits;
    return keep(limits.contract, JSON.stringify([at, accepted]), () => {
      const shared = { client: account.client(), http, at, limits, clock };
      return limits.contract === 'gateway-photo'
        ? createGatewayPhotoTransport({ ...shared, orgOf: (patientId) => account.patients.orgOf(patientId) })
        : createUploadSessionsTransport(shared);
    });
  }

  function inDoubt(): boolean {
    const state = account.state();
    return state.name !== 'signedOut' && state.limits?.contract === 'upload-sessions'
      && account.negotiation().doubtedSince !== undefined && !keptOwnKeys(store, state.gateway);
  }

  return {
    inDoubt,
    present() {
      const state = account.state();
      if (state.name === 'signedOut' || !state.limits) return undefined;
      const kept = keptOwnKeys(store, state.gateway);
      if (kept) return withOwnKeys(kept);
      return inDoubt() ? undefined : throughGateway(state.gateway, state.limits);
    },
    of(session) {
      const state = account.state();
      if (session.transport === 'own-keys') {
        const kept = state.gateway === undefined ? undefined : keptOwnKeys(store, state.gateway);
        return kept && ownKeysPlace(kept) === session.at ? withOwnKeys(kept) : undefined;
      }
      // A backend that has moved knows its sessions at its new address. See [Note: a backend that moves].
      if (state.name === 'signedOut' || !account.addresses().includes(session.at)) return undefined;
      // Only asked and aborted through, so what it accepts matters where it is in force, and nowhere else.
      const limits = state.limits?.contract === session.transport ? state.limits : { ...gatewayPhotoLimits(0), contract: session.transport };
      return throughGateway(state.gateway, limits);
    },
  };
}
