import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { PhotoFacts } from '../shared/domain/upload.ts';

/** Grey squares, eight pixels wide: real files, so that whoever looks at the patient meanwhile sees a picture. */
const pictures = {
  'image/jpeg': '/9j/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAAIAAgDASIAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAUAQEAAAAAAAAAAAAAAAAAAAAA/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8AAA//2Q==',
  'image/png': 'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAD0lEQVQImWNowAEYhpYEAILzYAEeEbvlAAAAAElFTkSuQmCC',
  'image/webp': 'UklGRiQAAABXRUJQVlA4IBgAAABQAQCdASoIAAgAAUAmJaQABHQAAORAAAA=',
} as const;
export type TestPhotoType = keyof typeof pictures;
export const testPhotoTypes = Object.keys(pictures) as TestPhotoType[];

/** A picture unlike every other: bytes that viewers pass over follow its end. */
export function testPhoto(type: TestPhotoType = 'image/jpeg', sizeBytes = 2_000): Buffer {
  const picture = Buffer.from(pictures[type], 'base64');
  return Buffer.concat([picture, randomBytes(Math.max(16, sizeBytes - picture.length))]);
}

/** What the product would know of these bytes. */
export function factsOf(bytes: Uint8Array, contentType: TestPhotoType, patientId: string, addedAt: number): PhotoFacts {
  const digest = (name: string): string => createHash(name).update(bytes).digest('hex');
  return {
    id: randomUUID(), accountId: '', patientId, patientName: '', fileName: 'contract', contentType, sizeBytes: bytes.length,
    sha256: digest('sha256'), md5: digest('md5'), tags: [], addedAt,
  };
}
