import { z } from 'zod';

/**
 * What went wrong, as the product distinguishes it. A person's text for each is in `shared/texts`;
 * the mapping from sockets, statuses and bodies is in `engine/resilience/classify.ts`, and nowhere else.
 */
export const failureCodeSchema = z.enum([
  // The way to the server.
  'offline',
  'dns-failed',
  'connection-refused',
  'connection-reset',
  'connect-timeout',
  'stalled',
  'tls-failed',
  'certificate-expired',
  'certificate-untrusted',
  'proxy-auth-required',
  'proxy-failed',
  // What the server said.
  'rate-limited',
  'circuit-open',
  'server-error',
  'bad-gateway',
  'service-unavailable',
  'gateway-timeout',
  'request-timeout',
  'server-disk-full',
  'malformed-answer',
  'session-expired',
  'forbidden',
  'patient-not-found',
  'upload-gone',
  'conflict',
  'integrity-mismatch',
  'too-large',
  'unsupported-type',
  'bad-request',
  'clock-skew',
  'signature-expired',
  // This computer.
  'spool-damaged',
  'spool-missing',
  'disk-full',
  'superseded',
  'unknown',
]);
export type FailureCode = z.infer<typeof failureCodeSchema>;

/**
 * What to do about it:
 * - `retry`: try again soon by ourselves; counts as a try.
 * - `wait`: nothing is wrong with this photo; wait for the cause to go (network, breaker, rate limit); no try is burnt.
 * - `signIn`: a person must sign in; no try is burnt.
 * - `needsAttention`: trying again unchanged cannot help, or we do not know what this is.
 */
export const dispositionSchema = z.enum(['retry', 'wait', 'needsAttention', 'signIn']);
export type Disposition = z.infer<typeof dispositionSchema>;

/** Who we were talking to when it failed. */
export const endpointSchema = z.enum(['gateway', 'spaces', 'local']);
export type Endpoint = z.infer<typeof endpointSchema>;

/** Plain data, the only form in which a failure crosses a process boundary or is stored. Never holds a secret or a patient's data. */
export const failureSchema = z.object({
  code: failureCodeSchema,
  disposition: dispositionSchema,
  endpoint: endpointSchema,
  /** The request may have been carried out although we saw it fail: ask before repeating. */
  ambiguous: z.boolean().default(false),
  httpStatus: z.number().int().optional(),
  /** How long the server asked us to wait, in milliseconds. Obeyed without jitter. */
  retryAfterMs: z.number().nonnegative().optional(),
  traceId: z.string().max(200).optional(),
  /** The server's own code or the errno, for support. */
  detail: z.string().max(200).optional(),
});
export type Failure = z.infer<typeof failureSchema>;
