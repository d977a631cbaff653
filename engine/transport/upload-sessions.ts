/**
 * @file Contract B: upload sessions at the media service, photo bytes straight to Spaces.
 *
 * [Note: raw PUTs to presigned addresses] Parts go to Spaces through the `Http` port, not through an S3 client or
 * lib-storage: the address is signed already, so a client would only add its signing, middlewares and stream copies.
 * Measured on 200 × 4 MB it took 0.5 to 1.05 of rclone's time, where lib-storage took 1.0 to 1.4; and the sockets'
 * progress, the deadlines and the resume stay ours.
 */
import type { Limits } from '../../shared/domain/account.ts';
import type { RemotePhoto } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { presignedPrefix } from '../resilience/classify.ts';
import { AnswerError } from './answer-error.ts';
import type { GatewayCall, GatewayClient } from './gateway-client.ts';
import { photoDeadlines, type Http } from './http.ts';
import { PresignedAddresses } from './presigned-addresses.ts';
import { whatIsMissing } from './route-missing.ts';
import { safeAddress } from './server-address.ts';
import { createSessionOpener } from './session-opener.ts';
import { IntegrityMismatch, type CallOptions, type PartBody, type RemoteSession, type SendOptions, type SessionReport, type StoredPart, type Transport } from './transport.ts';
import { abortAnswerSchema, bareEtag, completeAnswerSchema, presignAnswerSchema, spacesError, uploadAnswerSchema, type SessionPhoto, type SessionUpload } from './wire.ts';

export interface UploadSessionsDeps {
  client: GatewayClient;
  http: Http;
  /** The gateway, as sessions remember it. */
  at: string;
  limits: Limits;
  clock: Clock;
}

/** A `Transport` on contract B. Presigned addresses live in memory only, and are never logged. */
export function createUploadSessionsTransport({ client, http, at, limits, clock }: UploadSessionsDeps): Transport {
  const serverNow = (): number => clock.now() + client.clockOffsetMs();
  const opener = createSessionOpener(client);
  const addresses = new PresignedAddresses(serverNow, async (sessionId, parts, options) => {
    const answer = await ask({ method: 'POST', path: `${pathOf(sessionId)}/parts`, body: { parts }, answer: presignAnswerSchema, idempotent: true, ...options });
    return answer.parts;
  });

  /** A call about a session; that the session is unknown is told as such, whatever the server calls it, and that the call is unknown as well. */
  async function ask<T>(call: Omit<GatewayCall<T>, 'auth'>): Promise<T> {
    try {
      return await client.call({ ...call, auth: 'token' });
    } catch (error) {
      if (!(error instanceof AnswerError) || error.status !== 404 || error.code === 'malformed') throw error;
      const told = await whatIsMissing(client, error, call.signal);
      throw told.code === 'route_missing' ? told : new AnswerError({ ...error, code: 'upload_not_found' });
    }
  }

  function sessionOf(upload: SessionUpload, openedAt: number): RemoteSession {
    return { transport: 'upload-sessions', at, sessionId: upload.id, objectKey: upload.object_key, partBytes: upload.part_bytes, openedAt };
  }

  function report(upload: SessionUpload, session: RemoteSession): SessionReport {
    if (upload.state === 'aborted' || upload.state === 'expired') return { name: 'gone' };
    if (upload.state === 'completed') {
      if (!upload.photo) throw new AnswerError({ endpoint: 'gateway', status: 200, code: 'malformed' });
      return { name: 'completed', session, photo: remotePhoto(upload.photo, upload.duplicate_of ?? undefined) };
    }
    if (upload.single_put) addresses.keep(upload.id, 1, upload.single_put);
    return { name: 'open', session, parts: upload.parts.map(({ number, size, etag }) => ({ number, sizeBytes: size, etag })) };
  }

  async function inspect(session: RemoteSession, { signal, onRepeated }: CallOptions): Promise<SessionReport> {
    try {
      const { upload } = await ask({ method: 'GET', path: pathOf(session.sessionId), answer: uploadAnswerSchema, idempotent: true, signal, onRepeated });
      return report(upload, sessionOf(upload, session.openedAt));
    } catch (error) {
      if (error instanceof AnswerError && error.code === 'upload_not_found') return { name: 'gone' };
      throw error;
    }
  }

  return {
    name: 'upload-sessions',
    at,
    ordering: 'any',
    limits,

    async open(photo, { maxPartBytes, ...options }) {
      const upload = await opener(photo, maxPartBytes, options);
      return report(upload, sessionOf(upload, clock.now()));
    },

    inspect: (_photo, session, options) => inspect(session, options),

    async sendPart(_photo, session, part, options) {
      const { url, headers } = await addresses.of(session.sessionId, part, options);
      try {
        return await putPart(url, headers, part, options);
      } catch (error) {
        // It may be signed with a key that has been withdrawn, or too old: the next try asks for another. Not only when we
        // hear the refusal: Ceph refuses by the head and closes, and under a body on its way that arrives as a reset.
        addresses.forget(session.sessionId, part.number);
        throw error;
      }
    },

    async complete(_photo, session, parts, { signal, onRepeated }) {
      const body = { parts: parts.map(({ number, etag }) => ({ number, etag })) };
      const answer = await ask({ method: 'POST', path: `${pathOf(session.sessionId)}/complete`, body, answer: completeAnswerSchema, idempotent: true, signal, onRepeated });
      addresses.forget(session.sessionId);
      return remotePhoto(answer.photo, answer.duplicate_of ?? undefined);
    },

    async verify(photo, _session, stored) {
      // The parts' ETags, which the store gave, were compared one by one, and the server has compared the whole object
      // before it answered; what is left is whether its record is of this photo.
      if (stored.sizeBytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (stored.sha256 !== photo.sha256) throw new IntegrityMismatch('sha256');
    },

    async abort(_photo, session, { signal, onRepeated }) {
      addresses.forget(session.sessionId);
      try {
        const answer = await ask({ method: 'DELETE', path: pathOf(session.sessionId), answer: abortAnswerSchema, idempotent: true, signal, onRepeated });
        const upload = answer?.upload;
        // Without a word on the upload it may have been completed before all the same, so that is asked for.
        if (!upload) throw new AnswerError({ endpoint: 'gateway', status: 200, code: 'malformed' });
        const photo = upload.state === 'completed' ? upload.photo : undefined;
        return photo ? { name: 'completed', photo: remotePhoto(photo, upload.duplicate_of ?? undefined) } : { name: 'aborted' };
      } catch (error) {
        if (!(error instanceof AnswerError) || !['upload_not_found', 'malformed'].includes(error.code) && error.status !== 409) throw error;
        const now = await inspect(session, { signal, onRepeated });
        if (now.name === 'completed') return { name: 'completed', photo: now.photo };
        if (now.name === 'gone') return { name: 'aborted' };
        throw error;
      }
    },
  };

  async function putPart(url: string, headers: Record<string, string>, part: PartBody, { signal, onSent }: SendOptions): Promise<StoredPart> {
    const safe = safeAddress(url, at);
    if (safe === undefined) throw new AnswerError({ endpoint: 'gateway', status: 200, code: 'malformed' });
    const answer = await http.send({ method: 'PUT', url: safe, headers, body: part.chunks, endpoint: 'spaces', deadlines: photoDeadlines, signal, onSent });
    if (answer.status !== 200) {
      const error = spacesError(answer);
      throw answer.status === 403 ? new AnswerError({ ...error, code: presignedPrefix + error.code }) : error;
    }
    // A store that took the part names its ETag. Without one it is an error told in a 200, or a page of somebody in between.
    if (answer.headers['etag'] === undefined) throw spacesError(answer);
    const etag = bareEtag(answer.headers['etag']);
    if (etag !== part.md5) throw new IntegrityMismatch('etag');
    if (answer.bodyTaken) part.free?.();
    return { number: part.number, sizeBytes: part.sizeBytes, etag };
  }
}

function pathOf(sessionId: string): string {
  return `/media/uploads/${encodeURIComponent(sessionId)}`;
}

function remotePhoto(photo: SessionPhoto, duplicateOf: string | undefined): RemotePhoto {
  return {
    photoId: photo.id, objectKey: photo.object_key, sizeBytes: photo.size_bytes, sha256: photo.sha256, uploadedAt: photo.uploaded_at,
    ...(duplicateOf === undefined ? {} : { duplicateOf }),
  };
}
