import { randomBytes, randomUUID } from 'node:crypto';
import type { PhotoFacts } from '../../shared/domain/upload.ts';

/** The facts of some photo, another one each time, with what a test cares about in them. */
export function factsFor(change: Partial<PhotoFacts>): PhotoFacts {
  return {
    id: randomUUID(), accountId: 'nurse', patientId: 'patient-1', patientName: 'Ana', fileName: 'IMG_0001.jpg', contentType: 'image/jpeg',
    sizeBytes: 4_000_000, sha256: randomBytes(32).toString('hex'), md5: randomBytes(16).toString('hex'), tags: [], addedAt: 1_000, ...change,
  };
}
