import type { z } from 'zod';
import type { Failure } from '../../shared/domain/failure.ts';
import type { HttpAnswer } from './http.ts';

/** Who knows the tokens. Calls made at the same time share one refresh. */
export interface TokenSource {
  /**
   * Whose tokens these are; another value as soon as somebody else has taken their place. What was begun for one person is neither
   * sent nor repeated with another's token. Absent: they are always the same one's.
   */
  owner?(): string | undefined;
  /** A token that is good for at least the next minute, refreshed first where needed. @throws HttpError | AnswerError | SessionExpired */
  accessToken(): Promise<string>;
  /**
   * The server answered 401 to this token. Asks the server whether the session is really over (contract A says 401
   * to an oversize body too), and refreshes where that helps.
   */
  rejected(token: string): Promise<'refreshed' | 'still-valid' | 'expired'>;
}

/** The session is over and only a person can renew it. */
export class SessionExpired extends Error {
  override readonly name = 'SessionExpired';
}

/** An answer to a photo body; of a 401, what the server said when it was asked about the token. */
export type BodyAnswer = HttpAnswer & { tokenVerdict?: 'refreshed' | 'still-valid' };

/** Told of a request that failed, and is made again within the call. */
export type OnRepeated = (failure: Failure) => void;

export interface GatewayCall<T> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Begins with a slash; identifiers in it already encoded. */
  path: string;
  body?: unknown;
  /** What the answer must be: of an envelope its `data`, else the whole body. */
  answer: z.ZodType<T>;
  /** `token` adds the access token and renews it once on 401. */
  auth: 'token' | 'none';
  /** May be repeated without harm, so it is retried within the call: GET by nature, POST where the contract says so. */
  idempotent: boolean;
  signal?: AbortSignal;
  onRepeated?: OnRepeated | undefined;
}

/**
 * JSON calls to the gateway. Reads both envelopes, adds `X-Trace-ID`, parses the answer.
 *
 * Rejects with `HttpError` (no answer), `AnswerError` (an error status, or an answer that is not what the contract
 * says) or `SessionExpired`.
 */
export interface GatewayClient {
  call<T>(call: GatewayCall<T>): Promise<T>;
  /** A raw request with the token, for photo bodies: no retry, no parsing; 401 is given back after `rejected` was asked. */
  sendBody(request: {
    method: 'POST' | 'PUT'; path: string; headers: Record<string, string>; body: readonly Uint8Array[];
    signal?: AbortSignal; onSent?: (bytes: number) => void;
  }): Promise<BodyAnswer>;
  /** The server's clock less ours, in milliseconds, from the `Date` header of the latest answer; 0 before the first. */
  clockOffsetMs(): number;
}
