import { z } from 'zod';
import { photoFactsSchema } from './upload.ts';

/** What became of one sealed photo when those of a data folder were taken out without its database. */
export const recoveredPhotoSchema = z.discriminatedUnion('outcome', [
  /** Decrypted, and its size and SHA-256 are those of what was once read from the card. */
  z.object({
    outcome: z.literal('recovered'),
    id: z.string(),
    /** Its name in the folder. */
    file: z.string(),
    facts: photoFactsSchema,
  }),
  /** Nothing of it was written; `facts` where at least these could be read. */
  z.object({
    outcome: z.literal('damaged'),
    id: z.string(),
    reason: z.enum(['missing', 'damaged', 'wrong-key', 'disk-full', 'unwritable', 'unreadable']),
    facts: photoFactsSchema.optional(),
  }),
]);
export type RecoveredPhoto = z.infer<typeof recoveredPhotoSchema>;
