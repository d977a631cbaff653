import { z } from 'zod';
import { timestampSchema } from './ids.ts';

export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error']);
export type LogLevel = z.infer<typeof logLevelSchema>;

/** One line of the log, redacted before it was written. */
export const logLineSchema = z.object({
  at: timestampSchema,
  level: logLevelSchema,
  event: z.string().max(200),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type ShownLogLine = z.infer<typeof logLineSchema>;

/** What never goes into a bundle; each has its sentence in the texts. */
export const leftOutSchema = z.enum(['patients', 'file-names', 'notes', 'photos', 'accounts', 'tokens-and-keys', 'bodies-and-queries', 'addresses']);
export type LeftOut = z.infer<typeof leftOutSchema>;

export const bundlePreviewSchema = z.object({
  files: z.array(z.object({
    /** Its path inside the zip. */
    path: z.string().max(200),
    sizeBytes: z.number().int().nonnegative(),
    /** The collector failed; the file says why, and the rest is not affected. */
    failed: z.boolean(),
  })),
  leftOut: z.array(leftOutSchema),
});
export type BundlePreview = z.infer<typeof bundlePreviewSchema>;
