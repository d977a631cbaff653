/** @file What a crash run counts. Pure: everything that happened goes in, numbers come out. */
import type { PhotoFacts } from '../shared/domain/upload.ts';
import type { PhotoRecord, StoredObject, UnfinishedUpload } from '../sandbox/store-reader.ts';

/** A photo as it lay on the card. */
export interface SourcePhoto {
  path: string;
  patientId: string;
  sizeBytes: number;
  sha256: string;
}

export interface Ending {
  /** Of whom a person was told `queued` or `duplicate`: the card was wiped on the strength of it. */
  promised: readonly SourcePhoto[];
  photos: readonly PhotoRecord[];
  /** With digests, read back. */
  objects: readonly StoredObject[];
  unfinished: readonly UnfinishedUpload[];
  /** Patient and SHA-256 of each row of the queue that is not cancelled. */
  rows: readonly Pick<PhotoFacts, 'id' | 'patientId' | 'sha256'>[];
  /** What the queue says has arrived. */
  claimed: readonly Claim[];
}

export type Claim = Pick<PhotoFacts, 'id' | 'patientId' | 'sha256' | 'sizeBytes'>;

export interface Violations {
  lost: string[];
  duplicated: string[];
  corrupt: string[];
  wronglyClaimed: string[];
  /** Multipart uploads begun and neither completed nor aborted, and objects that belong to no photo. */
  unfinished: string[];
}

const contentOf = ({ patientId, sha256 }: { patientId: string; sha256: string }): string => `${patientId}/${sha256}`;

/** Claims of which the store does not hold the bytes. Sizes and records only: for a look while the run goes on. */
export function wrongClaims(claims: readonly Claim[], photos: readonly PhotoRecord[], objects: readonly StoredObject[]): string[] {
  const byContent = new Map(photos.map((photo) => [contentOf(photo), photo]));
  const byKey = new Map(objects.map((object) => [object.key, object]));
  return claims.filter((claim) => {
    const photo = byContent.get(contentOf(claim));
    const object = photo && byKey.get(photo.objectKey);
    return !object || object.size !== claim.sizeBytes || (object.sha256 !== undefined && object.sha256 !== claim.sha256);
  }).map(contentOf);
}

/** The five counts, as the names of what each is made of. All are empty where the promise was kept. */
export function countViolations({ promised, photos, objects, unfinished, rows, claimed }: Ending): Violations {
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const stored = new Set(photos.filter((photo) => byKey.get(photo.objectKey)?.size === photo.sizeBytes).map(contentOf));
  const known = new Set(photos.map((photo) => photo.objectKey));
  return {
    lost: promised.filter((photo) => !stored.has(contentOf(photo))).map((photo) => photo.path),
    duplicated: [...repeated(photos.map(contentOf)), ...repeated(photos.map((photo) => photo.clientUploadId)), ...repeated(rows.map(contentOf))],
    corrupt: photos.filter((photo) => { const object = byKey.get(photo.objectKey); return object !== undefined && object.sha256 !== photo.sha256; }).map((photo) => photo.objectKey),
    wronglyClaimed: wrongClaims(claimed, photos, objects),
    unfinished: [...unfinished.map((upload) => upload.key), ...objects.filter((object) => !known.has(object.key)).map((object) => object.key)],
  };
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
