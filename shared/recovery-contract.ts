import { z } from 'zod';
import { recoveredPhotoSchema } from './domain/recovered-photo.ts';
import type { Contract } from './rpc/contract.ts';

/** What an engine's process answers that was started to take the sealed photos out of a data folder, and for nothing else. */
export const recoveryContract = {
  methods: {
    /**
     * Decrypts every sealed photo into `folder`. Fails with `data-folder-in-use` where an engine has the folder open, and with
     * `not-possible-now` where `folder` cannot be written to; then the detail is the system's code.
     */
    recover: { input: z.object({ folder: z.string().min(1) }), output: z.object({ photos: z.array(recoveredPhotoSchema) }) },
  },
  events: {
    progress: z.object({ done: z.number().int(), total: z.number().int() }),
  },
} as const satisfies Contract;
export type RecoveryContract = typeof recoveryContract;
