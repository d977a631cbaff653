import { z } from 'zod';
import { uploadIdSchema } from './ids.ts';

/** Why a file was not taken into the queue. Nothing else is touched by a rejection. */
export const rejectionCodeSchema = z.enum([
  'empty',
  'not-an-image',
  'type-not-accepted',
  'too-large',
  'unreadable',
  'not-found',
  'changed-while-reading',
  'dangling-link',
  'not-a-file',
  'no-photos-in-folder',
  'disk-full',
  'spool-unwritable',
]);
export type RejectionCode = z.infer<typeof rejectionCodeSchema>;

/** What became of one file given to `add`. */
export const ingestOutcomeSchema = z.discriminatedUnion('outcome', [
  z.object({ file: z.string(), outcome: z.literal('queued'), id: uploadIdSchema, sizeBytes: z.number() }),
  /** The same bytes for the same patient are already queued or sent: `id` names that one. */
  z.object({ file: z.string(), outcome: z.literal('duplicate'), id: uploadIdSchema }),
  z.object({
    file: z.string(),
    outcome: z.literal('rejected'),
    code: rejectionCodeSchema,
    sizeBytes: z.number().optional(),
    limitBytes: z.number().optional(),
    detail: z.string().max(200).optional(),
  }),
]);
export type IngestOutcome = z.infer<typeof ingestOutcomeSchema>;

export const ingestProgressSchema = z.object({
  batchId: z.string(),
  /** Grows while folders are being walked. */
  total: z.number().int(),
  done: z.number().int(),
  bytesDone: z.number(),
  /** Those that came since the last event. */
  outcomes: z.array(ingestOutcomeSchema),
  /** Everything is sealed or rejected: the card may be removed. */
  finished: z.boolean(),
});
export type IngestProgress = z.infer<typeof ingestProgressSchema>;
