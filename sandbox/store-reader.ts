import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { SandboxDatabase } from './database/database.ts';
import { canaryOffer } from './media/canaries.ts';
import type { SpacesTarget } from './media/spaces-client.ts';

export interface StoredObject {
  key: string;
  size: number;
  /** Without quotes. */
  etag: string;
  /** Hexadecimal, of the bytes as read back from Spaces; absent when not asked for. */
  sha256?: string;
}

export interface UnfinishedUpload {
  key: string;
  uploadId: string;
}

/** A photo of contract B, as media's database has it. */
export interface PhotoRecord {
  id: string;
  patientId: string;
  clientUploadId: string;
  fileName: string;
  objectKey: string;
  sizeBytes: number;
  sha256: string;
  contentType: string;
  note: string | null;
  tags: string[];
  capturedAt: string | null;
  uploadedAt: string;
}

/** Contract A: each photo a patient ever had, oldest first. */
export interface ProfilePhotoRecord {
  patientId: string;
  objectKey: string;
  url: string;
  sizeBytes: number;
  etag: string;
  uploadedAt: string;
  /** The one that the patient's record points at. */
  present: boolean;
}

/** Looks at what really arrived, past every fault: for tests, the demo and checks. */
export class StoreReader {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #database: SandboxDatabase;

  /** `target`: Spaces as media reaches them. */
  constructor(target: SpacesTarget, database: SandboxDatabase) {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey } = target;
    this.#client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.#bucket = bucket;
    this.#database = database;
  }

  /** Every object in the bucket, by key; those of the diagnosis' test images only by their prefix. With `hash` (default) each is read back, four at a time. */
  async objects({ hash = true, prefix }: { hash?: boolean; prefix?: string } = {}): Promise<StoredObject[]> {
    const objects: StoredObject[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(new ListObjectsV2Command({ Bucket: this.#bucket, ContinuationToken: token, Prefix: prefix }));
      for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) if (prefix !== undefined || !Key.startsWith(canaryOffer.prefix)) objects.push({ key: Key, size: Size, etag: ETag.replaceAll('"', '') });
      token = page.NextContinuationToken;
    } while (token !== undefined);
    if (!hash) return objects;
    const queue = objects.values();
    const work = async (): Promise<void> => {
      for (const object of queue) object.sha256 = await this.sha256(object.key);
    };
    await Promise.all([work(), work(), work(), work()]);
    return objects;
  }

  async sha256(key: string): Promise<string> {
    const { Body } = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }));
    const hash = createHash('sha256');
    for await (const chunk of Body as Readable) hash.update(chunk as Buffer);
    return hash.digest('hex');
  }

  /** Multipart uploads that were begun and neither completed nor aborted. */
  async unfinishedUploads(): Promise<UnfinishedUpload[]> {
    const uploads: UnfinishedUpload[] = [];
    let keyMarker: string | undefined;
    let uploadMarker: string | undefined;
    do {
      const page = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket: this.#bucket, KeyMarker: keyMarker, UploadIdMarker: uploadMarker }),
      );
      for (const { Key = '', UploadId = '' } of page.Uploads ?? []) uploads.push({ key: Key, uploadId: UploadId });
      keyMarker = page.IsTruncated ? page.NextKeyMarker : undefined;
      uploadMarker = page.IsTruncated ? page.NextUploadIdMarker : undefined;
    } while (keyMarker !== undefined);
    return uploads;
  }

  photos(): PhotoRecord[] {
    const rows = this.#database
      .prepare(
        `SELECT p.id, p.patient_id AS patientId, u.client_upload_id AS clientUploadId, u.file_name AS fileName, p.object_key AS objectKey,
           p.size_bytes AS sizeBytes, p.sha256, p.content_type AS contentType, u.note, u.tags, u.captured_at AS capturedAt, p.uploaded_at AS uploadedAt
         FROM photos p JOIN uploads u ON u.id = p.upload_id ORDER BY p.rowid`,
      )
      .all() as (Omit<PhotoRecord, 'tags'> & { tags: string })[];
    return rows.map((row) => ({ ...row, tags: JSON.parse(row.tags) as string[] }));
  }

  profilePhotos(): ProfilePhotoRecord[] {
    const rows = this.#database
      .prepare(
        `SELECT f.patient_id AS patientId, f.object_key AS objectKey, f.url, f.size_bytes AS sizeBytes, f.etag, f.uploaded_at AS uploadedAt,
           f.object_key IS p.profile_photo_key AS present
         FROM profile_photos f JOIN patients p ON p.id = f.patient_id ORDER BY f.rowid`,
      )
      .all() as (Omit<ProfilePhotoRecord, 'present'> & { present: number })[];
    return rows.map((row) => ({ ...row, present: row.present === 1 }));
  }

  close(): void {
    this.#client.destroy();
  }
}
