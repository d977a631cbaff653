import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Enough to know a password again, and of no use to find it. With the parameters it was made with, so that these may be raised. */
export const passwordHashSchema = z.object({
  algorithm: z.literal('scrypt'),
  cost: z.number().int().min(2).max(2 ** 20),
  blockSize: z.number().int().min(1).max(32),
  salt: z.base64(),
  hash: z.base64(),
});
export type PasswordHash = z.infer<typeof passwordHashSchema>;

/** Port: how a password is known again without a network. Runs beside the engine's loop, which goes on sending meanwhile. */
export interface PasswordHasher {
  hash(password: string): Promise<PasswordHash>;
  matches(password: string, hash: PasswordHash): Promise<boolean>;
}

/**
 * scrypt (RFC 7914), 32 MB and 60 to 100 ms on a clinic's PC. It lies in the encrypted database besides, so it must hold only against
 * somebody who has that database open.
 */
const cost = 2 ** 15;
const blockSize = 8;
const hashBytes = 32;

export const scryptHasher: PasswordHasher = {
  async hash(password) {
    const salt = randomBytes(16);
    const hash = await derive(password, salt, cost, blockSize);
    return { algorithm: 'scrypt', cost, blockSize, salt: salt.toString('base64'), hash: hash.toString('base64') };
  },
  async matches(password, kept) {
    const wanted = Buffer.from(kept.hash, 'base64');
    const given = await derive(password, Buffer.from(kept.salt, 'base64'), kept.cost, kept.blockSize);
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  },
};

function derive(password: string, salt: Buffer, N: number, r: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters typed on another keyboard must give the same bytes.
    scrypt(password.normalize('NFC'), salt, hashBytes, { N, r, p: 1, maxmem: 256 * N * r }, (error, key) => { if (error) reject(error); else resolve(key); });
  });
}
