/**
 * @file What main and the engine's process say to each other, beside the typed calls, which travel in `frame`s.
 * The key goes this way, since a process's arguments and environment can be read by others on the computer.
 */
import { z } from 'zod';
import { databaseErrorReasons } from '../../engine/queue/database-error.ts';
import { callErrorCodeSchema } from '../../shared/rpc/call-error.ts';

const keySchema = z.object({
  bytes: z.custom<Uint8Array>((bytes) => bytes instanceof Uint8Array && bytes.length === 32),
  source: z.enum(['keychain', 'environment', 'key-file']),
});

export const toEngineSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    dataDir: z.string().min(1),
    /** The product's, for the support bundle. */
    version: z.string().max(50).optional(),
    /** In place of the operating system's; main gives it only where the app is not packaged. */
    administratorFile: z.string().min(1).optional(),
    key: keySchema,
    /** Nothing is sent by itself, and what is asked for is held by no window's lock: whoever gives a command is not at a window. */
    command: z.boolean().optional(),
  }),
  /** In place of `start`: nothing but to take the sealed photos out, without the database. Calls are those of shared/recovery-contract.ts. */
  z.object({ type: z.literal('recover'), dataDir: z.string().min(1), key: keySchema }),
  z.object({ type: z.literal('frame'), frame: z.unknown() }),
  /** Of the calls that the engine makes to main; see shared/host-contract.ts. */
  z.object({ type: z.literal('host-frame'), frame: z.unknown() }),
  z.object({
    type: z.literal('stop'),
    /** Not before the last command has gone that this engine answers on the local socket. A stop without it does not wait, even after one with it. */
    whenAlone: z.boolean().optional(),
  }),
]);
export type ToEngine = z.infer<typeof toEngineSchema>;

export const fromEngineSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** It could not open the data folder; the process ends after this. */
  z.object({ type: z.literal('failed'), code: callErrorCodeSchema, database: z.enum(databaseErrorReasons).optional() }),
  z.object({ type: z.literal('frame'), frame: z.unknown() }),
  z.object({ type: z.literal('host-frame'), frame: z.unknown() }),
]);
export type FromEngine = z.infer<typeof fromEngineSchema>;
