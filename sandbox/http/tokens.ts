import { SignJWT, jwtVerify } from 'jose';
import { z } from 'zod';

const payloadSchema = z.object({
  user_id: z.string(),
  account_type: z.literal('user'),
  email: z.string(),
  type: z.enum(['access', 'refresh']),
  iat: z.number(),
  exp: z.number(),
});
export type TokenPayload = z.infer<typeof payloadSchema>;

/** HS256 tokens that auth makes and every service reads, with one secret, as on the real backend. */
export class Tokens {
  readonly #secret: Uint8Array;
  /** Access tokens whose signature was found right, so that it is computed once and not for each service and request. */
  readonly #verified = new Map<string, TokenPayload>();

  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  sign(account: { id: string; email: string }, type: TokenPayload['type'], lifeS: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ user_id: account.id, account_type: 'user', email: account.email, type })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(now)
      .setExpirationTime(now + lifeS)
      .sign(this.#secret);
  }

  /** Undefined for a token that is expired, of the other type, or not ours. */
  async read(token: string, type: TokenPayload['type']): Promise<TokenPayload | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ['HS256'] });
      const parsed = payloadSchema.safeParse(payload);
      return parsed.success && parsed.data.type === type ? parsed.data : undefined;
    } catch {
      return undefined;
    }
  }

  /** Reads `Authorization: Bearer …`. */
  async readBearer(header: string | undefined): Promise<TokenPayload | undefined> {
    const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
    if (token === undefined) return undefined;
    const known = this.#verified.get(token);
    if (known) return known.exp * 1000 > Date.now() ? known : undefined;
    const payload = await this.read(token, 'access');
    if (payload) {
      if (this.#verified.size >= 1000) this.#verified.clear();
      this.#verified.set(token, payload);
    }
    return payload;
  }
}
