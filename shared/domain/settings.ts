import { z } from 'zod';

/** What a person or an administrator may set. Unknown keys are refused, so that a typing error is noticed. */
export const settingsSchema = z.strictObject({
  gateway: z.url({ protocol: /^https?$/ }).optional(),
  language: z.enum(['es', 'en']).default('es'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Photos sent at the same time. */
  concurrency: z.number().int().min(1).max(16).default(6),
});
export type Settings = z.infer<typeof settingsSchema>;
