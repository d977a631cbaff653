import { AnswerError } from './answer-error.ts';
import type { GatewayClient } from './gateway-client.ts';
import { capabilitiesSchema } from './wire.ts';

/**
 * A 404 in the backend's general words, `not_found`, may be said of a session or a patient, or of the call itself where a
 * gateway no longer speaks contract B. Whether it still offers uploads tells which.
 *
 * @returns the error with the code `route_missing` where it is the call; otherwise as it was
 * @throws what asking failed with: then nobody knows
 */
export async function whatIsMissing(client: GatewayClient, error: AnswerError, signal?: AbortSignal): Promise<AnswerError> {
  if (error.status !== 404 || error.code !== 'not_found') return error;
  try {
    await client.call({ method: 'GET', path: '/media/capabilities', answer: capabilitiesSchema, auth: 'token', idempotent: true, ...(signal ? { signal } : {}) });
    return error;
  } catch (asked) {
    if (!(asked instanceof AnswerError) || asked.status !== 404 || asked.code === 'malformed') throw asked;
    return new AnswerError({ ...error, code: 'route_missing' });
  }
}
