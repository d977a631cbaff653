import { z } from 'zod';

const fields = {
  gateway: z.url({ protocol: /^https?$/ }),
  language: z.enum(['es', 'en']),
  theme: z.enum(['system', 'light', 'dark']),
  /** Photos sent at the same time. */
  concurrency: z.number().int().min(1).max(16),
};

/** What a person or an administrator may set. Unknown keys are refused, so that a typing error is noticed. */
export const settingsSchema = z.strictObject({
  gateway: fields.gateway.optional(),
  language: fields.language.default('es'),
  theme: fields.theme.default('system'),
  concurrency: fields.concurrency.default(6),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Some of the settings: what is not named stays as it is, so nothing here may have a default. */
export const settingsChangesSchema = z.strictObject(fields).partial();
