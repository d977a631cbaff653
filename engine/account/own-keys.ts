/**
 * @file The clinic's own Spaces keys, for each gateway: kept in the encrypted database, whose key the operating system's
 * keychain seals. The secret leaves this file only for whoever signs requests with it.
 */
import { z } from 'zod';
import type { Limits } from '../../shared/domain/account.ts';
import { normalGateway } from '../../shared/domain/gateway.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import { ownKeysSchema, type OwnKeys, type OwnKeysInput } from '../../shared/domain/own-keys.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { ownKeysLimits } from '../transport/own-keys.ts';
import type { S3Target } from '../transport/s3-calls.ts';

const keptSchema = ownKeysSchema.extend({ secretAccessKey: z.string().min(1), since: timestampSchema });
/** With the secret: never to be shown, logged or put into an error. */
export type KeptOwnKeys = z.infer<typeof keptSchema>;

const keyOf = (gateway: string): string => `own-keys:${normalGateway(gateway)}`;

export function keptOwnKeys(store: KeyValueStore, gateway: string): KeptOwnKeys | undefined {
  const json = store.get(keyOf(gateway));
  if (json === undefined) return undefined;
  try {
    return keptSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** @param since ms since the epoch */
export function keepOwnKeys(store: KeyValueStore, gateway: string, target: S3Target, since: number): void {
  store.set(keyOf(gateway), JSON.stringify(keptSchema.parse({ ...target, since })));
}

export function forgetOwnKeys(store: KeyValueStore, gateway: string): void {
  store.delete(keyOf(gateway));
}

/** What may be shown of them. */
export function shownOwnKeys(kept: KeptOwnKeys | undefined): OwnKeys | undefined {
  // Parsing drops what is not in the schema, and the secret is not.
  return kept && ownKeysSchema.parse(kept);
}

export function limitsOfOwnKeys(kept: KeptOwnKeys): Limits {
  return ownKeysLimits(kept.since);
}

/**
 * What a person entered, as requests are signed with it. Without a secret the kept one is taken, but only for the same
 * key at the same place: elsewhere it would be shown to somebody else's server.
 *
 * @returns undefined where there is no secret for it
 */
export function targetOf({ secretAccessKey, ...given }: OwnKeysInput, kept: KeptOwnKeys | undefined): S3Target | undefined {
  const keys = { ...given, endpoint: new URL(given.endpoint).origin };
  const same = kept && kept.endpoint === keys.endpoint && kept.bucket === keys.bucket && kept.accessKeyId === keys.accessKeyId;
  const secret = secretAccessKey ?? (same ? kept.secretAccessKey : undefined);
  return secret === undefined ? undefined : { ...keys, secretAccessKey: secret };
}
