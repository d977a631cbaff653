import { createHash } from 'node:crypto';
import type { Limits } from '../../shared/domain/account.ts';
import type { PhotoFacts, RemotePhoto } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { AnswerError } from './answer-error.ts';
import { HttpError } from './http.ts';
import { IntegrityMismatch, type RemoteSession, type SessionReport, type Transport } from './transport.ts';

interface MemoryUpload {
  id: string;
  photoId: string;
  state: 'open' | 'completed' | 'aborted' | 'expired';
  partBytes: number;
  parts: Map<number, { bytes: Uint8Array; etag: string }>;
  record: RemotePhoto | undefined;
}

/** A server's memory. Several transports may share one, as several runs of the engine share a server. */
export interface MemoryServer {
  readonly uploads: Map<string, MemoryUpload>;
  /** By object key. */
  readonly objects: Map<string, Uint8Array>;
  /** Called at the begin and at the end of every call; what it throws, the caller gets: a fault before or after the act. */
  intercept: (step: keyof Transport, when: 'before' | 'after', signal: AbortSignal) => void | Promise<void>;
}

export function createMemoryServer(): MemoryServer {
  return { uploads: new Map(), objects: new Map(), intercept: () => undefined };
}

export interface MemoryTransportDeps {
  server: MemoryServer;
  clock: Pick<Clock, 'now'>;
  limits?: Partial<Limits>;
  at?: string;
}

/** A `Transport` onto a server in memory that keeps all that contract B promises, for tests. */
export function createMemoryTransport({ server, clock, limits, at = 'memory:' }: MemoryTransportDeps): Transport {
  const inForce: Limits = {
    contract: 'upload-sessions', maxFileBytes: 1024 ** 3, acceptedTypes: ['image/jpeg', 'image/png', 'image/webp'],
    partBytes: 8 * 1024 ** 2, maxPartsInFlight: 4, learntAt: 0, ...limits,
  };

  const sessionOf = (upload: MemoryUpload, openedAt: number): RemoteSession =>
    ({ transport: inForce.contract, at, sessionId: upload.id, objectKey: keyOf(upload), partBytes: upload.partBytes, openedAt });

  function report(upload: MemoryUpload | undefined, openedAt: number): SessionReport {
    if (!upload || upload.state === 'aborted' || upload.state === 'expired') return { name: 'gone' };
    const session = sessionOf(upload, openedAt);
    if (upload.state === 'completed' && upload.record) return { name: 'completed', session, photo: upload.record };
    const parts = [...upload.parts].map(([number, { bytes, etag }]) => ({ number, sizeBytes: bytes.length, etag }));
    return { name: 'open', session, parts: parts.sort((one, other) => one.number - other.number) };
  }

  function find(photo: PhotoFacts): MemoryUpload | undefined {
    return [...server.uploads.values()].findLast(({ photoId, state }) => photoId === photo.id && (state === 'open' || state === 'completed'));
  }

  function requireOpen(session: RemoteSession): MemoryUpload {
    const upload = server.uploads.get(session.sessionId);
    if (!upload || upload.state === 'aborted' || upload.state === 'expired') throw refused(404, 'upload_not_found');
    return upload;
  }

  async function act<T>(step: keyof Transport, signal: AbortSignal, work: () => T): Promise<T> {
    const stopped = (): void => {
      if (signal.aborted) throw new HttpError({ reason: 'aborted', endpoint: 'gateway', requestSent: false });
    };
    stopped();
    await server.intercept(step, 'before', signal);
    stopped();
    const result = work();
    await server.intercept(step, 'after', signal);
    return result;
  }

  return {
    name: inForce.contract,
    at,
    ordering: 'any',
    limits: inForce,

    open: (photo, { signal, maxPartBytes }) => act('open', signal, () => {
      const known = find(photo);
      if (known) return report(known, clock.now());
      const upload: MemoryUpload = {
        id: `upload-${server.uploads.size + 1}`, photoId: photo.id, state: 'open',
        partBytes: Math.min(inForce.partBytes, maxPartBytes ?? Infinity), parts: new Map(), record: undefined,
      };
      server.uploads.set(upload.id, upload);
      return report(upload, clock.now());
    }),

    inspect: (_photo, session, { signal }) => act('inspect', signal, () => report(server.uploads.get(session.sessionId), session.openedAt)),

    sendPart: (_photo, session, part, { signal, onSent }) => act('sendPart', signal, () => {
      const upload = requireOpen(session);
      if (upload.state === 'completed') throw refused(409, 'upload_completed');
      const bytes = Buffer.concat(part.chunks);
      onSent?.(bytes.length);
      const etag = md5(bytes);
      if (etag !== part.md5) throw new AnswerError({ endpoint: 'spaces', status: 400, code: 'BadDigest' });
      upload.parts.set(part.number, { bytes, etag });
      return { number: part.number, sizeBytes: bytes.length, etag };
    }),

    complete: (photo, session, parts, { signal }) => act('complete', signal, () => {
      const upload = requireOpen(session);
      if (upload.record) return upload.record;
      const stored = parts.map(({ number, etag }) => {
        const part = upload.parts.get(number);
        if (part?.etag !== etag) throw refused(409, 'integrity_mismatch');
        return part.bytes;
      });
      const bytes = Buffer.concat(stored);
      if (bytes.length !== photo.sizeBytes || sha256(bytes) !== photo.sha256) throw refused(409, 'integrity_mismatch');
      server.objects.set(keyOf(upload), bytes);
      upload.state = 'completed';
      upload.parts.clear();
      upload.record = { photoId: `photo-${upload.id}`, objectKey: keyOf(upload), sizeBytes: bytes.length, sha256: photo.sha256, uploadedAt: clock.now() };
      return upload.record;
    }),

    verify: (photo, _session, stored, { signal }) => act('verify', signal, () => {
      const bytes = server.objects.get(stored.objectKey);
      if (stored.sizeBytes !== photo.sizeBytes || bytes?.length !== photo.sizeBytes) throw new IntegrityMismatch('size');
      if (stored.sha256 !== photo.sha256 || sha256(bytes) !== photo.sha256) throw new IntegrityMismatch('sha256');
    }),

    abort: (_photo, session, { signal }) => act('abort', signal, () => {
      const upload = server.uploads.get(session.sessionId);
      if (upload?.record) return { name: 'completed' as const, photo: upload.record };
      if (upload) {
        upload.state = 'aborted';
        upload.parts.clear();
      }
      return { name: 'aborted' as const };
    }),
  };
}

function keyOf(upload: MemoryUpload): string {
  return `photos/${upload.id}`;
}

function refused(status: number, code: string): AnswerError {
  return new AnswerError({ endpoint: 'gateway', status, code });
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
