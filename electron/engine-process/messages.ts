/**
 * @file What main and the engine's process say to each other, beside the typed calls, which travel in `frame`s.
 * The key goes this way, since a process's arguments and environment can be read by others on the computer.
 */
import { z } from 'zod';
import { callErrorCodeSchema } from '../../shared/rpc/call-error.ts';

export const toEngineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    dataDir: z.string().min(1),
    /** The product's, for the support bundle. */
    version: z.string().max(50).optional(),
    /** In place of the operating system's; main gives it only where the app is not packaged. */
    administratorFile: z.string().min(1).optional(),
    key: z.object({
      bytes: z.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array && bytes.length === 32),
      source: z.enum(['keychain', 'environment', 'key-file']),
    }),
  }),
  z.object({ type: z.literal('frame'), frame: z.unknown() }),
  /** Of the calls that the engine makes to main; see shared/host-contract.ts. */
  z.object({ type: z.literal('host-frame'), frame: z.unknown() }),
  z.object({ type: z.literal('stop') }),
]);
export type ToEngine = z.infer<typeof toEngineSchema>;

export const fromEngineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** It could not open the data folder; the process ends after this. */
  z.object({ type: z.literal('failed'), code: callErrorCodeSchema, detail: z.string().optional() }),
  z.object({ type: z.literal('frame'), frame: z.unknown() }),
  z.object({ type: z.literal('host-frame'), frame: z.unknown() }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
