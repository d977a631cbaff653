import { z } from 'zod';

/** Up to the year 5138; what is later is no moment, and as milliseconds might be no number. */
const claimsSchema = z.object({ exp: z.number().positive().max(1e11) });

/**
 * When a JWT ends, in milliseconds since the epoch by the server's clock. The signature is the server's affair and is not
 * looked at: a forged token would only make us refresh at another time.
 *
 * @returns undefined for a token that is not a JWT or does not say.
 */
export function tokenEndsAt(token: string): number | undefined {
  const payload = token.split('.')[1];
  if (!payload) return undefined;
  try {
    // Node and browsers both have atob; it knows neither the URL alphabet nor bytes beyond Latin-1, and numbers are neither.
    const claims = claimsSchema.safeParse(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
    return claims.success ? Math.round(claims.data.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}
