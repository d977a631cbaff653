import { randomUUID } from 'node:crypto';
import { Refusal } from '../http/envelope.ts';
import { presignPut, type PresignTarget } from './presign.ts';
import type { SpacesClient } from './spaces-client.ts';
import type { CreateUpload } from './uploads-table.ts';

/** Where a client may put a test image: nobody's record, and objects apart from every photo. */
export const canaryOffer = { patient_id: 'relevo-canary', prefix: 'canary/' } as const;

const mostBytes = 4096;

/**
 * Test images of the diagnosis. They are sessions like others until they are aborted, and they can never be completed: there
 * is no patient for them. In memory only, as nobody takes one up again.
 */
export class Canaries {
  readonly #presign: PresignTarget;
  readonly #spaces: SpacesClient;
  readonly #urlTtlS: number;
  readonly #open = new Map<string, string>();

  constructor(deps: { presign: PresignTarget; spaces: SpacesClient; urlTtlS: number }) {
    this.#presign = deps.presign;
    this.#spaces = deps.spaces;
    this.#urlTtlS = deps.urlTtlS;
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  create(upload: CreateUpload): Record<string, unknown> {
    if (upload.size_bytes > mostBytes) throw new Refusal(413, 'file_too_large', 'La imagen de prueba es demasiado grande');
    const id = randomUUID();
    const key = `${canaryOffer.prefix}${id}`;
    this.#open.set(id, key);
    const headers = { 'content-type': upload.content_type, ...(upload.md5 === undefined ? {} : { 'content-md5': upload.md5 }) };
    const now = new Date();
    return {
      id, client_upload_id: upload.client_upload_id, state: 'open', object_key: key, part_bytes: mostBytes, part_count: 1, parts: [],
      single_put: {
        url: presignPut(this.#presign, { key, headers, expiresS: this.#urlTtlS, now }), headers,
        expires_at: new Date(now.getTime() + this.#urlTtlS * 1000).toISOString(),
      },
    };
  }

  async abort(id: string): Promise<Record<string, unknown>> {
    const key = this.#open.get(id);
    if (key === undefined) throw new Refusal(404, 'entity_not_found', `No se encontró la subida con ID ${id}`);
    await this.#spaces.deleteObjects([key]);
    this.#open.delete(id);
    return { id, state: 'aborted' };
  }
}
