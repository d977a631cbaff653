import { z } from 'zod';
import { failureSchema } from './failure.ts';
import { md5Schema, patientIdSchema, sha256Schema, timestampSchema, uploadIdSchema } from './ids.ts';

/** The server's record of a stored photo; what we hold as proof that it arrived. */
export const remotePhotoSchema = z.object({
  photoId: z.string().max(500),
  objectKey: z.string().max(1024),
  sizeBytes: z.number().int().nonnegative(),
  /** Absent on contract A, whose record has none. */
  sha256: sha256Schema.optional(),
  etag: z.string().max(200).optional(),
  uploadedAt: timestampSchema,
  /** The server already had this very photo of this patient under another upload. */
  duplicateOf: z.string().max(500).optional(),
});
export type RemotePhoto = z.infer<typeof remotePhotoSchema>;

export const blockSchema = z.enum(['auth', 'offline', 'circuit']);
export type Block = z.infer<typeof blockSchema>;

/** One state, and only the data that belongs to it. Changed by `engine/upload/transition.ts` alone. */
export const uploadStateSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('queued') }),
  z.object({ name: z.literal('uploading') }),
  z.object({ name: z.literal('completing') }),
  z.object({ name: z.literal('completed'), at: timestampSchema, photo: remotePhotoSchema }),
  z.object({ name: z.literal('waiting'), retryAt: timestampSchema, failure: failureSchema }),
  z.object({ name: z.literal('paused') }),
  z.object({ name: z.literal('blocked'), by: blockSchema, failure: failureSchema.optional() }),
  z.object({ name: z.literal('needsAttention'), failure: failureSchema }),
  z.object({ name: z.literal('cancelled') }),
]);
export type UploadState = z.infer<typeof uploadStateSchema>;
export type UploadStateName = UploadState['name'];
export const uploadStateNames = uploadStateSchema.options.map((option) => option.shape.name.value);

export const prioritySchema = z.enum(['high', 'normal', 'low']);
export type Priority = z.infer<typeof prioritySchema>;

/** The image types that the product knows how to recognise by their bytes. A contract may accept fewer. */
export const contentTypeSchema = z.enum(['image/jpeg', 'image/png', 'image/webp', 'image/heic']);
export type ContentType = z.infer<typeof contentTypeSchema>;

/** What is known of a photo once it is sealed, and never changes afterwards. */
export const photoFactsSchema = z.object({
  id: uploadIdSchema,
  /** Whose it is: a person at a gateway, see `engine/account/owner.ts`. */
  accountId: z.string().max(2300),
  patientId: patientIdSchema,
  patientName: z.string().max(500),
  fileName: z.string().max(1024),
  contentType: contentTypeSchema,
  sizeBytes: z.number().int().positive(),
  sha256: sha256Schema,
  md5: md5Schema,
  capturedAt: z.string().max(40).optional(),
  note: z.string().max(2000).optional(),
  tags: z.array(z.string().max(100)).max(20).default([]),
  addedAt: timestampSchema,
});
export type PhotoFacts = z.infer<typeof photoFactsSchema>;

/** A row of the queue as a window or the command line shows it. */
export const uploadItemSchema = photoFactsSchema.omit({ md5: true }).extend({
  /** Order of arrival; the cursor of pages. */
  sequence: z.number().int(),
  priority: prioritySchema,
  state: uploadStateSchema,
  /** Bytes the store has confirmed, plus those of the part on its way. */
  sentBytes: z.number().int().nonnegative(),
  /** Tries begun so far, the present one included. */
  tries: z.number().int().nonnegative(),
  updatedAt: timestampSchema,
  hasThumbnail: z.boolean(),
});
export type UploadItem = z.infer<typeof uploadItemSchema>;

/** One line of a photo's story. */
export const uploadEventSchema = z.object({
  at: timestampSchema,
  kind: z.enum([
    'added', 'started', 'session-opened', 'part-stored', 'resumed', 'completing', 'completed', 'failed',
    'paused', 'resumed-by-person', 'retried-by-person', 'cancelled', 'woken', 'blocked', 'restarted', 'asked',
  ]),
  failure: failureSchema.optional(),
  part: z.number().int().optional(),
  detail: z.string().max(200).optional(),
});
export type UploadEvent = z.infer<typeof uploadEventSchema>;

export const queueCountsSchema = z.record(z.enum([
  'queued', 'uploading', 'completing', 'completed', 'waiting', 'paused', 'blocked', 'needsAttention', 'cancelled',
]), z.number().int().nonnegative());
export type QueueCounts = z.infer<typeof queueCountsSchema>;
