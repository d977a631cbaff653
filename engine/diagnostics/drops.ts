import type { Failure } from '../../shared/domain/failure.ts';
import { HttpError, type Http, type HttpErrorReason } from '../transport/http.ts';

const dropped: ReadonlySet<HttpErrorReason> = new Set(['reset', 'truncated']);

/** Tells of each connection that ended under a request. A repetition that works hides it from whoever waits for the answer, and nobody else would know. */
export function watchDrops(http: Http, onDrop: () => void): Http {
  return {
    async send(request) {
      try {
        return await http.send(request);
      } catch (error) {
        if (error instanceof HttpError && dropped.has(error.reason)) onDrop();
        throw error;
      }
    },
    forgetConnections: () => http.forgetConnections(),
    close: () => http.close(),
  };
}

/** Whether a failure is one that `watchDrops` has told of: the network's doing, and no answer of a service. */
export function isDrop({ code, httpStatus }: Failure): boolean {
  return httpStatus === undefined && (code === 'connection-reset' || code === 'malformed-answer');
}
