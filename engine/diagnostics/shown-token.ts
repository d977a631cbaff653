import { SessionExpired, type TokenSource } from '../transport/gateway-client.ts';
import type { Session } from '../account/session.ts';
import { abortable } from './probes/connection.ts';
import type { PresentToken } from './probes/session.ts';

/** A renewal that takes longer than this leaves a probe no time to ask what it is there for; in milliseconds. */
const renewalMs = 4000;

export interface ShownTokenOptions {
  /** Whoever is signed in at the gateway in force, also where the session is over. */
  session(): Session | undefined;
  tokens: Pick<TokenSource, 'accessToken'>;
}

/**
 * What the probes show of who is signed in: the token that an upload would show now, renewed in one flight with everybody else's.
 * An access token lives for minutes; that it has ended while nothing was sent says nothing of the session.
 */
export function createShownToken({ session, tokens }: ShownTokenOptions): PresentToken {
  return async (signal) => {
    const before = session();
    if (!before) return undefined;
    if (before.expired) return { ended: before.accessToken };
    try {
      return await abortable(tokens.accessToken(), AbortSignal.any([signal, AbortSignal.timeout(renewalMs)]));
    } catch (error) {
      // Signing out and another sign-in may have come in between.
      const now = session();
      if (!now) return undefined;
      if (error instanceof SessionExpired) return { ended: now.accessToken };
      return { due: now.accessToken };
    }
  };
}
