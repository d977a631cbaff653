import { z } from 'zod';
import { personSchema } from '../../shared/domain/account.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';

const sessionKey = 'account.session';

const sessionSchema = z.object({
  gateway: z.string(),
  person: personSchema,
  accessToken: z.string().min(1),
  refreshToken: z.string().min(1),
  /** The server has ended it. Kept, so that its owner is known and the queue stays theirs. */
  expired: z.boolean(),
});

/** Who is signed in, and where. The tokens are in the encrypted store and in this process's memory, nowhere else. */
export type Session = z.infer<typeof sessionSchema>;

/** A session that does not parse counts as none: its owner signs in again, and the queue is not touched by that. */
export function readSession(store: KeyValueStore): Session | undefined {
  const json = store.get(sessionKey);
  if (json === undefined) return undefined;
  try {
    return sessionSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

export function writeSession(store: KeyValueStore, session: Session | undefined): void {
  if (session) store.set(sessionKey, JSON.stringify(session));
  else store.delete(sessionKey);
}
