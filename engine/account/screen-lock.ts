/**
 * @file Whether windows show anything of patients. Looked at by the clock, not by a timer: a computer that slept past the limit is locked
 * at the first call after it, and one that was switched off is locked when it starts.
 */
import { z } from 'zod';
import { timestampSchema } from '../../shared/domain/ids.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { DatabaseError } from '../queue/database-error.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { Account } from './account.ts';
import { ownerKey, ownerOf } from './owner.ts';
import { passwordHashSchema, type PasswordHasher } from './password-hash.ts';

const stateKey = 'screen-lock.state';
const verifierKey = 'screen-lock.verifier';
const triesKey = 'screen-lock.tries';

const minuteMs = 60_000;
/** So many wrong passwords in a row cost a minute, and each one after that twice as long as the one before. */
const freeTries = 5;
const longestPenaltyMs = 15 * minuteMs;

const stateSchema = z.object({ locked: z.boolean(), activeAt: timestampSchema });
const triesSchema = z.object({ wrong: z.number().int().nonnegative(), notBefore: timestampSchema });
const verifierSchema = z.object({ gateway: z.string(), personId: z.string(), hash: passwordHashSchema });

type Tries = z.infer<typeof triesSchema>;

export interface ScreenLock {
  isLocked(): boolean;
  /** @throws CallError `not-signed-in` */
  lock(): void;
  /** @throws CallError `wrong-credentials`, `too-many-tries`, `not-signed-in`; `network` or `server` where only the gateway could tell. */
  unlock(password: string): Promise<void>;
  noteActivity(): void;
  /** Somebody has just signed in with this password: opens, and keeps what knows it again. */
  signedIn(password: string): Promise<void>;
  /** Nothing is left to lock, nor to open. */
  signedOut(): void;
  /** Tells listeners of a lock that fell by itself. */
  look(): void;
  /** When it falls by itself if nothing happens, as a moment of the clock; undefined where it does not. */
  fallsAt(): number | undefined;
  /** @returns a function that stops listening. */
  onChange(listener: () => void): () => void;
}

export interface ScreenLockOptions {
  store: KeyValueStore;
  clock: Clock;
  log: Logger;
  account: Account;
  settings(): Settings;
  /** Absent: no password is known again without the gateway. */
  hasher: PasswordHasher | undefined;
}

export function createScreenLock({ store, clock, log, account, settings, hasher }: ScreenLockOptions): ScreenLock {
  const listeners = new Set<() => void>();
  const stored = read(store, stateKey, stateSchema);
  // Used later than now: somebody has set the clock back, and nobody knows for how long it was not used.
  let locked = stored !== undefined && (stored.locked || (limitMs() > 0 && stored.activeAt - clock.now() > minuteMs));
  let activeAt = stored?.activeAt ?? clock.now();
  let keptActiveAt = stored?.activeAt;
  let told = false;
  /** One try after the other, or many at once would all begin before the first was counted. */
  let trying: Promise<unknown> = Promise.resolve();

  /** On a full disk it is not kept: what holds now holds all the same, and a start later than the limit locks. */
  function keep(): void {
    try {
      store.set(stateKey, JSON.stringify({ locked, activeAt }));
      keptActiveAt = activeAt;
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      log.warn('window.lock-not-kept', { reason: error.reason });
    }
  }

  function limitMs(): number {
    return settings().lockAfterMinutes * minuteMs;
  }

  function isLocked(): boolean {
    const { name } = account.state();
    if (name === 'signedOut') return false;
    const now = clock.now();
    // Somebody has set the clock back: time without use is counted from here.
    if (activeAt > now) activeAt = now;
    if (!locked && limitMs() > 0 && now - activeAt >= limitMs()) {
      locked = true;
      keep();
      log.info('window.locked', { cause: 'inactivity' });
    }
    return locked;
  }

  function look(): void {
    const now = isLocked();
    if (now === told) return;
    told = now;
    for (const listener of listeners) listener();
  }

  function open(): void {
    // Whoever asked has seen it locked, whether or not listeners were told.
    told ||= locked;
    locked = false;
    activeAt = clock.now();
    keep();
    store.delete(triesKey);
    look();
  }

  function beginTry(): Tries {
    const now = clock.now();
    const before = read(store, triesKey, triesSchema) ?? { wrong: 0, notBefore: 0 };
    // Somebody has set the clock back since: from here on it takes no longer than the longest.
    if (before.notBefore - now > longestPenaltyMs) {
      before.notBefore = now + longestPenaltyMs;
      store.set(triesKey, JSON.stringify(before));
    }
    const waitMs = before.notBefore - now;
    if (waitMs > 0) throw new CallError('too-many-tries', `${Math.ceil(waitMs / 1_000)} s`);
    // Counted before it is looked at: a process that is killed meanwhile gains nobody another try.
    const wrong = before.wrong + 1;
    const penaltyMs = wrong < freeTries ? 0 : Math.min(longestPenaltyMs, minuteMs * 2 ** (wrong - freeTries));
    const tries = { wrong, notBefore: penaltyMs === 0 ? 0 : now + penaltyMs };
    store.set(triesKey, JSON.stringify(tries));
    return tries;
  }

  function takeBack(tries: Tries): void {
    store.set(triesKey, JSON.stringify({ wrong: tries.wrong - 1, notBefore: 0 }));
  }

  /** @returns undefined where nothing is kept to know it by. */
  async function isKnown(password: string): Promise<boolean | undefined> {
    const kept = read(store, verifierKey, verifierSchema);
    if (!hasher || !kept || ownerKey(kept) !== account.ownerId()) return undefined;
    return hasher.matches(password, kept.hash);
  }

  async function keepVerifier(password: string): Promise<void> {
    if (!hasher) return;
    const owner = account.ownerId();
    const hash = await hasher.hash(password);
    // Whoever it was of may have signed out meanwhile.
    if (owner !== undefined && account.ownerId() === owner) store.set(verifierKey, JSON.stringify({ ...ownerOf(owner), hash }));
  }

  async function tryPassword(password: string): Promise<void> {
    if (account.ownerId() === undefined) throw new CallError('not-signed-in');
    if (!isLocked()) return;
    const tries = beginTry();
    const known = await isKnown(password);
    if (known) { open(); return; }
    try {
      await account.signInAgain(password);
    } catch (error) {
      const code = error instanceof CallError ? error.code : undefined;
      // Nothing here knows the password and the gateway could not be asked: nobody was told that it is wrong.
      if (known === undefined && (code === 'network' || code === 'server')) { takeBack(tries); throw error; }
      if (code !== 'wrong-credentials' && code !== 'network' && code !== 'server') { takeBack(tries); throw error; }
      log.warn('window.wrong-password', { count: tries.wrong });
      throw tries.notBefore > 0 ? new CallError('too-many-tries', `${Math.ceil((tries.notBefore - clock.now()) / 1_000)} s`) : new CallError('wrong-credentials');
    }
    await keepVerifier(password);
    open();
  }

  told = isLocked();
  return {
    isLocked,
    look,
    lock() {
      if (account.state().name === 'signedOut') throw new CallError('not-signed-in');
      if (isLocked()) return;
      locked = true;
      keep();
      log.info('window.locked', { cause: 'person' });
      look();
    },
    unlock(password) {
      const turn = trying.then(() => tryPassword(password));
      trying = turn.catch(() => undefined);
      return turn;
    },
    noteActivity() {
      if (isLocked()) { look(); return; }
      activeAt = clock.now();
      // A crash may take back a minute of it, which locks a minute early at most.
      if (keptActiveAt === undefined || activeAt - keptActiveAt >= minuteMs || activeAt < keptActiveAt) keep();
    },
    async signedIn(password) {
      open();
      await keepVerifier(password);
    },
    signedOut() {
      for (const key of [stateKey, verifierKey, triesKey]) store.delete(key);
      locked = false;
      activeAt = clock.now();
      keptActiveAt = undefined;
      look();
    },
    fallsAt: () => (account.state().name === 'signedOut' || limitMs() === 0 || isLocked() ? undefined : activeAt + limitMs()),
    onChange(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}

function read<T>(store: KeyValueStore, key: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(store.get(key) ?? 'null')).data;
  } catch {
    return undefined;
  }
}
