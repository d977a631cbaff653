import { z } from 'zod';
import { patientIdSchema, timestampSchema } from './ids.ts';

export const contractNameSchema = z.enum(['upload-sessions', 'gateway-photo', 'own-keys']);
/** Which of the ways to the store is in force: contract B, contract A, or the clinic's own Spaces keys. */
export type ContractName = z.infer<typeof contractNameSchema>;

/** What the backend in force accepts. */
export const limitsSchema = z.object({
  contract: contractNameSchema,
  maxFileBytes: z.number().int().positive(),
  acceptedTypes: z.array(z.string()),
  partBytes: z.number().int().positive(),
  maxPartsInFlight: z.number().int().positive(),
  /** When the backend last said so; an old answer stays in force while the backend is out of reach. */
  learntAt: timestampSchema,
});
export type Limits = z.infer<typeof limitsSchema>;

export const personSchema = z.object({
  id: z.string().max(200),
  name: z.string().max(500),
  email: z.string().max(500),
  organisation: z.string().max(500).optional(),
});
export type Person = z.infer<typeof personSchema>;

export const accountStateSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('signedOut'), gateway: z.string().optional() }),
  z.object({ name: z.literal('signedIn'), gateway: z.string(), person: personSchema, limits: limitsSchema.optional() }),
  /** The server no longer accepts the session; the queue is kept and goes on after signing in again. */
  z.object({ name: z.literal('expired'), gateway: z.string(), person: personSchema, limits: limitsSchema.optional() }),
]);
export type AccountState = z.infer<typeof accountStateSchema>;

export const patientSchema = z.object({
  id: patientIdSchema,
  name: z.string().max(500),
  detail: z.string().max(500).optional(),
  /** Gone from the backend's list, kept because photos of theirs are queued. */
  missing: z.boolean().optional(),
});
export type Patient = z.infer<typeof patientSchema>;
