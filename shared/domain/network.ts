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

const refusedWord = 'refused';
const offeredWord = 'proxy-auth';

/** The detail of a failure `proxy-auth-required`: whether a sign-in was refused, and the schemes that the proxy offers. */
export function proxyAuthDetail(refused: boolean, schemes: readonly string[]): string {
  return [offeredWord, ...(refused ? [refusedWord] : []), schemes.join('.')].filter(Boolean).join(':');
}

/** How a failure `proxy-auth-required` came about, as far as its detail says. */
export function proxyAuthCause(detail: string | undefined): { name: 'asked' } | { name: 'refused' } | { name: 'unsupported'; schemes: string } {
  const [word, ...rest] = (detail ?? '').split(':');
  if (word !== offeredWord) return { name: 'asked' };
  const schemes = (rest.at(-1) ?? '').split('.').filter((scheme) => scheme !== '' && scheme !== refusedWord);
  if (schemes.length > 0 && !schemes.includes('basic')) return { name: 'unsupported', schemes: schemes.map((scheme) => scheme.toUpperCase()).join(', ') };
  return rest[0] === refusedWord ? { name: 'refused' } : { name: 'asked' };
}
