import { createHash } from 'node:crypto';

export interface StoredObject { bytes: Buffer; etag: string }
interface Multipart { key: string; parts: Map<number, { bytes: Buffer; etag: string }> }
export interface SpacesAnswer { status: number; headers: Record<string, string>; body: string }

export const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Objects and multipart uploads as S3 keeps them. Faults happen on the way here, not here. */
export class SimulatedSpaces {
  readonly objects = new Map<string, StoredObject>();
  readonly multiparts = new Map<string, Multipart>();
  #created = 0;

  put(key: string, bytes: Buffer, contentMd5: string | undefined): SpacesAnswer {
    const etag = md5(bytes);
    if (contentMd5 !== undefined && Buffer.from(contentMd5, 'base64').toString('hex') !== etag) return error(400, 'BadDigest');
    this.objects.set(key, { bytes, etag });
    return { status: 200, headers: { etag: `"${etag}"` }, body: '' };
  }

  create(key: string): string {
    const id = `multipart-${this.#created++}`;
    this.multiparts.set(id, { key, parts: new Map() });
    return id;
  }

  putPart(uploadId: string, number: number, bytes: Buffer, contentMd5: string | undefined): SpacesAnswer {
    const upload = this.multiparts.get(uploadId);
    if (!upload) return error(404, 'NoSuchUpload');
    const etag = md5(bytes);
    if (contentMd5 !== undefined && Buffer.from(contentMd5, 'base64').toString('hex') !== etag) return error(400, 'BadDigest');
    upload.parts.set(number, { bytes, etag });
    return { status: 200, headers: { etag: `"${etag}"` }, body: '' };
  }

  /** @returns the object, or nothing where the parts named are not those that are here */
  complete(uploadId: string, parts: readonly { number: number; etag: string }[]): StoredObject | undefined {
    const upload = this.multiparts.get(uploadId);
    if (!upload) return undefined;
    const chosen = parts.map((part) => upload.parts.get(part.number));
    if (chosen.some((part, index) => part?.etag !== parts[index]?.etag)) return undefined;
    const found = chosen as { bytes: Buffer; etag: string }[];
    const etag = `${md5(Buffer.concat(found.map((part) => Buffer.from(part.etag, 'hex'))))}-${found.length}`;
    const object = { bytes: Buffer.concat(found.map((part) => part.bytes)), etag };
    this.objects.set(upload.key, object);
    this.multiparts.delete(uploadId);
    return object;
  }
}

export function error(status: number, code: string): SpacesAnswer {
  return { status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>` };
}
