import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Changes when the calls, or how two ends prove themselves, change so that an older peer could not follow. */
export const localProtocol = 2;

/**
 * [Note: Mutual proof]
 * Whoever is first may listen under a name of ours: on Windows the names of pipes are open to every account, and after a crash
 * nobody holds them. What a command says may hold a password, so both ends prove that they have read the token's file, and the
 * token itself crosses nothing: each sends a number used once, and an HMAC under the token over both numbers. The engine's end is
 * first; until its proof is right, the command's end has said a random number and nothing else. Each end's proof begins with whose
 * it is, so that neither can be answered with itself.
 *
 * A proof passed on between the two ends by a third is not a danger here: the engine that knows the token listens under the one
 * name that commands look under, and where somebody else holds that name it listens nowhere and has no token.
 */
const hex32 = z.string().regex(/^[0-9a-f]{64}$/);

/** The first word of a command's end. */
export const helloSchema = z.object({ protocol: z.literal(localProtocol), nonce: hex32 });
/** The engine's answer to it. */
export const serverProofSchema = z.object({ protocol: z.literal(localProtocol), nonce: hex32, proof: hex32 });
export const clientProofSchema = z.object({ proof: hex32 });
/** After the command's proof: calls are answered from now on. */
export const welcomeSchema = z.object({ protocol: z.literal(localProtocol), welcome: z.literal(true) });
/** All that a peer of another version must understand. */
export const anyProtocolSchema = z.object({ protocol: z.number() });

export interface Nonces {
  client: string;
  server: string;
}

export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

export function proofOf(token: string, side: 'client' | 'server', nonces: Nonces): string {
  return createHmac('sha256', token).update(`relevo-local-socket ${localProtocol} ${side} ${nonces.client} ${nonces.server}`).digest('hex');
}

export function isProof(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}
