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
  /** Signed in, and sending goes on; a window shows nothing of patients until the password was given again. Only windows are told this. */
  z.object({ name: z.literal('locked'), gateway: z.string(), person: personSchema, limits: limitsSchema.optional() }),
]);
export type AccountState = z.infer<typeof accountStateSchema>;

/** Somebody who has signed in on this computer, to be offered when it is their turn again. */
export const knownPersonSchema = z.object({
  person: personSchema,
  gateway: z.string(),
  lastSignedInAt: timestampSchema,
  /** Photos of theirs that wait for them to sign in again. */
  waiting: z.number().int().nonnegative(),
});
export type KnownPerson = z.infer<typeof knownPersonSchema>;

/** What came of asking a gateway which contract it speaks. `unclear`: neither yes nor no, so what was known before stays in force. */
export const negotiationReportSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('learnt'), at: timestampSchema, contract: contractNameSchema }),
  z.object({ name: z.literal('unclear'), at: timestampSchema, detail: z.string().max(200) }),
]);
export type NegotiationReport = z.infer<typeof negotiationReportSchema>;

const negotiationMoments = {
  /** Since when the contract in force has been. */
  since: timestampSchema.optional(),
  lastAsked: negotiationReportSchema.optional(),
  /** The gateway seems to have gone back to the older contract. Nothing is sent through it until it was asked again, at least ten minutes later. */
  doubtedSince: timestampSchema.optional(),
};
/** What is known of the contract of the gateway in force. */
export const negotiationStateSchema = z.object({ limits: limitsSchema.optional(), ...negotiationMoments });
export type NegotiationState = z.infer<typeof negotiationStateSchema>;

/** The same as diagnostics tell it: no words of a server. */
export const contractReportSchema = z.object({ contract: contractNameSchema.optional(), ...negotiationMoments });
export type ContractReport = z.infer<typeof contractReportSchema>;

/** The photo that a patient has at the backend now. `unknown`: it could not be asked or fetched. */
export const presentPhotoSchema = z.discriminatedUnion('name', [
  z.object({ name: z.literal('none') }),
  z.object({ name: z.literal('present'), contentType: z.string().max(100), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array) }),
  z.object({ name: z.literal('unknown') }),
]);
export type PresentPhoto = z.infer<typeof presentPhotoSchema>;

export const patientSchema = z.object({
  id: patientIdSchema,
  name: z.string().max(500),
  detail: z.string().max(500).optional(),
  /** Gone from the backend's list, kept because photos of theirs are queued. */
  missing: z.boolean().optional(),
});
export type Patient = z.infer<typeof patientSchema>;
