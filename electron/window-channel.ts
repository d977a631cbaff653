/** @file The one channel between the window and main, and what may pass on it. */
import { z } from 'zod';

export const WINDOW_CHANNEL = 'relevo';

/**
 * [Note: granted paths] The window may name only files that a person dropped or chose: the preload script tells main the path of each
 * `File` whose path the page asks for, and main refuses to add any other. A script smuggled into the page cannot send the computer's files.
 */
export const fromWindowSchema = z.union([
  z.strictObject({ grant: z.string().min(1).max(8192) }),
  z.strictObject({
    frame: z.strictObject({
      t: z.literal('q'),
      m: z.literal('call'),
      i: z.string().min(1).max(64),
      a: z.tuple([z.string().max(64), z.unknown()]).or(z.tuple([z.string().max(64)])),
      o: z.boolean().optional(),
    }),
  }),
]);
export type FromWindow = z.infer<typeof fromWindowSchema>;
