import { createHash } from 'node:crypto';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { AnswerError } from './answer-error.ts';
import { coalesce } from './coalesce.ts';
import type { GatewayClient, OnRepeated } from './gateway-client.ts';
import { whatIsMissing } from './route-missing.ts';
import type { CallOptions } from './transport.ts';
import { batchAnswerSchema, uploadAnswerSchema, type SessionUpload } from './wire.ts';

/** The most that one batch may hold, by the contract. */
const batchSize = 100;
/** A photo whose sessions ended this often has another problem than its session. */
const mostGenerations = 100;

interface Creation {
  patientId: string;
  body: Record<string, unknown>;
  onRepeated: OnRepeated | undefined;
}

export type SessionOpener = (photo: PhotoFacts, maxPartBytes: number | undefined, options: CallOptions) => Promise<SessionUpload>;

/**
 * Opens upload sessions; those asked for in the same turn of the event loop in one `uploads:batch` call.
 *
 * [Note: generations of a session] The server answers a `client_upload_id` with the same upload for ever, also when
 * that has been aborted or has expired. To send such a photo after all, the next identifier is derived from the photo's
 * own, the same one each time, so that for one photo there is never more than one open upload.
 */
export function createSessionOpener(client: GatewayClient): SessionOpener {
  const create = coalesce(batchSize, createAll);

  async function createAll(creations: Creation[], signal: AbortSignal): Promise<(SessionUpload | Promise<SessionUpload>)[]> {
    const oneByOne = (): Promise<SessionUpload>[] => creations.map((creation) => createOne(creation, signal));
    if (creations.length === 1) return oneByOne();
    try {
      const { uploads } = await client.call({
        method: 'POST', path: '/media/uploads:batch', auth: 'token', idempotent: true, answer: batchAnswerSchema, signal,
        body: { uploads: creations.map(({ patientId, body }) => ({ patient_id: patientId, ...body })) },
        onRepeated: (failure) => { for (const { onRepeated } of creations) onRepeated?.(failure); },
      });
      // One that was refused is asked for by itself, to hear the whole of the refusal.
      return creations.map((creation, index) => {
        const result = uploads[index];
        return result?.ok === true ? result.upload : createOne(creation, signal);
      });
    } catch (error) {
      // Something in this batch upsets the server or us. It must not hold up the photos beside it.
      if (error instanceof AnswerError && (error.code === 'malformed' || [400, 404, 405, 413, 422].includes(error.status))) return oneByOne();
      throw error;
    }
  }

  async function createOne({ patientId, body, onRepeated }: Creation, signal: AbortSignal): Promise<SessionUpload> {
    try {
      const { upload } = await client.call({
        method: 'POST', path: `/media/patients/${encodeURIComponent(patientId)}/uploads`, auth: 'token', idempotent: true, answer: uploadAnswerSchema, body, signal, onRepeated,
      });
      return upload;
    } catch (error) {
      throw error instanceof AnswerError ? await whatIsMissing(client, error, signal) : error;
    }
  }

  return async (photo, maxPartBytes, { signal, onRepeated }) => {
    for (let generation = 0; ; generation += 1) {
      const upload = await create({ patientId: photo.patientId, body: creationBody(photo, generation, maxPartBytes), onRepeated }, signal);
      const over = upload.state === 'aborted' || upload.state === 'expired';
      if (!over || generation >= mostGenerations) return upload;
    }
  };
}

function creationBody(photo: PhotoFacts, generation: number, maxPartBytes: number | undefined): Record<string, unknown> {
  return {
    client_upload_id: generation === 0 ? photo.id : derivedId(photo.id, generation),
    file_name: photo.fileName,
    content_type: photo.contentType,
    size_bytes: photo.sizeBytes,
    sha256: photo.sha256,
    // Beyond the contract, for servers that know them: signed into a single PUT, and for parts smaller than usual.
    md5: photo.md5,
    ...(maxPartBytes === undefined ? {} : { max_part_bytes: maxPartBytes }),
    ...(photo.capturedAt === undefined ? {} : { captured_at: photo.capturedAt }),
    ...(photo.note === undefined ? {} : { note: photo.note }),
    ...(photo.tags.length === 0 ? {} : { tags: photo.tags }),
  };
}

/** A UUID of version 8 (RFC 9562, 5.8) made of the photo's own. See [Note: generations of a session]. */
export function derivedId(photoId: string, generation: number): string {
  const digest = createHash('sha256').update(`${photoId}:${generation}`).digest('hex');
  const variant = ((Number.parseInt(digest[16] ?? '0', 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
