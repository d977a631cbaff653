import { z } from 'zod';
import type { Contract } from './rpc/contract.ts';

/** What the engine's process may ask of the desktop's main process. */
export const hostContract = {
  methods: {
    /** One GET through Chromium's own network stack: without cookies, redirects not followed. Never fails. */
    chromiumGet: {
      input: z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000), limitMs: z.number().positive().max(60_000) }),
      output: z.discriminatedUnion('name', [
        z.object({ name: z.literal('answer'), status: z.number().int() }),
        z.object({ name: z.literal('failed'), error: z.string().max(100) }),
      ]),
    },
    /** The way that the operating system's settings (a script of theirs included) have for an address, in the words of PAC: `PROXY host:port; DIRECT`. */
    resolveProxy: {
      input: z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000) }),
      output: z.object({ routes: z.string().max(2_000) }),
    },
  },
  events: {},
} as const satisfies Contract;
export type HostContract = typeof hostContract;
