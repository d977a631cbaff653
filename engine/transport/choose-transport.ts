import type { Limits } from '../../shared/domain/account.ts';
import type { Account } from '../account/account.ts';
import type { Clock } from '../clock.ts';
import type { Http } from './http.ts';
import { createGatewayPhotoTransport } from './gateway-photo.ts';
import type { Transport } from './transport.ts';
import { createUploadSessionsTransport } from './upload-sessions.ts';

export interface ChooseTransportOptions {
  account: Account;
  http: Http;
  clock: Clock;
}

/**
 * Gives the transport for the contract that the gateway speaks, and keeps it until the gateway or what it accepts changes.
 *
 * @returns a function that answers `undefined` while nobody is signed in or nothing is known of the gateway yet
 */
export function createTransportChooser({ account, http, clock }: ChooseTransportOptions): () => Transport | undefined {
  let present: { limits: Limits; at: string; transport: Transport } | undefined;
  return () => {
    const state = account.state();
    if (state.name === 'signedOut' || !state.limits) return undefined;
    const { limits, gateway: at } = state;
    if (present && present.at === at && sameLimits(present.limits, limits)) return present.transport;
    const shared = { client: account.client(), http, at, limits, clock };
    const transport = limits.contract === 'gateway-photo'
      ? createGatewayPhotoTransport({ ...shared, orgOf: (patientId) => account.patients.orgOf(patientId) })
      : createUploadSessionsTransport(shared);
    present = { limits, at, transport };
    return transport;
  };
}

function sameLimits(a: Limits, b: Limits): boolean {
  return a.contract === b.contract && a.partBytes === b.partBytes && a.maxPartsInFlight === b.maxPartsInFlight && a.maxFileBytes === b.maxFileBytes;
}
