import { expect, it } from 'vitest';
import { appContract, type RelevoBridge } from '../../shared/app-contract.ts';
import type { AccountState } from '../../shared/domain/account.ts';
import { defaultSettings } from '../../shared/domain/settings.ts';
import type { QueueCounts } from '../../shared/domain/upload.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { type Server, serve } from '../../shared/rpc/typed-rpc.ts';
import { createRelevoClient, type RelevoClient, takeAccount } from './relevo-client.ts';

const ana = { id: 'n-1', name: 'Ana Ruiz', email: 'ana@clinica.example' };
const signedIn: AccountState = { name: 'signedIn', gateway: 'https://clinica.example', person: ana };
const locked: AccountState = { ...signedIn, name: 'locked' };
const counts: QueueCounts = { queued: 0, uploading: 0, completing: 0, completed: 0, waiting: 1, paused: 0, blocked: 0, needsAttention: 0, cancelled: 0 };
const transfer = { bytesPerSecond: 0, remainingBytes: 9, paused: false };

/** A window whose engine answers what a locked one may be told, and refuses everything else. */
async function windowOf(first: AccountState): Promise<{ client: RelevoClient; server: Server<typeof appContract>; asked: string[] }> {
  const [toWindow, toEngine] = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()];
  const side = (listeners: Set<(message: unknown) => void>, other: Set<(message: unknown) => void>): MessageChannelPort => ({
    post: (message) => { for (const listener of other) listener(structuredClone(message)); },
    onMessage: (listener) => {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  });
  const asked: string[] = [];
  const answers: Record<string, unknown> = {
    getAppInfo: { version: '1', platform: 'linux', developmentRuntime: false, demo: false },
    getEngineState: 'running',
    getSettings: defaultSettings,
    getAccount: first,
    getStatus: { counts, transfer, account: first, uploads: { completed: 0, perMinute: 0, errorRate: 0 }, uptimeMs: 1, keySource: 'keychain' },
    getNetwork: { proxySignIn: false, proxyAsks: false, metered: 'no' },
    getFixedSettings: { names: ['gateway'] },
  };
  const implementation = Object.fromEntries(Object.keys(appContract.methods).map((method) => [method, () => {
    asked.push(method);
    if (!(method in answers)) throw new CallError('locked');
    return answers[method];
  }]));
  const server = serve(appContract, implementation as never, side(toEngine, toWindow));
  const bridge: RelevoBridge = { ...side(toWindow, toEngine), pathOf: () => '' };
  const client = createRelevoClient(bridge);
  await new Promise<void>((resolve) => { client.queue.subscribe(resolve); });
  return { client, server, asked };
}

function told<T>(store: { subscribe(listener: () => void): () => void; get(): T }): Promise<T> {
  return new Promise((resolve) => {
    const stop = store.subscribe(() => {
      stop();
      resolve(store.get());
    });
  });
}

it('empties what was shown of patients when the window is locked', async () => {
  const { client, server } = await windowOf(signedIn);
  client.thumbnails.put('a', new Uint8Array([1]));
  client.missing.store.set(new Set(['p-1']));
  client.waitingFor.set({ name: 'blocked', by: 'offline' });
  client.saving.set({ open: 0, went: 'well' });
  const changed = told(client.account);
  server.emit('account', locked);
  expect((await changed)?.name).toBe('locked');
  expect(client.thumbnails.peek('a')).toBeUndefined();
  expect(client.missing.store.get().size).toBe(0);
  expect(client.waitingFor.get()).toBeUndefined();
  expect(client.saving.get().went).toBe('nothing');
});

it('keeps what is still being taken in for whoever stands before the locked window', async () => {
  const { client, server } = await windowOf(signedIn);
  client.saving.set({ open: 1, went: 'nothing' });
  const changed = told(client.account);
  server.emit('account', locked);
  await changed;
  expect(client.saving.get()).toEqual({ open: 1, went: 'nothing' });
});

it('comes up locked with the counts, and asks for no row', async () => {
  const { client, server, asked } = await windowOf(locked);
  expect(client.queue.get()?.counts.waiting).toBe(1);
  expect(client.fixed.get()).toContain('gateway');
  const changed = told(client.queue);
  server.emit('queue', { counts: { ...counts, waiting: 2 }, transfer, items: [], more: false });
  await changed;
  expect(asked).not.toContain('getQueuePage');
});

it('does not let an answer undo what an event has told meanwhile', async () => {
  const { client } = await windowOf({ ...signedIn, person: { ...ana, organisation: 'Clínica Santa Marta' } });
  takeAccount(client, signedIn);
  expect(client.account.get()).toMatchObject({ person: { organisation: 'Clínica Santa Marta' } });
  takeAccount(client, locked);
  expect(client.account.get()?.name).toBe('locked');
  takeAccount(client, { name: 'signedOut' });
  expect(client.account.get()?.name).toBe('signedOut');
});

it('keeps nothing that was shown for one gateway when its person’s id is signed in at another', async () => {
  const { client, server } = await windowOf(signedIn);
  client.thumbnails.put('a', new Uint8Array([1]));
  const changed = told(client.account);
  server.emit('account', { ...signedIn, gateway: 'https://copy.example' });
  await changed;
  expect(client.thumbnails.peek('a')).toBeUndefined();
  takeAccount(client, signedIn);
  expect(client.account.get()).toEqual(signedIn);
});
