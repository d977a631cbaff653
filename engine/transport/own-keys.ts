/** @file The clinic's own Spaces: create, parts and complete signed here (SigV4), no service of ours in between. */
import { createHash } from 'node:crypto';
import type { Limits } from '../../shared/domain/account.ts';
import type { PhotoFacts, RemotePhoto } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { AnswerError } from './answer-error.ts';
import type { Http } from './http.ts';
import { createS3Calls, type S3Target } from './s3-calls.ts';
import { IntegrityMismatch, type RemoteSession, type SessionReport, type StoredPart, type Transport } from './transport.ts';

export interface OwnKeysDeps {
  http: Http;
  clock: Clock;
  target: S3Target;
  limits?: Partial<Limits>;
}

/** S3 refuses smaller parts, the last one aside. */
const smallestPartBytes = 5 * 1024 * 1024;
/** The session of a photo that fits in one part: there is nothing to be opened at the store. */
const singlePut = 'single';

const extensions: Record<PhotoFacts['contentType'], string> = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'image/heic': 'heic' };

/** There is nobody to ask for them, so they are S3's own, and ours. @param learntAt since when the keys are in use, ms since the epoch */
export function ownKeysLimits(learntAt: number): Limits {
  return {
    contract: 'own-keys', maxFileBytes: 1024 ** 3, acceptedTypes: Object.keys(extensions),
    partBytes: 8 * 1024 ** 2, maxPartsInFlight: 6, learntAt,
  };
}

/** Where sessions of these keys belong; see `Transport.at`. */
export function ownKeysPlace({ endpoint, bucket }: Pick<S3Target, 'endpoint' | 'bucket'>): string {
  return `${endpoint.replace(/\/+$/, '')}/${bucket}`;
}

/** What S3 gives a multipart object: the MD5 of its parts' MD5s, and their number. */
export function multipartEtag(md5s: readonly string[]): string {
  return `${createHash('md5').update(Buffer.concat(md5s.map((md5) => Buffer.from(md5, 'hex')))).digest('hex')}-${md5s.length}`;
}

/**
 * A `Transport` straight to Spaces. The key of a photo is made of its id, which is what makes every call repeatable:
 * an object under that key is this photo or nothing, and a lost answer to Create is found by looking for the key.
 */
export function createOwnKeysTransport({ http, clock, target, limits }: OwnKeysDeps): Transport {
  const s3 = createS3Calls(http, clock, target);
  const inForce: Limits = { ...ownKeysLimits(0), ...limits };
  const at = ownKeysPlace(target);
  /** What the store must call the objects completed by this process. */
  const expected = new Map<string, string>();

  const keyOf = (photo: PhotoFacts): string => `relevo/${encodeURIComponent(photo.patientId)}/${photo.id}.${extensions[photo.contentType]}`;
  const isSingle = (photo: PhotoFacts, session: RemoteSession): boolean => photo.sizeBytes <= session.partBytes;

  function sessionOf(photo: PhotoFacts, sessionId: string, partBytes: number): RemoteSession {
    return { transport: 'own-keys', at, sessionId, objectKey: keyOf(photo), partBytes, openedAt: clock.now() };
  }

  /** The photo under its key, if it is there whole. */
  async function stored(photo: PhotoFacts, signal: AbortSignal): Promise<RemotePhoto | undefined> {
    const object = await s3.head(keyOf(photo), signal);
    if (!object || object.sizeBytes !== photo.sizeBytes || object.sha256 !== photo.sha256) return undefined;
    return { photoId: photo.id, objectKey: keyOf(photo), sizeBytes: object.sizeBytes, sha256: photo.sha256, etag: object.etag, uploadedAt: object.modifiedAt };
  }

  async function inspect(photo: PhotoFacts, session: RemoteSession, signal: AbortSignal): Promise<SessionReport> {
    const parts = isSingle(photo, session) ? [] : await s3.parts(keyOf(photo), session.sessionId, signal);
    const done = parts === undefined || isSingle(photo, session) ? await stored(photo, signal) : undefined;
    if (done) return { name: 'completed', session, photo: done };
    return parts === undefined ? { name: 'gone' } : { name: 'open', session, parts };
  }

  /** Says whether these are the photo's parts, before the store is asked to make an object of them. */
  function requireWhole(photo: PhotoFacts, session: RemoteSession, parts: readonly StoredPart[]): void {
    const numbered = parts.every(({ number }, index) => number === index + 1);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    if (!numbered || parts.length !== Math.ceil(photo.sizeBytes / session.partBytes) || sizeBytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
  }

  return {
    name: 'own-keys',
    at,
    ordering: 'any',
    limits: inForce,

    async open(photo, { signal, maxPartBytes }) {
      const partBytes = Math.max(smallestPartBytes, Math.min(inForce.partBytes, maxPartBytes ?? Infinity));
      const single = sessionOf(photo, singlePut, partBytes);
      const done = await stored(photo, signal);
      if (done) return { name: 'completed', session: single, photo: done };
      if (isSingle(photo, single)) return { name: 'open', session: single, parts: [] };
      const [found, ...others] = await s3.unfinished(keyOf(photo), signal);
      for (const other of others) await s3.abort(keyOf(photo), other, signal);
      const uploadId = found ?? await s3.create(keyOf(photo), photo, signal);
      const parts = found === undefined ? [] : await s3.parts(keyOf(photo), uploadId, signal) ?? [];
      // What another part size left behind is replaced as its numbers are sent again.
      const fitting = parts.filter(({ number, sizeBytes }) => sizeBytes === Math.min(partBytes, photo.sizeBytes - (number - 1) * partBytes));
      return { name: 'open', session: sessionOf(photo, uploadId, partBytes), parts: fitting };
    },

    inspect: (photo, session, { signal }) => inspect(photo, session, signal),

    async sendPart(photo, session, part, { signal, onSent }) {
      const etag = isSingle(photo, session)
        ? await s3.put(keyOf(photo), photo, part, signal, onSent)
        : await s3.putPart(keyOf(photo), session.sessionId, part, signal, onSent);
      if (etag !== part.md5) throw new IntegrityMismatch('etag');
      return { number: part.number, sizeBytes: part.sizeBytes, etag };
    },

    async complete(photo, session, parts, { signal }) {
      const sorted = [...parts].sort((one, other) => one.number - other.number);
      requireWhole(photo, session, sorted);
      const etag = isSingle(photo, session) ? photo.md5 : multipartEtag(sorted.map((part) => part.etag));
      try {
        if (!isSingle(photo, session)) await s3.complete(keyOf(photo), session.sessionId, sorted, signal);
      } catch (error) {
        // Applied earlier, its answer lost: then the upload is gone and the object there.
        if (!(error instanceof AnswerError) || error.code !== 'NoSuchUpload') throw error;
        if (!await stored(photo, signal)) throw error;
      }
      const done = await stored(photo, signal);
      if (!done) throw new AnswerError({ endpoint: 'spaces', status: 404, code: 'NoSuchKey' });
      if (isSingle(photo, session) && sorted[0]?.etag !== photo.md5) throw new IntegrityMismatch('etag');
      if (done.etag !== etag) throw new IntegrityMismatch('etag');
      expected.set(photo.id, etag);
      return done;
    },

    async verify(photo, session, said, { signal, partMd5s }) {
      const object = await s3.head(keyOf(photo), signal);
      if (said.sizeBytes !== photo.sizeBytes || object?.sizeBytes !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (said.sha256 !== undefined && said.sha256 !== photo.sha256) throw new IntegrityMismatch('sha256');
      const etag = expected.get(photo.id) ?? (object.etag.includes('-') ? undefined : photo.md5);
      expected.delete(photo.id);
      if (etag !== undefined) {
        if (object.etag !== etag) throw new IntegrityMismatch('etag');
        return;
      }
      // Completed by an earlier process, or its answer was lost. What its parts' digests make is the ETag, where it was cut as the session says.
      const md5s = await partMd5s?.(session.partBytes);
      if (md5s && multipartEtag(md5s) === object.etag) return;
      // Cut otherwise, or not by us: only the bytes themselves can tell.
      if (await s3.sha256(keyOf(photo), signal) !== photo.sha256) throw new IntegrityMismatch('sha256');
    },

    async abort(photo, session, { signal }) {
      if (!isSingle(photo, session)) await s3.abort(keyOf(photo), session.sessionId, signal);
      const done = await stored(photo, signal);
      return done ? { name: 'completed', photo: done } : { name: 'aborted' };
    },
  };
}
