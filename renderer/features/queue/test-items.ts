/** @file Rows of a queue for the tests beside this file. */
import type { UploadItem, UploadState } from '../../../shared/domain/upload.ts';

export function itemAt(sequence: number, state: UploadState = { name: 'queued' }): UploadItem {
  return {
    id: `00000000-0000-4000-8000-${String(sequence).padStart(12, '0')}`,
    accountId: 'nurse',
    patientId: 'patient',
    patientName: 'María Delgado',
    fileName: `IMG_${sequence}.jpg`,
    contentType: 'image/jpeg',
    sizeBytes: 1000,
    sha256: '0'.repeat(64),
    tags: [],
    addedAt: 0,
    sequence,
    priority: 'normal',
    state,
    sentBytes: 0,
    tries: 0,
    updatedAt: 0,
    hasThumbnail: false,
  };
}
