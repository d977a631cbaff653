/**
 * @file What the window's process may ask for. The engine decides it, not the window: a window that was tampered with, or whose script
 * was, still shows nothing of patients while it is locked.
 *
 * [Note: what the lock holds against] Somebody who sits down at a computer that another person left. It is held against windows alone:
 * whoever can run the command line has the person's session at the operating system, and with it everything that the session has.
 */
import { assertNever } from '../shared/assert-never.ts';
import type { AccountState } from '../shared/domain/account.ts';
import { administratorSettings, type Settings } from '../shared/domain/settings.ts';
import type { EngineContract, EngineImplementation } from '../shared/engine-contract.ts';
import { CallError } from '../shared/rpc/call-error.ts';
import type { EventPayload } from '../shared/rpc/contract.ts';
import type { Clock } from './clock.ts';
import type { Engine, EngineEventName, EngineListener } from './engine-types.ts';

/**
 * - `always`: tells and changes nothing of patients.
 * - `unlocked`: refused while locked, and its answer withheld where the lock fell meanwhile.
 * - `to-begin`: refused while locked; what began before goes on, and its end is told: photos that are being taken in are taken in.
 */
type Policy = 'always' | 'unlocked' | 'to-begin';

/** A call that is new in the contract does not compile until it is decided here. */
export const windowPolicy: Record<keyof EngineContract['methods'], Policy> = {
  getStatus: 'always',
  getAccount: 'always',
  // Somebody else may take the place of whoever locked it.
  signIn: 'always',
  signOut: 'always',
  getPeople: 'always',
  lock: 'always',
  unlock: 'always',
  noteActivity: 'always',
  getLimits: 'unlocked',
  getNegotiation: 'unlocked',
  searchPatients: 'unlocked',
  getPresentPhoto: 'unlocked',
  addFiles: 'to-begin',
  addBytes: 'to-begin',
  getQueuePage: 'unlocked',
  getUpload: 'unlocked',
  pauseQueue: 'to-begin',
  resumeQueue: 'to-begin',
  pauseUpload: 'unlocked',
  resumeUpload: 'unlocked',
  retryUpload: 'unlocked',
  cancelUpload: 'unlocked',
  sync: 'to-begin',
  setThumbnail: 'to-begin',
  getThumbnail: 'unlocked',
  getSettings: 'always',
  // Language and appearance only; see `changesAllowedWhileLocked`.
  changeSettings: 'always',
  getFixedSettings: 'always',
  getOwnKeys: 'unlocked',
  testOwnKeys: 'to-begin',
  saveOwnKeys: 'to-begin',
  removeOwnKeys: 'to-begin',
  getNetwork: 'always',
  setProxySignIn: 'to-begin',
  sendDespiteMetered: 'to-begin',
  getConnection: 'always',
  checkConnection: 'always',
  previewBundle: 'unlocked',
  writeBundle: 'to-begin',
  getLog: 'unlocked',
  wake: 'always',
};

/**
 * [Note: who decides where photos go] Keys of a store of one's own take all photos of a computer there, whoever adds them and whatever
 * gateway is fixed. A colleague, or somebody who finds a window open, must not be able to: they are entered by the command line, or in
 * the window where an administrator allows it, and by somebody who is signed in.
 */
const changesOwnKeys: ReadonlySet<string> = new Set(['testOwnKeys', 'saveOwnKeys', 'removeOwnKeys'] satisfies (keyof EngineImplementation)[]);

const changesAllowedWhileLocked: ReadonlySet<string> = new Set(['language', 'theme'] satisfies (keyof Settings)[]);

/** How often it is looked at whether the lock has fallen: a screen must not go on showing patients until somebody touches it. */
const lookEveryMs = 15_000;

export interface WindowCalls {
  readonly calls: EngineImplementation;
  subscribe(listener: EngineListener): () => void;
  close(): void;
}

/** The engine as a window has it. */
export function windowCalls(engine: Pick<Engine, 'calls' | 'subscribe' | 'screenLock'>, clock: Clock): WindowCalls {
  const { calls, screenLock } = engine;
  const closing = new AbortController();
  const listeners = new Set<EngineListener>();
  const emit: EngineListener = (event, payload) => { for (const listener of listeners) listener(event, payload); };

  function shown(state: AccountState): AccountState {
    return screenLock.isLocked() && state.name !== 'signedOut' ? { ...state, name: 'locked' } : state;
  }

  function refuseLocked(): void {
    screenLock.look();
    if (screenLock.isLocked()) throw new CallError('locked');
  }

  function refuseChanges(changes: Partial<Settings>): void {
    const names = Object.keys(changes);
    if (names.some((name) => !changesAllowedWhileLocked.has(name))) refuseLocked();
    const refused = names.filter((name) => (administratorSettings as readonly string[]).includes(name));
    if (refused.length > 0) throw new CallError('set-by-administrator', refused.join(', '));
  }

  async function refuseOwnKeys(): Promise<void> {
    const [settings, account] = await Promise.all([calls.getSettings(), calls.getAccount()]);
    if (!settings.ownKeysInWindow) throw new CallError('set-by-administrator', 'ownKeysInWindow');
    if (account.name !== 'signedIn') throw new CallError('not-signed-in');
  }

  async function call(method: keyof EngineImplementation, input: unknown): Promise<unknown> {
    const ask = (): unknown => (calls[method] as (value: unknown) => unknown)(input);
    const policy = windowPolicy[method];
    if (policy !== 'always') refuseLocked();
    if (method === 'changeSettings') refuseChanges(input as Partial<Settings>);
    if (changesOwnKeys.has(method)) await refuseOwnKeys();
    const answer = await ask();
    switch (policy) {
      case 'always': return lockedAnswer(method, answer);
      case 'unlocked': refuseLocked(); return answer;
      case 'to-begin': return answer;
      default: return assertNever(policy);
    }
  }

  function lockedAnswer(method: keyof EngineImplementation, answer: unknown): unknown {
    if (method === 'getStatus') {
      const status = answer as Awaited<ReturnType<EngineImplementation['getStatus']>>;
      return { ...status, account: shown(status.account) };
    }
    return method === 'getAccount' || method === 'signIn' || method === 'signOut' || method === 'lock' || method === 'unlock' ? shown(answer as AccountState) : answer;
  }

  /** @returns nothing where the window is to hear nothing. */
  function lockedEvent<E extends EngineEventName>(event: E, payload: EventPayload<EngineContract, E>): EventPayload<EngineContract, E> | undefined {
    if (event === 'account') return shown(payload as AccountState) as typeof payload;
    if (!screenLock.isLocked()) return payload;
    switch (event as EngineEventName) {
      case 'queue': return { ...(payload as EventPayload<EngineContract, 'queue'>), items: [], more: false } as unknown as typeof payload;
      case 'ingest': case 'log': return undefined;
      default: return payload;
    }
  }

  async function watchInactivity(): Promise<void> {
    while (!closing.signal.aborted) {
      screenLock.look();
      const fallsInMs = (screenLock.fallsAt() ?? Infinity) - clock.now();
      await clock.sleep(Math.max(1, Math.min(lookEveryMs, fallsInMs)), closing.signal);
    }
  }

  const unsubscribe = engine.subscribe((event, payload) => {
    const told = lockedEvent(event, payload);
    if (told !== undefined) emit(event, told);
  });
  const unlisten = screenLock.onChange(() => {
    void Promise.resolve(calls.getAccount()).then((state) => { if (!closing.signal.aborted) emit('account', shown(state)); }).catch(() => undefined);
  });
  void watchInactivity();

  return {
    calls: Object.fromEntries(Object.keys(windowPolicy).map((method) => [
      method, (input: unknown) => call(method as keyof EngineImplementation, input),
    ])) as unknown as EngineImplementation,
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    close() {
      closing.abort();
      unsubscribe();
      unlisten();
    },
  };
}
