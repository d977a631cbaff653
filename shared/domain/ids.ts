import { z } from 'zod';

/** Names one upload everywhere: the row, the spool file, and the server's idempotency key (`client_upload_id`). */
export const uploadIdSchema = z.uuid();
export type UploadId = z.infer<typeof uploadIdSchema>;

/** Opaque to us: whatever the backend calls its patients. */
export const patientIdSchema = z.string().min(1).max(200);
export type PatientId = z.infer<typeof patientIdSchema>;

/** Lower-case hexadecimal SHA-256 of the bytes that are sent. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** Lower-case hexadecimal MD5, what S3 calls the ETag of a single PUT. */
export const md5Schema = z.string().regex(/^[0-9a-f]{32}$/);

/** Milliseconds since the epoch. */
export const timestampSchema = z.number().int().nonnegative();
