import { z } from 'zod';
import { contractNameSchema, type ContractName, type Limits } from '../../shared/domain/account.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import type { PhotoFacts, RemotePhoto } from '../../shared/domain/upload.ts';
import type { OnRepeated } from './gateway-client.ts';

/** An upload as the server knows it. Committed to the queue before the first byte of the photo is sent. */
export const remoteSessionSchema = z.object({
  transport: contractNameSchema,
  /** The gateway (or Spaces endpoint) it was opened at: a session means nothing elsewhere. */
  at: z.string().max(2000),
  sessionId: z.string().max(1000),
  objectKey: z.string().max(1024).optional(),
  /** Every part but the last has this size. Chosen once per session. */
  partBytes: z.number().int().positive(),
  openedAt: timestampSchema,
  /** Contract A: when a body was last begun to be sent whose outcome is not known; it may still arrive. */
  sentAt: timestampSchema.optional(),
});
export type RemoteSession = z.infer<typeof remoteSessionSchema>;

export const storedPartSchema = z.object({
  number: z.number().int().min(1).max(10_000),
  sizeBytes: z.number().int().nonnegative(),
  /** Without quotes. For S3 the MD5 of the part, in hexadecimal. */
  etag: z.string().max(200),
});
export type StoredPart = z.infer<typeof storedPartSchema>;

export interface PartBody {
  number: number;
  /** In order, together the part's bytes. */
  chunks: readonly Uint8Array[];
  sizeBytes: number;
  /** Hexadecimal. */
  md5: string;
  /** Frees the chunks, for whoever knows that nothing reads them any more; see [Note: memory of photos]. Otherwise the collector does. */
  free?: () => void;
}

/** What the server says of a session. */
export type SessionReport =
  | { name: 'open'; session: RemoteSession; parts: StoredPart[] }
  /** The photo is stored and the server has a record of it. */
  | { name: 'completed'; session: RemoteSession; photo: RemotePhoto }
  /** The server knows no such session, or has ended it: begin again with `open`. */
  | { name: 'gone' }
  /** It may yet arrive: do not send again before this time (ms since the epoch). */
  | { name: 'unsettled'; until: number };

export interface CallOptions {
  signal: AbortSignal;
  /** Told of every request that failed and is made again before the call ends: one that works then hides it otherwise. */
  onRepeated?: OnRepeated | undefined;
}

export interface VerifyOptions extends CallOptions {
  /** The MD5s of the photo's parts where each but the last has this size; undefined where they cannot be had. */
  partMd5s?: (partBytes: number) => Promise<readonly string[] | undefined>;
}

/** What is known of a photo that is to be taken back. */
export type AbortOutcome =
  | { name: 'aborted' }
  | { name: 'completed'; photo: RemotePhoto }
  /** It cannot be called back and may yet arrive: ask again at this time (ms since the epoch). */
  | { name: 'unsettled'; until: number };

export interface SendOptions extends CallOptions {
  /** Body bytes taken by the network, as they go. */
  onSent?: (bytes: number) => void;
}

/**
 * A way to bring one photo to the store. The uploader drives it; every adapter keeps the same promises, and
 * `transport-conformance.ts` holds each of them to these, the in-memory one and the real servers included:
 *
 * - `open` may be repeated: for one photo id there is never more than one upload at the server. It sends no photo bytes.
 * - `inspect` tells the server's truth and changes nothing.
 * - `sendPart` resolves only when the server has confirmed the part, with the ETag it gave; repeating a part replaces it.
 * - `complete` resolves only when the server has a record of the photo; repeating it answers the same photo.
 * - `verify` compares size and digest of what is stored with the photo's facts.
 *   It rejects with `IntegrityMismatch` where they differ.
 * - `abort` leaves no parts behind; repeating it is fine. Where the photo was completed after all, or may yet be, it says so.
 * - All reject with `HttpError`, `AnswerError` or `SessionExpired`, and nothing else of their own;
 *   none retries a photo body, and none waits longer than its deadlines.
 */
export interface Transport {
  readonly name: ContractName;
  /** The gateway's (or Spaces endpoint's) address; sessions opened here carry it, and are `gone` anywhere else. */
  readonly at: string;
  /** `per-patient`: a later photo of a patient replaces an earlier one, so they go strictly one after the other. */
  readonly ordering: 'any' | 'per-patient';
  readonly limits: Limits;
  /** @param maxPartBytes when a smaller part size is needed than the server offers (a proxy refused larger bodies, or the process keeps dying). */
  open(photo: PhotoFacts, options: CallOptions & { maxPartBytes?: number }): Promise<SessionReport>;
  inspect(photo: PhotoFacts, session: RemoteSession, options: CallOptions): Promise<SessionReport>;
  sendPart(photo: PhotoFacts, session: RemoteSession, part: PartBody, options: SendOptions): Promise<StoredPart>;
  complete(photo: PhotoFacts, session: RemoteSession, parts: readonly StoredPart[], options: CallOptions): Promise<RemotePhoto>;
  verify(photo: PhotoFacts, session: RemoteSession, stored: RemotePhoto, options: VerifyOptions): Promise<void>;
  abort(photo: PhotoFacts, session: RemoteSession, options: CallOptions): Promise<AbortOutcome>;
}

/** What is stored is not what was read from the source. Never called sent. */
export class IntegrityMismatch extends Error {
  override readonly name = 'IntegrityMismatch';
  /** Which fact differs; no values, they help nobody and may grow into a leak. */
  readonly what: 'size' | 'etag' | 'sha256';

  constructor(what: 'size' | 'etag' | 'sha256') {
    super(`stored ${what} differs`);
    this.what = what;
  }
}
