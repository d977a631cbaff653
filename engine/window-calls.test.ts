import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultSettings } from '../shared/domain/settings.ts';
import { engineContract, type EngineContract, type EngineImplementation } from '../shared/engine-contract.ts';
import { createScreenLock, type ScreenLock } from './account/screen-lock.ts';
import { createTestGateway, type TestGateway } from './account/testing-gateway.ts';
import type { EngineListener } from './engine-types.ts';
import { silentLogger } from './logging/logger.ts';
import { windowCalls, type WindowCalls } from './window-calls.ts';

type Method = keyof EngineContract['methods'];
const methods = Object.keys(engineContract.methods) as Method[];

/** Everything else needs the password. Written out here again, so that a slip in the policy is a failing test. */
const alwaysAnswered: readonly Method[] = [
  'getStatus', 'getAccount', 'signIn', 'signOut', 'getPeople', 'lock', 'unlock', 'noteActivity', 'getSettings', 'changeSettings', 'getFixedSettings', 'getNetwork', 'getConnection', 'checkConnection', 'wake',
];

let gateway: TestGateway;
let screenLock: ScreenLock;
let reached: string[];
let listeners: Set<EngineListener>;
let answers: Partial<Record<Method, (input: never) => unknown>>;
let window: WindowCalls;
beforeEach(async () => {
  gateway = createTestGateway();
  await gateway.account.signIn('ana@clinic.example', 'right');
  screenLock = createScreenLock({ store: gateway.store, clock: gateway.clock, log: silentLogger, account: gateway.account, settings: () => gateway.settings, hasher: undefined });
  reached = [];
  listeners = new Set();
  answers = {
    getAccount: () => gateway.account.state(), signIn: () => gateway.account.state(), getStatus: () => ({ account: gateway.account.state(), counts: { queued: 3 } }),
    lock: () => { screenLock.lock(); return gateway.account.state(); }, signOut: () => gateway.account.signOut(),
    unlock: async ({ password }: { password: string }) => { await screenLock.unlock(password); return gateway.account.state(); },
  };
  const calls = Object.fromEntries(methods.map((method) => [method, (input: never) => {
    reached.push(method);
    return answers[method]?.(input);
  }])) as unknown as EngineImplementation;
  // Its own time stands still: what falls by itself is the lock's own test.
  const clock = { ...gateway.clock, sleep: (_ms: number, signal?: AbortSignal) => new Promise<void>((resolve) => { signal?.addEventListener('abort', () => resolve()); }) };
  window = windowCalls({ calls, screenLock, subscribe: (listener) => { listeners.add(listener); return () => { listeners.delete(listener); }; } }, clock);
});
afterEach(() => window.close());

const inputs: Partial<Record<Method, unknown>> = { changeSettings: { language: 'en' }, unlock: { password: 'right' } };
const ask = (method: Method, input: unknown = inputs[method]): Promise<unknown> =>
  Promise.resolve((window.calls[method] as (value: unknown) => unknown)(input)).then((value) => value, (error: { code?: string }) => error.code ?? error);

/** By hand, of which the window is told. */
function lockNow(): void {
  screenLock.lock();
  reached.length = 0;
}

describe('while locked', () => {
  test.each(methods)('%s', async (method) => {
    lockNow();
    const answer = await ask(method);
    if (alwaysAnswered.includes(method)) {
      expect(answer).not.toBe('locked');
      expect(reached).toContain(method);
    } else {
      expect(answer).toBe('locked');
      expect(reached).toEqual([]);
    }
  });

  test('whoever is signed in is told as locked, by every call that tells it', async () => {
    lockNow();
    const locked = { name: 'locked', person: { id: 'u-1' } };
    expect(await ask('getAccount')).toMatchObject(locked);
    expect(await ask('lock')).toMatchObject(locked);
    expect(await ask('getStatus')).toMatchObject({ account: locked, counts: { queued: 3 } });
    expect(await ask('unlock', { password: 'right' })).toMatchObject({ name: 'signedIn' });
    lockNow();
    expect(await ask('signOut')).toMatchObject({ name: 'signedOut' });
  });

  test.each([
    ['the language', { language: 'en' }, undefined], ['the appearance', { theme: 'dark' }, undefined],
    ['another gateway', { gateway: 'https://elsewhere.example' }, 'locked'], ['never locking again', { lockAfterMinutes: 0 }, 'locked'],
    ['the language and something else', { language: 'en', lockAfterMinutes: 0 }, 'locked'],
  ])('%s', async (_name, changes, outcome) => {
    lockNow();
    expect(await ask('changeSettings', changes)).toBe(outcome);
    expect(reached).toEqual(outcome ? [] : ['changeSettings']);
  });

  test('a search that was begun before shows nothing after', async () => {
    let answer = (_value: unknown): void => undefined;
    answers.searchPatients = () => new Promise((resolve) => { answer = resolve; });
    const searching = ask('searchPatients', { text: '' });
    lockNow();
    answer({ patients: [{ id: 'p-1', name: 'José Álvarez' }], total: 1 });
    expect(await searching).toBe('locked');
  });

  test('photos that are being taken in are taken in, and that is told', async () => {
    let answer = (_value: unknown): void => undefined;
    answers.addFiles = () => new Promise((resolve) => { answer = resolve; });
    const adding = ask('addFiles', { batchId: 'b', patientId: 'p-1', paths: ['/a'] });
    lockNow();
    answer({ outcomes: [] });
    expect(await adding).toEqual({ outcomes: [] });
  });

  test('the lock falls at the first call after the time is over, whether or not anything has looked before', async () => {
    gateway.clock.advance(15 * 60_000);
    expect(await ask('searchPatients', { text: '' })).toBe('locked');
    expect(await ask('getAccount')).toMatchObject({ name: 'locked' });
  });
});

describe('the clinic’s own keys', () => {
  const methodsOfKeys = ['testOwnKeys', 'saveOwnKeys', 'removeOwnKeys'] as const;
  const allow = (ownKeysInWindow: boolean): void => { answers.getSettings = () => ({ ...defaultSettings, ownKeysInWindow }); };

  test.each(methodsOfKeys)('%s is the administrator’s, who may leave it to whoever is signed in', async (method) => {
    allow(false);
    expect(await ask(method)).toBe('set-by-administrator');
    allow(true);
    expect(await ask(method)).toBeUndefined();
    expect(reached.filter((name) => name === method)).toHaveLength(1);
    gateway.account.signOut();
    expect(await ask(method)).toBe('not-signed-in');
    expect(reached.filter((name) => name === method)).toHaveLength(1);
  });

  test('a window does not give itself leave', async () => {
    expect(await ask('changeSettings', { ownKeysInWindow: true })).toBe('set-by-administrator');
  });
});

describe('events', () => {
  const told: { event: string; payload: unknown }[] = [];
  beforeEach(() => { told.length = 0; window.subscribe((event, payload) => told.push({ event, payload })); });
  const emit = (event: string, payload: unknown): void => { for (const listener of listeners) (listener as (name: string, value: unknown) => void)(event, payload); };
  const queueEvent = { counts: { queued: 1 }, transfer: { paused: false }, items: [{ patientName: 'José Álvarez' }], more: true };

  test('tell numbers while locked, and nothing of patients', () => {
    emit('queue', queueEvent);
    screenLock.lock();
    emit('queue', queueEvent);
    emit('ingest', { batchId: 'b', file: 'jose-alvarez.jpg' });
    emit('log', { lines: [] });
    emit('settings', defaultSettings);
    emit('account', gateway.account.state());
    expect(told.map(({ event }) => event)).toEqual(['queue', 'queue', 'settings', 'account']);
    expect(told[0]!.payload).toEqual(queueEvent);
    expect(told[1]!.payload).toEqual({ ...queueEvent, items: [], more: false });
    expect(told[3]!.payload).toMatchObject({ name: 'locked' });
  });

  test('say that it was locked and opened', async () => {
    screenLock.lock();
    await Promise.resolve();
    await ask('unlock', { password: 'right' });
    expect(told.filter(({ event }) => event === 'account').map(({ payload }) => (payload as { name: string }).name)).toEqual(['locked', 'signedIn']);
  });
});

describe('what only an administrator sets', () => {
  test.each([['shareQueue', true], ['formerGateways', { 'https://new.example': ['https://old.example'] }], ['controlResolver', '10.0.0.1'], ['controlPage', 'https://a.example/'], ['controlPortalPage', 'http://a.example/204']])('%s is not the window’s to change', async (name, value) => {
    expect(await ask('changeSettings', { [name]: value })).toBe('set-by-administrator');
    expect(reached).toEqual([]);
  });

  test('the rest is', async () => {
    expect(await ask('changeSettings', { concurrency: 3 })).toBeUndefined();
    expect(reached).toEqual(['changeSettings']);
  });
});
