import { z } from 'zod';
import { patientIdSchema } from './ids.ts';

/** Where a link from outside may lead: a screen, and on the one for adding, a patient. Never an action. */
export const openRequestSchema = z.union([
  z.strictObject({ screen: z.literal('add'), patientId: patientIdSchema.optional() }),
  z.strictObject({ screen: z.enum(['queue', 'connection', 'settings', 'support']) }),
]);
export type OpenRequest = z.infer<typeof openRequestSchema>;
