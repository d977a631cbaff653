import { CallError } from '../../shared/rpc/call-error.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { SessionExpired } from '../transport/gateway-client.ts';
import { HttpError } from '../transport/http.ts';

/** What a call to the gateway failed with, as the contract of the engine names it. Anything else is a mistake of ours and stays as it is. */
export function toCallError(error: unknown): unknown {
  if (error instanceof HttpError) return new CallError('network', error.reason);
  if (error instanceof AnswerError) return new CallError('server', `${error.status} ${error.code}`);
  if (error instanceof SessionExpired) return new CallError('not-signed-in');
  return error;
}

/** The server, or the way to it, failed: a reason to go on with what is known. */
export function isOutOfReach(error: unknown): boolean {
  return error instanceof HttpError || error instanceof AnswerError || error instanceof SessionExpired;
}
