import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { SandboxDatabase } from '../database/database.ts';

const md5Schema = z
  .string()
  .regex(/^([A-Za-z0-9+/]{22}==|[0-9a-fA-F]{32})$/)
  .transform((text) => (text.length === 32 ? Buffer.from(text, 'hex').toString('base64') : text));

export const createUploadSchema = z.object({
  client_upload_id: z.uuid(),
  file_name: z.string().min(1).max(1024),
  content_type: z.string().max(200),
  size_bytes: z.number().int(),
  sha256: z.string().regex(/^[0-9a-fA-F]{64}$/).transform((text) => text.toLowerCase()),
  /** Optional, base64 or hexadecimal: signed into `single_put`, so that Spaces refuses anything else. */
  md5: md5Schema.optional(),
  /** Optional: parts no larger than this, where the store allows that. */
  max_part_bytes: z.number().int().positive().optional(),
  captured_at: z.string().max(100).nullish(),
  note: z.string().max(10_000).nullish(),
  tags: z.array(z.string().max(200)).max(100).nullish(),
});
export type CreateUpload = z.infer<typeof createUploadSchema>;

export const batchSchema = z.object({ uploads: z.array(z.unknown()).min(1) });
export const batchItemSchema = createUploadSchema.extend({ patient_id: z.string() });
export const partsSchema = z.object({ parts: z.array(z.object({ number: z.number().int().min(1).max(10_000), md5: md5Schema })).min(1).max(1000) });
export const completeSchema = z.object({
  parts: z.array(z.object({ number: z.number().int().min(1).max(10_000), etag: z.string().transform((etag) => etag.replaceAll('"', '').toLowerCase()) })).min(1).max(10_000),
});

export interface UploadRow {
  id: string;
  account_id: string;
  client_upload_id: string;
  patient_id: string;
  content_type: string;
  size_bytes: number;
  sha256: string;
  state: 'open' | 'completed' | 'aborted' | 'expired';
  object_key: string;
  part_bytes: number;
  part_count: number;
  store_upload_id: string | null;
  photo_id: string | null;
  duplicate_of: string | null;
  expires_at: number;
}

export interface PhotoRow {
  id: string;
  patient_id: string;
  upload_id: string;
  object_key: string;
  size_bytes: number;
  sha256: string;
  content_type: string;
  etag: string;
  uploaded_at: string;
}

const extensions: Record<string, string> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp', 'image/heic': '.heic', 'image/heif': '.heif' };

/** Upload sessions and photos in the database; what Spaces holds is not known here. */
export class UploadsTable {
  readonly #database: SandboxDatabase;
  readonly #byId;
  readonly #byClientId;
  readonly #photoById;
  readonly #photoBySha;
  readonly #photoByUpload;
  readonly #insert;
  readonly #insertPhoto;
  readonly #completeUpload;

  constructor(database: SandboxDatabase) {
    this.#database = database;
    this.#byId = database.prepare('SELECT * FROM uploads WHERE id = ? AND account_id = ?');
    this.#byClientId = database.prepare('SELECT * FROM uploads WHERE account_id = ? AND client_upload_id = ?');
    this.#photoById = database.prepare('SELECT * FROM photos WHERE id = ?');
    this.#photoBySha = database.prepare('SELECT * FROM photos WHERE patient_id = ? AND sha256 = ?');
    this.#photoByUpload = database.prepare('SELECT * FROM photos WHERE upload_id = ?');
    this.#insert = database.prepare(
      `INSERT INTO uploads (id, account_id, client_upload_id, patient_id, file_name, content_type, size_bytes, sha256, captured_at, note, tags, state,
         object_key, part_bytes, part_count, photo_id, duplicate_of, created_at, expires_at)
       VALUES (@id, @account, @clientUploadId, @patient, @fileName, @contentType, @size, @sha256, @capturedAt, @note, @tags, @state,
         @objectKey, @partBytes, @partCount, @duplicateOf, @duplicateOf, @now, @expiresAt)`,
    );
    this.#completeUpload = database.prepare("UPDATE uploads SET state = 'completed', store_upload_id = NULL, photo_id = ?, duplicate_of = ? WHERE id = ?");
    this.#insertPhoto = database.prepare(
      `INSERT INTO photos (id, patient_id, upload_id, object_key, size_bytes, sha256, content_type, etag, uploaded_at)
       VALUES (@id, @patient_id, @upload_id, @object_key, @size_bytes, @sha256, @content_type, @etag, @uploaded_at)`,
    );
  }

  find(account: string, id: string): UploadRow | undefined {
    return this.#byId.get(id, account) as UploadRow | undefined;
  }

  findByClientId(account: string, clientUploadId: string): UploadRow | undefined {
    return this.#byClientId.get(account, clientUploadId) as UploadRow | undefined;
  }

  photo(id: string): PhotoRow | undefined {
    return this.#photoById.get(id) as PhotoRow | undefined;
  }

  photoOfContent(patient: string, sha256: string): PhotoRow | undefined {
    return this.#photoBySha.get(patient, sha256) as PhotoRow | undefined;
  }

  photoOfUpload(upload: string): PhotoRow | undefined {
    return this.#photoByUpload.get(upload) as PhotoRow | undefined;
  }

  create(given: { account: string; patient: string; upload: CreateUpload; partBytes: number; ttlS: number; now: number }): UploadRow {
    const { account, patient, upload, partBytes, ttlS, now } = given;
    const id = randomUUID();
    const duplicate = this.photoOfContent(patient, upload.sha256);
    this.#insert.run({
      id,
      account,
      clientUploadId: upload.client_upload_id,
      patient,
      fileName: upload.file_name,
      contentType: upload.content_type,
      size: upload.size_bytes,
      sha256: upload.sha256,
      capturedAt: upload.captured_at ?? null,
      note: upload.note ?? null,
      tags: JSON.stringify(upload.tags ?? []),
      state: duplicate ? 'completed' : 'open',
      objectKey: duplicate?.object_key ?? `photos/${patient}/${id}${extensions[upload.content_type] ?? ''}`,
      partBytes,
      partCount: Math.max(1, Math.ceil(upload.size_bytes / partBytes)),
      duplicateOf: duplicate?.id ?? null,
      now,
      expiresAt: now + ttlS * 1000,
    });
    return this.find(account, id) as UploadRow;
  }

  setStoreUpload(id: string, storeUploadId: string | null): void {
    this.#database.prepare('UPDATE uploads SET store_upload_id = ? WHERE id = ?').run(storeUploadId, id);
  }

  setState(id: string, state: 'aborted' | 'expired'): void {
    this.#database.prepare('UPDATE uploads SET state = ?, store_upload_id = NULL WHERE id = ?').run(state, id);
  }

  /** Makes the photo, unless the patient got the same content by another upload meanwhile: then that photo is answered. */
  complete(row: UploadRow, etag: string, sha256: string): { photo: PhotoRow; duplicate: boolean } {
    return this.#database.transaction(() => {
      const existing = this.photoOfContent(row.patient_id, sha256);
      const photo: PhotoRow = existing ?? {
        id: randomUUID(),
        patient_id: row.patient_id,
        upload_id: row.id,
        object_key: row.object_key,
        size_bytes: row.size_bytes,
        sha256,
        content_type: row.content_type,
        etag,
        uploaded_at: new Date().toISOString(),
      };
      if (!existing) this.#insertPhoto.run(photo);
      const duplicate = photo.upload_id !== row.id;
      this.#completeUpload.run(photo.id, duplicate ? photo.id : null, row.id);
      return { photo, duplicate };
    })();
  }
}
