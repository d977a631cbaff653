import type { Endpoint } from '../../shared/domain/failure.ts';

/** Limits on one request, in milliseconds. No request can hang for ever: every phase has one. */
export interface Deadlines {
  /** Name resolution, TCP and TLS together. */
  connectMs: number;
  /** No byte moved in either direction for this long, also before the first byte of the answer. */
  stallMs: number;
  /** The whole request, body included; absent for photo bodies, whose length is not known beforehand. */
  totalMs?: number;
}

export const photoDeadlines: Deadlines = { connectMs: 10_000, stallMs: 30_000 };
export const callDeadlines: Deadlines = { connectMs: 10_000, stallMs: 30_000, totalMs: 45_000 };

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute. May carry a presigned query, so it must never be logged whole. */
  url: string;
  headers: Record<string, string>;
  /** Sent in order as one body. Kept by the caller, so that a further try can send it again. */
  body?: readonly Uint8Array[];
  endpoint: Exclude<Endpoint, 'local'>;
  deadlines: Deadlines;
  signal?: AbortSignal;
  /** Told of body bytes that the socket has taken, as they go. Bytes taken are not bytes stored. */
  onSent?: (bytes: number) => void;
  /** Told of the body of a 200 piece by piece as it comes, which is then kept nowhere, and may take as long as it moves. */
  onAnswer?: (piece: Uint8Array) => void;
  /** An answer longer than this is refused as malformed. Default 4 MiB. */
  maxAnswerBytes?: number;
}

export function bodyBytes(body: HttpRequest['body']): number {
  return body?.reduce((sum, chunk) => sum + chunk.length, 0) ?? 0;
}

/** Durations of one request, in milliseconds; a phase that did not take place (a kept-alive connection) is absent. */
export interface Phases {
  dns?: number;
  tcp?: number;
  tls?: number;
  firstByte?: number;
  total: number;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case; of repeated ones, joined by a comma. */
  headers: Record<string, string>;
  body: Uint8Array;
  phases: Phases;
  /** The system has taken every byte of the request's body: nothing reads it any more. */
  bodyTaken?: boolean;
}

export type HttpErrorReason =
  | 'offline' | 'dns' | 'refused' | 'unreachable' | 'reset' | 'connect-timeout' | 'stalled' | 'total-timeout'
  | 'tls' | 'certificate-expired' | 'certificate-untrusted' | 'proxy-auth' | 'proxy' | 'truncated' | 'answer-too-long' | 'aborted';

/** What a proxy had to do with a failure. */
export interface ProxyPart {
  /** No connection to it came about, so nothing of the request was sent. */
  unreached?: boolean;
  /** It had let us through. */
  passed?: boolean;
  /** The values of `Proxy-Authenticate`. */
  challenges?: readonly string[];
}

/** No whole answer came. Says how far the request got, because that decides whether it may have been carried out. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly reason: HttpErrorReason;
  readonly endpoint: Exclude<Endpoint, 'local'>;
  /** The last byte of the request was handed to the network: the server may have acted on it. */
  readonly requestSent: boolean;
  /** The system's own code, such as ECONNREFUSED; of a proxy that wants a sign-in, how it wants it. */
  readonly errno: string | undefined;
  readonly phases: Phases | undefined;
  /** Where the way led through a proxy. */
  readonly proxy: ProxyPart | undefined;

  constructor(fields: { reason: HttpErrorReason; endpoint: Exclude<Endpoint, 'local'>; requestSent: boolean; errno?: string; phases?: Phases; proxy?: ProxyPart }) {
    super(`${fields.endpoint}: ${fields.reason}${fields.errno ? ` (${fields.errno})` : ''}`);
    this.reason = fields.reason;
    this.endpoint = fields.endpoint;
    this.requestSent = fields.requestSent;
    this.errno = fields.errno;
    this.phases = fields.phases;
    this.proxy = fields.proxy;
  }
}

/**
 * The network as the engine sees it: one whole request, one whole answer, whatever its status.
 *
 * `send` resolves with any HTTP status, 5xx included, and rejects only with `HttpError`. It does not retry,
 * follow redirects, or keep cookies.
 */
export interface Http {
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** Drops idle connections, as after a change of network, when they may be dead without anyone having said so. */
  forgetConnections(): void;
  close(): void;
}
