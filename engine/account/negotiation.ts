/**
 * @file Which contract a gateway speaks, what it accepts, and what came of asking it.
 *
 * [Note: from B down to A] Contract A keeps one photo of each patient: there a photo sent replaces another. So a gateway
 * that has spoken B is not believed at the first 404 that it speaks A: a wrong route during a deploy says the same, in the
 * backend's own words. From that answer on nothing is sent through the gateway (`doubtedSince`), and only the same answer at least ten
 * minutes later, with no B between the two, moves it to A. An answer B ends the doubt at once. A gateway of which
 * nothing was known is on A at the first such answer, as the contract says, and from A up to B one answer is enough: there nothing is replaced.
 */
import { z } from 'zod';
import { limitsSchema, negotiationReportSchema, type ContractReport, type Limits, type NegotiationState } from '../../shared/domain/account.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import type { Clock } from '../clock.ts';
import { isKnownCode } from '../logging/known-words.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import { HttpError } from '../transport/http.ts';
import { capabilitiesSchema } from '../transport/wire.ts';
import { isOutOfReach } from './call-failed.ts';
import { keptOwnKeys, limitsOfOwnKeys } from './own-keys.ts';

/** Contract A's limit is on the whole request, so what multipart/form-data puts around the photo counts as well. */
const gatewayRequestBytes = 5 * 1024 * 1024;
const formDataBytes = 1024;
const gatewayPhotoBytes = gatewayRequestBytes - formDataBytes;
/** Spaces slows down beyond about ten PUTs to one object at a time. */
const mostPartsInFlight = 10;
/** See [Note: from B down to A]. */
export const confirmAfterMs = 10 * 60_000;

const keptSchema = z.object({ since: timestampSchema.optional(), lastAsked: negotiationReportSchema.optional(), doubtedSince: timestampSchema.optional() });
type Kept = z.infer<typeof keptSchema>;

/** What each gateway accepts, as it last said: kept per gateway, so that changing there and back needs no answer. */
export interface Negotiation {
  /** In force: the clinic's own keys where there are some, else what the gateway last said. */
  limits(gateway: string): Limits | undefined;
  state(gateway: string): NegotiationState;
  /** Asks. Never rejects for the network or the server: then the last known answer is given. */
  ask(gateway: string, client: GatewayClient): Promise<Limits | undefined>;
}

export function createNegotiation(options: { store: KeyValueStore; clock: Clock; log: Logger }): Negotiation {
  const { store, clock, log } = options;
  const known = new Map<string, Limits>();
  const kept = new Map<string, Kept>();
  const limitsKey = (gateway: string): string => `limits:${gateway}`;
  const stateKey = (gateway: string): string => `negotiation:${gateway}`;

  function read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    try {
      return schema.safeParse(JSON.parse(store.get(key) ?? 'null')).data;
    } catch {
      return undefined;
    }
  }

  /** What the gateway itself accepts, whether own keys are in force or not. */
  function ofGateway(gateway: string): Limits | undefined {
    const remembered = known.get(gateway);
    if (remembered) return remembered;
    const stored = read(limitsKey(gateway), limitsSchema);
    if (stored) known.set(gateway, stored);
    return stored;
  }

  function keptOf(gateway: string): Kept {
    const remembered = kept.get(gateway) ?? read(stateKey(gateway), keptSchema) ?? {};
    kept.set(gateway, remembered);
    return remembered;
  }

  function keep(gateway: string, next: Kept): void {
    kept.set(gateway, next);
    store.set(stateKey(gateway), JSON.stringify(next));
  }

  function learn(gateway: string, learnt: Limits): void {
    const before = ofGateway(gateway);
    const same = before?.contract === learnt.contract;
    if (!same) log.info('account.contract', { contract: learnt.contract, limitBytes: learnt.maxFileBytes });
    known.set(gateway, learnt);
    store.set(limitsKey(gateway), JSON.stringify(learnt));
    const since = same ? keptOf(gateway).since ?? before.learntAt : learnt.learntAt;
    keep(gateway, { since, lastAsked: { name: 'learnt', at: learnt.learntAt, contract: learnt.contract } });
  }

  function unclear(gateway: string, error: unknown, doubt: Pick<Kept, 'doubtedSince'> = {}): void {
    const detail = describe(error);
    keep(gateway, { ...keptOf(gateway), lastAsked: { name: 'unclear', at: clock.now(), detail }, ...doubt });
    log.warn('account.contract-unclear', { detail });
  }

  /** See [Note: from B down to A]. */
  function denied(gateway: string, error: unknown): void {
    const now = clock.now();
    const { doubtedSince = now } = keptOf(gateway);
    const believed = ofGateway(gateway)?.contract !== 'upload-sessions' || now - doubtedSince >= confirmAfterMs;
    if (believed) learn(gateway, gatewayPhotoLimits(now));
    // A clock that was set back must not make the ten minutes longer.
    else unclear(gateway, error, { doubtedSince: Math.min(doubtedSince, now) });
  }

  function limits(gateway: string): Limits | undefined {
    const own = keptOwnKeys(store, gateway);
    return own ? limitsOfOwnKeys(own) : ofGateway(gateway);
  }

  return {
    limits,
    state(gateway) {
      const { since, lastAsked, doubtedSince } = keptOf(gateway);
      const own = keptOwnKeys(store, gateway);
      const inForce = limits(gateway);
      const begun = own?.since ?? since ?? inForce?.learntAt;
      return {
        ...(inForce ? { limits: inForce } : {}), ...(begun === undefined ? {} : { since: begun }),
        ...(lastAsked ? { lastAsked } : {}), ...(doubtedSince === undefined ? {} : { doubtedSince }),
      };
    },
    async ask(gateway, client) {
      try {
        // Not tried again at once where an answer is known: it stays in force, and failures in a row would have the breaker hold up uploads that work.
        const repeated = limits(gateway) === undefined;
        const { uploads } = await client.call({ method: 'GET', path: '/media/capabilities', answer: capabilitiesSchema, auth: 'token', idempotent: repeated });
        learn(gateway, {
          contract: 'upload-sessions',
          maxFileBytes: uploads.max_file_bytes,
          acceptedTypes: uploads.accepted_types,
          partBytes: uploads.part_bytes,
          maxPartsInFlight: Math.min(uploads.max_parts_in_flight, mostPartsInFlight),
          learntAt: clock.now(),
        });
      } catch (error) {
        if (saysNoSessions(error)) denied(gateway, error);
        else if (isOutOfReach(error)) unclear(gateway, error);
        else throw error;
      }
      return limits(gateway);
    },
  };
}

/** What diagnostics tell of it: all but what the server says it accepts, which is a server's words. */
export function contractReport({ limits, ...moments }: NegotiationState): ContractReport {
  return { ...(limits ? { contract: limits.contract } : {}), ...moments };
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
  // A code is the server's word, and this is shown to people and goes into bundles.
  if (error instanceof AnswerError) return `${error.status} ${isKnownCode(error.code) ? error.code : 'other'}`;
  return 'session-expired';
}
