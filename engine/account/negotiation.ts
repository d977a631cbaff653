import { limitsSchema, type Limits, type NegotiationReport } from '../../shared/domain/account.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import { HttpError } from '../transport/http.ts';
import { capabilitiesSchema } from '../transport/wire.ts';
import { isOutOfReach } from './call-failed.ts';

/** Contract A's limit is on the whole request, so what multipart/form-data puts around the photo counts as well. */
const gatewayRequestBytes = 5 * 1024 * 1024;
const formDataBytes = 1024;
const gatewayPhotoBytes = gatewayRequestBytes - formDataBytes;
/** Spaces slows down beyond about ten PUTs to one object at a time. */
const mostPartsInFlight = 10;

/** What each gateway accepts, as it last said: kept per gateway, so that changing there and back needs no answer. */
export interface Negotiation {
  limits(gateway: string): Limits | undefined;
  report(gateway: string): NegotiationReport | undefined;
  /** Asks. Never rejects for the network or the server: then the last known answer is given. */
  ask(gateway: string, client: GatewayClient): Promise<Limits | undefined>;
}

export function createNegotiation(options: { store: KeyValueStore; clock: Clock; log: Logger }): Negotiation {
  const { store, clock, log } = options;
  const known = new Map<string, Limits>();
  const reports = new Map<string, NegotiationReport>();
  const keyOf = (gateway: string): string => `limits:${gateway}`;

  function limits(gateway: string): Limits | undefined {
    const remembered = known.get(gateway);
    if (remembered) return remembered;
    try {
      const stored = limitsSchema.safeParse(JSON.parse(store.get(keyOf(gateway)) ?? 'null')).data;
      if (stored) known.set(gateway, stored);
      return stored;
    } catch {
      return undefined;
    }
  }

  function learn(gateway: string, learnt: Limits): Limits {
    if (limits(gateway)?.contract !== learnt.contract) log.info('account.contract', { contract: learnt.contract, limitBytes: learnt.maxFileBytes });
    known.set(gateway, learnt);
    reports.set(gateway, { name: 'learnt', at: learnt.learntAt, contract: learnt.contract });
    store.set(keyOf(gateway), JSON.stringify(learnt));
    return learnt;
  }

  return {
    limits,
    report: (gateway) => reports.get(gateway),
    async ask(gateway, client) {
      try {
        const { uploads } = await client.call({ method: 'GET', path: '/media/capabilities', answer: capabilitiesSchema, auth: 'token', idempotent: true });
        return learn(gateway, {
          contract: 'upload-sessions',
          maxFileBytes: uploads.max_file_bytes,
          acceptedTypes: uploads.accepted_types,
          partBytes: uploads.part_bytes,
          maxPartsInFlight: Math.min(uploads.max_parts_in_flight, mostPartsInFlight),
          learntAt: clock.now(),
        });
      } catch (error) {
        if (saysNoSessions(error)) return learn(gateway, gatewayPhotoLimits(clock.now()));
        if (!isOutOfReach(error)) throw error;
        reports.set(gateway, { name: 'unclear', at: clock.now(), detail: describe(error) });
        log.warn('account.contract-unclear', { detail: describe(error) });
        return limits(gateway);
      }
    },
  };
}

/** The limits of contract A, which has no call to ask for them. */
export function gatewayPhotoLimits(learntAt: number): Limits {
  return {
    contract: 'gateway-photo',
    maxFileBytes: gatewayPhotoBytes,
    acceptedTypes: ['image/jpeg', 'image/png', 'image/webp'],
    partBytes: gatewayPhotoBytes,
    maxPartsInFlight: 1,
    learntAt,
  };
}

/** A 404 in one of the backend's own envelopes. One of a proxy or a login page, in HTML, says nothing of the backend. */
function saysNoSessions(error: unknown): boolean {
  return error instanceof AnswerError && error.status === 404 && error.code !== 'malformed';
}

function describe(error: unknown): string {
  if (error instanceof HttpError) return error.reason;
  if (error instanceof AnswerError) return `${error.status} ${error.code}`;
  return 'session-expired';
}
