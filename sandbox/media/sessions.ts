import { createHash } from 'node:crypto';
import { S3ServiceException } from '@aws-sdk/client-s3';
import type { Account, Accounts } from '../http/accounts.ts';
import { Refusal } from '../http/envelope.ts';
import type { Limits, Timeouts } from '../options.ts';
import { presignPut, type PresignTarget } from './presign.ts';
import { isMissing, type SpacesClient, type StoredPart } from './spaces-client.ts';
import type { CreateUpload, PhotoRow, UploadRow, UploadsTable } from './uploads-table.ts';

type Presented = Record<string, unknown>;

/** ETag of a multipart object: the MD5 of its parts' MD5s, and how many there are. */
function compositeEtag(parts: readonly { etag: string }[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
}

/** What Spaces ask of every part but the last. */
const leastPartBytes = 5 * 1024 * 1024;

/** The usual size, or the smaller one that the client asked for. */
function partBytesFor({ max_part_bytes: most }: CreateUpload, { partBytes }: Limits): number {
  return Math.min(partBytes, Math.max(leastPartBytes, most ?? Infinity));
}

function presentPhoto({ id, patient_id, object_key, size_bytes, sha256, content_type, uploaded_at }: PhotoRow): Presented {
  return { id, patient_id, object_key, size_bytes, sha256, content_type, uploaded_at };
}

function partSize(row: UploadRow, number: number): number {
  return number < row.part_count ? row.part_bytes : row.size_bytes - (row.part_count - 1) * row.part_bytes;
}

function mismatch(why: string): Refusal {
  return new Refusal(409, 'integrity_mismatch', why);
}

/** Spaces could not be asked: nothing was decided, the caller may come again. */
function storageRefusal(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  if (error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500) {
    return new Refusal(502, 'storage_error', 'El almacenamiento rechazó la operación');
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string' || name === 'TimeoutError' || error instanceof S3ServiceException) {
    return new Refusal(503, 'storage_unavailable', 'El almacenamiento no está disponible', { headers: { 'retry-after': '5' } });
  }
  return error;
}

/** Upload sessions (contract B): what the database promised, held against what Spaces really has. */
export class Sessions {
  readonly #table: UploadsTable;
  readonly #accounts: Accounts;
  readonly #spaces: SpacesClient;
  readonly #presign: PresignTarget;
  readonly #limits: Limits;
  readonly #timeouts: Timeouts;
  readonly #verifySha: boolean;
  /** One change at a time for each upload. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(deps: {
    table: UploadsTable;
    accounts: Accounts;
    spaces: SpacesClient;
    presign: PresignTarget;
    limits: Limits;
    timeouts: Timeouts;
    verifySha: boolean;
  }) {
    this.#table = deps.table;
    this.#accounts = deps.accounts;
    this.#spaces = deps.spaces;
    this.#presign = deps.presign;
    this.#limits = deps.limits;
    this.#timeouts = deps.timeouts;
    this.#verifySha = deps.verifySha;
  }

  /** @returns the upload, and whether it was made now */
  async create(account: Account, patient: string, upload: CreateUpload): Promise<{ upload: Presented; created: boolean }> {
    this.#accounts.requirePatient(account, patient);
    const existing = this.#table.findByClientId(account.id, upload.client_upload_id);
    if (existing) {
      if (existing.patient_id !== patient || existing.sha256 !== upload.sha256 || existing.size_bytes !== upload.size_bytes) {
        throw new Refusal(409, 'client_upload_id_reused', 'El identificador ya se usó para otra foto');
      }
      return { upload: await this.view(account, existing.id), created: false };
    }
    if (upload.size_bytes <= 0) throw new Refusal(400, 'empty_file', 'El archivo está vacío');
    if (upload.size_bytes > this.#limits.maxFileBytes) throw new Refusal(413, 'file_too_large', `El archivo excede el tamaño máximo permitido (${this.#limits.maxFileBytes} bytes)`);
    if (!this.#limits.acceptedTypes.includes(upload.content_type)) throw new Refusal(415, 'unsupported_file_type', 'Tipo de archivo no permitido');
    const row = this.#table.create({
      account: account.id,
      patient,
      upload,
      partBytes: partBytesFor(upload, this.#limits),
      ttlS: this.#timeouts.sessionTtlS,
      now: Date.now(),
    });
    return { upload: this.#present(row, [], upload.md5), created: true };
  }

  view(account: Account, id: string): Promise<Presented> {
    return this.#alone(id, async () => {
      const row = await this.#require(account, id);
      if (row.state !== 'open') return this.#present(row, []);
      const parts = await this.#storedParts(row);
      if (parts) return this.#present(row, parts);
      await this.#recover(row);
      return this.#present(await this.#require(account, id), []);
    });
  }

  presignParts(account: Account, id: string, parts: readonly { number: number; md5: string }[]): Promise<Presented[]> {
    return this.#alone(id, async () => {
      const row = await this.#requireOpen(account, id);
      if (parts.some(({ number }) => number > row.part_count)) throw new Refusal(422, 'validation_error', `La subida tiene ${row.part_count} partes`);
      let uploadId = row.store_upload_id;
      if (row.part_count > 1 && uploadId === null) {
        uploadId = await this.#spaces.createMultipart(row.object_key, row.content_type);
        this.#table.setStoreUpload(id, uploadId);
      }
      return parts.map(({ number, md5 }) => {
        const query = row.part_count > 1 && uploadId !== null ? { partNumber: String(number), uploadId } : undefined;
        const headers: Record<string, string> = query ? { 'content-md5': md5 } : { 'content-type': row.content_type, 'content-md5': md5 };
        return { number, ...this.#url(row, headers, query) };
      });
    });
  }

  /** @returns `{photo, duplicate_of?}`, again and again the same */
  complete(account: Account, id: string, parts: readonly { number: number; etag: string }[]): Promise<Presented> {
    return this.#alone(id, async () => {
      const row = await this.#require(account, id);
      if (row.state === 'completed') return this.#presentCompleted(row);
      this.#refuseClosed(row);
      const sorted = [...parts].sort((one, other) => one.number - other.number);
      if (sorted.length !== row.part_count || sorted.some(({ number }, index) => number !== index + 1)) {
        throw mismatch(`Se esperaban las partes 1 a ${row.part_count}`);
      }
      const etag = row.part_count === 1 ? (sorted[0]?.etag ?? '') : await this.#assemble(row, sorted);
      const stored = await this.#spaces.head(row.object_key);
      if (!stored) throw mismatch('El almacenamiento no tiene el objeto');
      if (stored.size !== row.size_bytes) throw mismatch(`El objeto tiene ${stored.size} bytes en lugar de ${row.size_bytes}`);
      if (stored.etag !== etag) throw mismatch('El ETag del objeto no coincide');
      if (this.#verifySha && (await this.#spaces.sha256Of(row.object_key)) !== row.sha256) {
        await this.#discard(row);
        throw mismatch('El SHA-256 del objeto no coincide');
      }
      await this.#finish(row, etag);
      return this.#presentCompleted(await this.#require(account, id));
    });
  }

  abort(account: Account, id: string): Promise<Presented> {
    return this.#alone(id, async () => {
      const row = await this.#require(account, id);
      if (row.state === 'completed') throw new Refusal(409, 'upload_completed', 'La subida ya se completó');
      if (row.state === 'open') {
        await this.#discard(row);
        this.#table.setState(id, 'aborted');
      }
      return this.#present(await this.#require(account, id), []);
    });
  }

  /** Completes the multipart upload at Spaces. Returns the ETag that the object must have. */
  async #assemble(row: UploadRow, parts: readonly { number: number; etag: string }[]): Promise<string> {
    const { store_upload_id: uploadId, object_key: key } = row;
    if (uploadId === null) throw mismatch('El almacenamiento no tiene ninguna parte');
    if (parts.some(({ etag }) => !/^[0-9a-f]{32}$/.test(etag))) throw mismatch('Hay partes con un ETag inválido');
    const expected = compositeEtag(parts);
    const stored = await this.#spaces.listParts(key, uploadId);
    if (!stored) {
      // An earlier Complete may have been applied while its answer was lost: then the object is there.
      if ((await this.#spaces.head(key))?.etag === expected) return expected;
      this.#table.setStoreUpload(row.id, null);
      throw mismatch('El almacenamiento ya no tiene la subida');
    }
    const byNumber = new Map(stored.map((part) => [part.number, part]));
    for (const { number, etag } of parts) {
      const part = byNumber.get(number);
      if (!part) throw mismatch(`Falta la parte ${number}`);
      if (part.etag !== etag) throw mismatch(`El ETag de la parte ${number} no coincide`);
      if (part.size !== partSize(row, number)) throw mismatch(`El tamaño de la parte ${number} no coincide`);
    }
    try {
      await this.#spaces.completeMultipart(key, uploadId, parts);
    } catch (error) {
      if (isMissing(error)) return expected;
      throw error;
    }
    return expected;
  }

  /** The multipart upload is gone at Spaces: by a Complete whose answer was lost, or because it grew too old. */
  async #recover(row: UploadRow): Promise<void> {
    const stored = await this.#spaces.head(row.object_key);
    if (stored?.size === row.size_bytes && (await this.#spaces.sha256Of(row.object_key)) === row.sha256) await this.#finish(row, stored.etag);
    else this.#table.setStoreUpload(row.id, null);
  }

  async #finish(row: UploadRow, etag: string): Promise<void> {
    const { duplicate } = this.#table.complete(row, etag, row.sha256);
    // Two uploads of the same content were under way; the first that completed is the photo.
    if (duplicate) await this.#spaces.deleteObjects([row.object_key]).catch(() => undefined);
  }

  async #discard(row: UploadRow): Promise<void> {
    if (row.store_upload_id !== null) await this.#spaces.abortMultipart(row.object_key, row.store_upload_id);
    await this.#spaces.deleteObjects([row.object_key]);
    this.#table.setStoreUpload(row.id, null);
  }

  /** Undefined when Spaces no longer knows the multipart upload. */
  async #storedParts(row: UploadRow): Promise<StoredPart[] | undefined> {
    if (row.part_count > 1) return row.store_upload_id === null ? [] : this.#spaces.listParts(row.object_key, row.store_upload_id);
    const stored = await this.#spaces.head(row.object_key);
    return stored ? [{ number: 1, ...stored }] : [];
  }

  #url(row: UploadRow, headers: Record<string, string>, query?: Record<string, string>): Presented {
    const now = new Date();
    const expiresS = this.#timeouts.urlTtlS;
    return {
      url: presignPut(this.#presign, { key: row.object_key, headers, expiresS, now, ...(query ? { query } : {}) }),
      headers,
      expires_at: new Date(now.getTime() + expiresS * 1000).toISOString(),
    };
  }

  #present(row: UploadRow, parts: StoredPart[], md5?: string): Presented {
    const headers = { 'content-type': row.content_type, ...(md5 === undefined ? {} : { 'content-md5': md5 }) };
    return {
      id: row.id,
      client_upload_id: row.client_upload_id,
      state: row.state,
      object_key: row.object_key,
      part_bytes: row.part_bytes,
      part_count: row.part_count,
      ...(row.state === 'open' && row.part_count === 1 ? { single_put: this.#url(row, headers) } : {}),
      parts,
      ...(row.state === 'completed' ? this.#presentCompleted(row) : {}),
    };
  }

  #presentCompleted(row: UploadRow): Presented {
    return { photo: presentPhoto(this.#photoOf(row)), ...(row.duplicate_of === null ? {} : { duplicate_of: row.duplicate_of }) };
  }

  #photoOf(row: UploadRow): PhotoRow {
    const photo = row.photo_id === null ? this.#table.photoOfUpload(row.id) : this.#table.photo(row.photo_id);
    if (!photo) throw new Error(`Upload ${row.id} is completed without a photo`);
    return photo;
  }

  async #require(account: Account, id: string): Promise<UploadRow> {
    const row = this.#table.find(account.id, id);
    if (!row) throw new Refusal(404, 'entity_not_found', `No se encontró la subida con ID ${id}`);
    if (row.state !== 'open' || Date.now() < row.expires_at) return row;
    // What cannot be cleared away now vanishes at Spaces by itself after 30 days.
    await this.#discard(row).catch(() => undefined);
    this.#table.setState(id, 'expired');
    return { ...row, state: 'expired', store_upload_id: null };
  }

  async #requireOpen(account: Account, id: string): Promise<UploadRow> {
    const row = await this.#require(account, id);
    if (row.state === 'completed') throw new Refusal(409, 'upload_completed', 'La subida ya se completó');
    this.#refuseClosed(row);
    return row;
  }

  #refuseClosed(row: UploadRow): void {
    if (row.state === 'aborted') throw new Refusal(409, 'upload_aborted', 'La subida se canceló');
    if (row.state === 'expired') throw new Refusal(409, 'upload_expired', 'La subida caducó');
  }

  async #alone<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#busy.get(id) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#busy.set(id, mine);
    try {
      return await mine;
    } catch (error) {
      throw storageRefusal(error);
    } finally {
      if (this.#busy.get(id) === mine) this.#busy.delete(id);
    }
  }
}
