import { z } from 'zod';
import { openRequestSchema } from './domain/open-request.ts';
import { engineContract } from './engine-contract.ts';
import { callErrorCodeSchema } from './rpc/call-error.ts';
import type { Client, Contract } from './rpc/contract.ts';

/** What the window itself offers beside the engine: facts and dialogs that only the main process can give. */
export const windowContract = {
  methods: {
    getAppInfo: {
      input: z.void(),
      output: z.object({
        version: z.string(),
        platform: z.string(),
        /** True on a runtime meant for development, never in what is installed. */
        developmentRuntime: z.boolean(),
        /** Signs in by itself to the demonstration backend. Never true in an installed app. */
        demo: z.boolean(),
      }),
    },
    /** Whether the engine process answers; false while it is being started again. */
    getEngineState: { input: z.void(), output: z.enum(['starting', 'running', 'failed']) },
    /** Why the engine cannot run; absent while it does. */
    getEngineFailure: { input: z.void(), output: z.object({ code: callErrorCodeSchema.optional() }) },
    /** Asks the person where to save the support bundle, and has it written there. */
    saveBundle: { input: z.void(), output: z.object({ saved: z.boolean() }) },
    /** Where a link from outside asked to go, if one came that nobody has taken yet. Given once. */
    getOpenRequest: { input: z.void(), output: z.object({ request: openRequestSchema.optional() }) },
  },
  events: {
    engineState: z.enum(['starting', 'running', 'failed']),
    /** A link came. Where it leads is fetched with `getOpenRequest`, so that a window without a person learns nothing of it. */
    open: z.void(),
  },
} as const satisfies Contract;

/** All that a window may call, served by the main process: the engine's calls are relayed, parsed on the way. */
export const appContract = {
  methods: { ...engineContract.methods, ...windowContract.methods },
  events: { ...engineContract.events, ...windowContract.events },
} as const satisfies Contract;

export type AppContract = typeof appContract;
export type AppClient = Client<AppContract>;

/** What the preload script puts on `window.relevo`. Messages are the typed calls' frames; nothing else passes. */
export interface RelevoBridge {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): () => void;
  /** Where a dropped or chosen `File` lies on the disk; empty for one that has no path (pasted). */
  pathOf(file: unknown): string;
}
