import { z } from 'zod';

export const callErrorCodeSchema = z.enum([
  'invalid-input',
  'not-signed-in',
  'wrong-credentials',
  'network',
  'server',
  'no-gateway',
  'no-proxy',
  'not-found',
  'not-possible-now',
  'locked',
  'too-many-tries',
  'set-by-administrator',
  'engine-stopped',
  'data-folder-in-use',
  'data-folder-unwritable',
  'data-folder-foreign',
  'data-key-unavailable',
  'disk-full',
  'database-damaged',
  'database-newer-version',
  'database-wrong-key',
  'internal',
]);
export type CallErrorCode = z.infer<typeof callErrorCodeSchema>;

/**
 * The only error that a call may fail with: a code to decide on, and details that hold no secret.
 * Anything else thrown by an implementation reaches the caller as `internal`, without its text.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: CallErrorCode;
  readonly detail: string | undefined;

  constructor(code: CallErrorCode, detail?: string) {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
    this.detail = detail;
  }
}
