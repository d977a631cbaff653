import type { Failure } from '../../shared/domain/failure.ts';
import type { Clock } from '../clock.ts';
import { classify } from '../resilience/classify.ts';
import type { Http } from '../transport/http.ts';
import { HttpError } from '../transport/http.ts';
import { answerError, spacesError } from '../transport/wire.ts';

/**
 * Our own open breaker says only that somebody failed before. To the diagnosis that would hide what failed, so the last
 * failure that came from outside is kept behind it, for the attempt that is held back.
 */
export interface BehindBreaker {
  watch(http: Http): Http;
  /** The last failure that nobody has been told of; each is given once. */
  take(): Failure | undefined;
}

export function createBehindBreaker(clock: Clock): BehindBreaker {
  let last: Failure | undefined;
  return {
    take() {
      const taken = last;
      last = undefined;
      return taken;
    },
    watch: (http) => ({
      async send(request) {
        try {
          const answer = await http.send(request);
          if (answer.status >= 500) last = classify(request.endpoint === 'spaces' ? spacesError(answer) : answerError(answer), { now: clock.now() });
          return answer;
        } catch (error) {
          if (error instanceof HttpError && error.reason !== 'aborted') last = classify(error, { now: clock.now() });
          throw error;
        }
      },
      forgetConnections: () => http.forgetConnections(),
      close: () => http.close(),
    }),
  };
}
