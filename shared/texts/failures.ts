import type { Disposition, Endpoint, Failure, FailureCode } from '../domain/failure.ts';
import { proxyAuthCause } from '../domain/network.ts';
import { failuresEn } from './failures-en.ts';
import { failuresEs } from './failures-es.ts';
import { formatDuration } from './format.ts';
import type { Explanation, Language } from './language.ts';

/** What a sentence about a failure may mention. */
interface FailureFacts {
  /** With its article, as it stands inside a sentence: "the server". */
  place: string;
  /** How long we were asked to wait, in words. */
  wait: string | undefined;
  /** Why a proxy does not let us through. */
  proxyAuth: ReturnType<typeof proxyAuthCause>;
}

type Sentence = string | ((facts: FailureFacts) => string);

/** A language's texts; a missing code does not compile. */
export interface FailureCatalogue {
  places: Record<Endpoint, string>;
  /** What a failure means for the photo follows from what the queue does about it, unless the code says otherwise. */
  photos: Record<Disposition, string>;
  /** What to do where the queue usually helps itself, and this time has given up. */
  stuck: string;
  texts: Record<FailureCode, { what: Sentence; photos?: Sentence; next: Sentence }>;
}

/** Failures that the queue overcomes by itself, so their texts say that there is nothing to do. */
const selfHealing: ReadonlySet<FailureCode> = new Set([
  'connection-refused', 'connection-reset', 'stalled', 'rate-limited', 'circuit-open', 'server-error', 'bad-gateway',
  'service-unavailable', 'gateway-timeout', 'request-timeout', 'upload-gone', 'signature-expired',
]);

const catalogues: Record<Language, FailureCatalogue> = { es: failuresEs, en: failuresEn };

/** Explains a failure to a person: what happened, what it means for the photo, what to do. */
export function failureText(language: Language, failure: Pick<Failure, 'code' | 'disposition' | 'endpoint' | 'retryAfterMs' | 'detail'>): Explanation {
  const catalogue = catalogues[language];
  const text = catalogue.texts[failure.code];
  const facts: FailureFacts = {
    place: catalogue.places[failure.endpoint],
    wait: failure.retryAfterMs ? formatDuration(language, failure.retryAfterMs) : undefined,
    proxyAuth: proxyAuthCause(failure.detail),
  };
  const say = (sentence: Sentence): string => (typeof sentence === 'string' ? sentence : sentence(facts));
  return {
    what: say(text.what),
    photos: say(text.photos ?? catalogue.photos[failure.disposition]),
    next: failure.disposition === 'needsAttention' && selfHealing.has(failure.code) ? catalogue.stuck : say(text.next),
  };
}
