import { z } from 'zod';
import { failureSchema } from './failure.ts';

/** In clear only to this computer itself: photos, and requests signed with the clinic's key, are in what is sent there. */
const secureStore = /^(https:\/\/|http:\/\/(localhost|[a-z0-9.-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?\/?$)/i;

/** The clinic's own Spaces account, as it may be shown: without the secret. */
export const ownKeysSchema = z.object({
  /** Origin of the store, such as https://ams3.digitaloceanspaces.com */
  endpoint: z.url({ protocol: /^https?$/ }).max(500).regex(secureStore),
  region: z.string().regex(/^[a-z0-9-]{1,50}$/),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  accessKeyId: z.string().regex(/^[\x21-\x7e]{1,128}$/),
  /** The bucket in the path instead of in the host name. */
  pathStyle: z.boolean().default(false),
});
export type OwnKeys = z.infer<typeof ownKeysSchema>;

/** As a person enters it. Without a secret the one that is kept for the same key stays. */
export const ownKeysInputSchema = ownKeysSchema.extend({ secretAccessKey: z.string().regex(/^[\x21-\x7e]{1,256}$/).optional() });
export type OwnKeysInput = z.infer<typeof ownKeysInputSchema>;

/** A small object is written, read back and deleted: each step as far as it came. */
export const ownKeysTestSchema = z.object({
  passed: z.boolean(),
  steps: z.array(z.object({ step: z.enum(['write', 'read', 'delete']), outcome: z.enum(['ok', 'failed', 'not-tried']), failure: failureSchema.optional() })),
});
export type OwnKeysTest = z.infer<typeof ownKeysTestSchema>;
