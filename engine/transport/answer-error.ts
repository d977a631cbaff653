import type { Endpoint } from '../../shared/domain/failure.ts';

/** An answer came, and it is not the one asked for: an error status, an error in a 200, or a body that does not parse. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly endpoint: Exclude<Endpoint, 'local'>;
  readonly status: number;
  /** What the server calls it (`unauthorized`, `NoSuchUpload`); `malformed` when the body was not what the contract says. */
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly traceId: string | undefined;
  /** Said by our own guards in the server's place: nothing was sent. */
  readonly ours: boolean;

  constructor(fields: { endpoint: Exclude<Endpoint, 'local'>; status: number; code: string; headers?: Record<string, string>; traceId?: string; ours?: boolean }) {
    super(`${fields.endpoint} answered ${fields.status} ${fields.code}`);
    this.endpoint = fields.endpoint;
    this.status = fields.status;
    this.code = fields.code;
    this.headers = fields.headers ?? {};
    this.traceId = fields.traceId;
    this.ours = fields.ours ?? false;
  }
}
