/** @file What the run and the engine process that it kills say to each other. */
import { z } from 'zod';
import { ingestOutcomeSchema } from '../shared/domain/ingest.ts';
import { queueCountsSchema } from '../shared/domain/upload.ts';

export const orderSchema = z.discriminatedUnion('type', [
  /** Opens the data folder and begins to send; signs in where nobody is. */
  z.object({ type: z.literal('open'), dataDir: z.string(), gateway: z.string(), email: z.string(), password: z.string() }),
  z.object({ type: z.literal('add'), batchId: z.string(), patientId: z.string(), paths: z.array(z.string()) }),
  /** What a nurse does who sees photos in need of attention. */
  z.object({ type: z.literal('retry-all') }),
  z.object({ type: z.literal('close') }),
]);
export type Order = z.infer<typeof orderSchema>;

export const reportSchema = z.discriminatedUnion('type', [
  /** All modules are in memory; waits for `open`. */
  z.object({ type: z.literal('loaded') }),
  /** Signed in and able to take photos. */
  z.object({ type: z.literal('ready') }),
  /** What a person has been told of these files: `queued` means that the card may be removed. */
  z.object({ type: z.literal('told'), batchId: z.string(), outcomes: z.array(ingestOutcomeSchema), finished: z.boolean() }),
  z.object({ type: z.literal('counts'), counts: queueCountsSchema }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
]);
export type Report = z.infer<typeof reportSchema>;
