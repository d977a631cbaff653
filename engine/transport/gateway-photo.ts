/**
 * @file Contract A: one photo per patient, proxied by the gateway in a single request.
 *
 * [Note: what a 504 means on contract A] The gateway gives up after 5 s while media goes on for up to 160 s (its tries
 * at Spaces), so a photo may arrive long after we were told that it failed. The patient's record says when it has:
 * it then points to an object whose ETag is our MD5. Until those 160 s are over, "not there" means "not there yet".
 */
import type { Limits } from '../../shared/domain/account.ts';
import type { PhotoFacts, RemotePhoto } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { AnswerError } from './answer-error.ts';
import { fileAsFormData } from './form-data.ts';
import type { BodyAnswer, GatewayClient } from './gateway-client.ts';
import { callDeadlines, type Http } from './http.ts';
import { safeAddress } from './server-address.ts';
import { IntegrityMismatch, type RemoteSession, type SessionReport, type Transport } from './transport.ts';
import { answerError, bareEtag, gatewayPhotoSchema, patientPhotoSchema, readAnswer, spacesError, type GatewayPhoto } from './wire.ts';

export interface GatewayPhotoDeps {
  client: GatewayClient;
  http: Http;
  /** The gateway, as sessions remember it. */
  at: string;
  limits: Limits;
  clock: Clock;
  /** The organisation through which this account sees the patient; undefined where the list does not say. */
  orgOf(patientId: string): string | undefined;
}

/** Media's own limit: 4 tries of 10 s connect and 30 s read. See [Note: what a 504 means on contract A]. */
export const mediaGivesUpMs = 160_000;

/** What came back for photos sent by this process; for those of an earlier one the server is asked. */
const mostRemembered = 1_000;

interface Arrived {
  photo: RemotePhoto;
  url: string | undefined;
}

/** A `Transport` on contract A. A session is nothing at the server; `sentAt` in it is all that is known of a lost answer. */
export function createGatewayPhotoTransport({ client, http, at, limits, clock, orgOf }: GatewayPhotoDeps): Transport {
  const arrived = new Map<string, Arrived>();

  function remember(photo: PhotoFacts, record: Arrived): Arrived {
    arrived.set(photo.id, record);
    const oldest = arrived.keys().next();
    if (arrived.size > mostRemembered && !oldest.done) arrived.delete(oldest.value);
    return record;
  }

  /** The address that the patient's record points to; undefined where there is none, or nobody whom we could ask. */
  async function presentUrl(photo: PhotoFacts, signal: AbortSignal): Promise<string | undefined> {
    const org = orgOf(photo.patientId);
    if (org === undefined) return undefined;
    const address = await patientPhotoAddress(client, org, photo.patientId, signal);
    return address ? safeAddress(address, at) : undefined;
  }

  /** Whether the patient's photo is this one by now. */
  async function lookFor(photo: PhotoFacts, signal: AbortSignal): Promise<Arrived | undefined> {
    const url = await presentUrl(photo, signal);
    const object = url && await head(url, signal);
    if (!url || !object || object.etag !== photo.md5 || object.sizeBytes !== photo.sizeBytes) return undefined;
    const objectKey = keyIn(url, photo.patientId);
    return remember(photo, {
      url,
      photo: { photoId: objectKey.slice(0, 500), objectKey, sizeBytes: object.sizeBytes, etag: object.etag, uploadedAt: object.modifiedAt ?? clock.now() },
    });
  }

  /** What is known of a public object; undefined where it is not there or not for us to see. */
  async function head(url: string, signal: AbortSignal): Promise<{ etag: string; sizeBytes: number; modifiedAt: number | undefined } | undefined> {
    const answer = await http.send({ method: 'HEAD', url, headers: {}, endpoint: 'spaces', deadlines: callDeadlines, signal });
    if (answer.status === 403 || answer.status === 404) return undefined;
    // Without an ETag it is not the store that answered, and says nothing of the object.
    if (answer.status !== 200 || answer.headers['etag'] === undefined) throw spacesError(answer);
    const modifiedAt = Date.parse(answer.headers['last-modified'] ?? '');
    return {
      etag: bareEtag(answer.headers['etag']),
      sizeBytes: Number(answer.headers['content-length'] ?? -1),
      modifiedAt: Number.isNaN(modifiedAt) ? undefined : modifiedAt,
    };
  }

  async function inspect(photo: PhotoFacts, session: RemoteSession, signal: AbortSignal): Promise<SessionReport> {
    const known = arrived.get(photo.id) ?? (session.sentAt === undefined ? undefined : await lookFor(photo, signal));
    if (known) return { name: 'completed', session, photo: known.photo };
    // A clock that was set back since must not make us wait longer than media can.
    const until = session.sentAt === undefined ? 0 : Math.min(session.sentAt, clock.now()) + mediaGivesUpMs;
    return clock.now() < until ? { name: 'unsettled', until } : { name: 'open', session, parts: [] };
  }

  return {
    name: 'gateway-photo',
    at,
    ordering: 'per-patient',
    limits,

    async open(photo) {
      const session: RemoteSession = { transport: 'gateway-photo', at, sessionId: photo.id, partBytes: limits.maxFileBytes, openedAt: clock.now() };
      const known = arrived.get(photo.id);
      return known ? { name: 'completed', session, photo: known.photo } : { name: 'open', session, parts: [] };
    },

    inspect: (photo, session, { signal }) => inspect(photo, session, signal),

    async sendPart(photo, _session, part, { signal, onSent }) {
      // Beyond the limit the server answers 401, which would look like the end of the session.
      if (part.number !== 1 || part.sizeBytes !== photo.sizeBytes || part.sizeBytes > limits.maxFileBytes) {
        throw new AnswerError({ endpoint: 'gateway', status: 413, code: 'file_too_large' });
      }
      const { headers, body } = fileAsFormData('photo', photo.contentType, part.chunks);
      arrived.delete(photo.id);
      const answer = await client.sendBody({ method: 'PUT', path: photoPath(photo.patientId), headers, body, signal, onSent: onSent && photoBytesOnly(body, onSent) });
      const record = readPhoto(answer);
      const etag = record.etag ?? undefined;
      if (record.size_bytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (etag !== undefined && etag !== photo.md5) throw new IntegrityMismatch('etag');
      remember(photo, {
        url: record.url ?? undefined,
        photo: {
          photoId: record.object_key.slice(0, 500), objectKey: record.object_key, sizeBytes: record.size_bytes,
          ...(etag === undefined ? {} : { etag }), uploadedAt: record.uploaded_at ?? clock.now(),
        },
      });
      return { number: 1, sizeBytes: part.sizeBytes, etag: part.md5 };
    },

    async complete(photo, _session, _parts, { signal }) {
      const known = arrived.get(photo.id) ?? await lookFor(photo, signal);
      if (!known) throw new AnswerError({ endpoint: 'gateway', status: 404, code: 'upload_not_found' });
      return known.photo;
    },

    async verify(photo, _session, stored, { signal }) {
      if (stored.sizeBytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (stored.etag !== undefined && stored.etag !== photo.md5) throw new IntegrityMismatch('etag');
      const known = arrived.get(photo.id)?.url;
      const url = known ?? await presentUrl(photo, signal);
      const isIt = url !== undefined && (known !== undefined || keyIn(url, photo.patientId) === stored.objectKey);
      const object = isIt ? await head(url, signal) : undefined;
      // Not to be seen (a private bucket, or replaced by a newer photo meanwhile): the record must do, if it has a digest.
      if (!object) {
        if (stored.etag === undefined) throw new IntegrityMismatch('etag');
        return;
      }
      if (object.sizeBytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (object.etag !== photo.md5) throw new IntegrityMismatch('etag');
    },

    async abort(photo, session, { signal }) {
      const report = await inspect(photo, session, signal);
      return report.name === 'completed' ? { name: 'completed', photo: report.photo } : { name: 'aborted' };
    },
  };
}

function readPhoto(answer: BodyAnswer): GatewayPhoto {
  // The session was asked about and is good, so it is the body: see the contract's 401 to an oversize request.
  if (answer.status === 401 && answer.tokenVerdict === 'still-valid') {
    const error = answerError(answer);
    throw new AnswerError({ ...error, code: 'oversize_body' });
  }
  return readAnswer(answer, gatewayPhotoSchema).photo;
}

/** Where the patient's one photo is, in the words of the record: nothing is known of them yet. @throws as `GatewayClient.call` */
export async function patientPhotoAddress(client: GatewayClient, org: string, patientId: string, signal: AbortSignal): Promise<string | undefined> {
  const path = `/user/orgs/${encodeURIComponent(org)}/patients/${encodeURIComponent(patientId)}`;
  const { patient } = await client.call({ method: 'GET', path, auth: 'token', idempotent: true, answer: patientPhotoSchema, signal });
  return patient.profile_photo_url || undefined;
}

function photoPath(patientId: string): string {
  return `/media/patients/${encodeURIComponent(patientId)}/photo`;
}

/** The object's key in its address: what comes before (a bucket, a CDN's folder) is not part of it. */
function keyIn(url: string, patientId: string): string {
  const path = safelyDecoded(new URL(url).pathname.slice(1));
  const from = path.indexOf(`patients/${patientId}/`);
  return (from > 0 ? path.slice(from) : path).slice(0, 1024);
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Tells of the photo's bytes only: what frames them is not progress of the photo. */
function photoBytesOnly(body: readonly Uint8Array[], onSent: (bytes: number) => void): (bytes: number) => void {
  const head = body[0]?.length ?? 0;
  const photo = body.slice(1, -1).reduce((sum, chunk) => sum + chunk.length, 0);
  let taken = 0;
  return (bytes) => {
    const before = Math.min(photo, Math.max(0, taken - head));
    taken += bytes;
    const after = Math.min(photo, Math.max(0, taken - head));
    if (after > before) onSent(after - before);
  };
}
