import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { SessionExpired, type GatewayClient, type TokenSource } from '../transport/gateway-client.ts';
import { tokenEndsAt } from './access-token.ts';
import { ownerKey } from './owner.ts';
import type { Session } from './session.ts';

/** Refreshed this long before its end: a photo's first call must not begin with a token that ends on the way. */
const refreshAheadMs = 60_000;

export const refreshAnswer = z.object({ access_token: z.string().min(1) });
export const verifyAnswer = z.object({ valid: z.boolean().optional() });

export interface TokenKeeperOptions {
  session(): Session | undefined;
  /** Commits a change of the session; ignored by the account where the session has been replaced meanwhile. */
  update(before: Session, after: Session): void;
  /** For calls without a token. */
  plainClient(): GatewayClient;
  /** For calls that carry just this token, and do not renew it. */
  clientWith(token: string): GatewayClient;
  clock: Clock;
  log: Logger;
}

/** Hands out access tokens and renews them, in one flight for all who ask at the same time. */
export function createTokenKeeper(options: TokenKeeperOptions): TokenSource {
  const { clock, log } = options;
  let refreshing: { session: Session; done: Promise<string> } | undefined;
  const checking = new Map<string, Promise<'refreshed' | 'still-valid' | 'expired'>>();

  function current(): Session {
    const session = options.session();
    if (!session || session.expired) throw new SessionExpired();
    return session;
  }

  /** Milliseconds that the token still has, by the server's clock: a computer whose clock is wrong refreshes at the right time all the same. */
  function remainingMs(token: string): number {
    const endsAt = tokenEndsAt(token);
    if (endsAt === undefined) return Infinity;
    return endsAt - (clock.now() + options.plainClient().clockOffsetMs());
  }

  async function refresh(): Promise<string> {
    const session = current();
    if (refreshing && refreshing.session.refreshToken === session.refreshToken) return refreshing.done;
    const done = askForToken(session).finally(() => { if (refreshing?.done === done) refreshing = undefined; });
    refreshing = { session, done };
    return done;
  }

  async function askForToken(session: Session): Promise<string> {
    try {
      const answer = await options.plainClient().call({
        // Repeating it is harmless: the refresh token stays the same.
        method: 'POST', path: '/auth/refresh', body: { refresh_token: session.refreshToken }, answer: refreshAnswer, auth: 'none', idempotent: true,
      });
      options.update(session, { ...session, accessToken: answer.access_token });
      log.info('account.refreshed');
      return answer.access_token;
    } catch (error) {
      if (!endsSession(error)) throw error;
      options.update(session, { ...session, expired: true });
      log.warn('account.expired', error instanceof AnswerError ? { httpStatus: error.status, code: error.code } : {});
      throw new SessionExpired();
    }
  }

  async function check(token: string): Promise<'refreshed' | 'still-valid' | 'expired'> {
    try {
      const answer = await options.clientWith(token).call({ method: 'GET', path: '/auth/verify', answer: verifyAnswer, auth: 'token', idempotent: true });
      if (answer.valid !== false) return 'still-valid';
    } catch (error) {
      if (!endsSession(error)) throw error;
    }
    try {
      await refresh();
      return 'refreshed';
    } catch (error) {
      if (error instanceof SessionExpired) return 'expired';
      throw error;
    }
  }

  return {
    owner: () => { const session = options.session(); return session && ownerKey({ gateway: session.gateway, personId: session.person.id }); },
    async accessToken() {
      const { accessToken } = current();
      const remaining = remainingMs(accessToken);
      if (remaining > refreshAheadMs) return accessToken;
      try {
        return await refresh();
      } catch (error) {
        // The way to the sign-in service may be cut while the token still opens the others.
        if (error instanceof SessionExpired || remaining <= 0) throw error;
        return accessToken;
      }
    },
    async rejected(token) {
      const session = options.session();
      if (!session || session.expired) return 'expired';
      if (session.accessToken !== token) return 'refreshed';
      let flight = checking.get(token);
      if (!flight) {
        flight = check(token).finally(() => checking.delete(token));
        checking.set(token, flight);
      }
      return flight;
    },
  };
}

/** Only the sign-in service's own word ends a session; a login page of the network that answers 401 or 403 does not. */
function endsSession(error: unknown): boolean {
  if (error instanceof SessionExpired) return true;
  return error instanceof AnswerError && (error.status === 401 || error.status === 403) && error.code !== 'malformed';
}
