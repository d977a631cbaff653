import { z } from 'zod';

/** How this computer reaches the outside, as far as the engine goes by it. */
export const networkStateSchema = z.object({
  /** To the gateway, as last found; absent while nothing was asked for yet. `host:port`, never a sign-in. */
  proxy: z.discriminatedUnion('name', [
    z.object({ name: z.literal('direct') }),
    z.object({ name: z.literal('proxy'), address: z.string().max(300) }),
  ]).optional(),
  /** A sign-in for the proxy is kept. */
  proxySignIn: z.boolean(),
  /** The proxy refused us for want of a (right) sign-in, and has not let us through since. */
  proxyAsks: z.boolean(),
  metered: z.enum(['yes', 'no', 'unknown']),
  /** The limit in force now, in bytes a second; absent: none. */
  limitBytesPerSecond: z.number().positive().optional(),
  /** Why nothing is sent although nobody paused it. */
  hold: z.enum(['metered']).optional(),
});
export type NetworkState = z.infer<typeof networkStateSchema>;
