import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../engine/logging/logger.ts';
import { EngineHost, restartDelayMs } from './engine-host.ts';
import type { EngineState } from './engine-host.ts';
import { launchNodeProcess } from './node-engine-process.ts';

const testing = (name: string): string => fileURLToPath(new URL(`testing/${name}`, import.meta.url));

const hosts: EngineHost[] = [];
afterEach(async () => { await Promise.all(hosts.splice(0).map((host) => host.stop())); });

interface Started { host: EngineHost; states: EngineState[]; keys: Uint8Array[] }

function start(dataDir = '/data'): Started {
  const keys: Uint8Array[] = [];
  const host = new EngineHost({
    log: silentLogger,
    launch: () => launchNodeProcess(testing('small-engine.ts'), process.execPath, process.env),
    startMessage: async () => {
      const bytes = new Uint8Array(32).fill(7);
      keys.push(bytes);
      return { type: 'start', dataDir, key: { bytes, source: 'keychain' } };
    },
  });
  const states: EngineState[] = [];
  host.onState((state) => states.push(state));
  hosts.push(host);
  host.start();
  return { host, states, keys };
}

async function told(host: EngineHost): Promise<{ pid: number; key: string }> {
  const account = await host.calls.getAccount();
  return JSON.parse(account.gateway ?? '') as { pid: number; key: string };
}

const alive = (pid: number): boolean => {
  try { return process.kill(pid, 0); } catch { return false; }
};

describe('the engine’s host', () => {
  it('relays calls made before the engine runs, bytes and events', async () => {
    const { host, keys } = start();
    expect(await told(host)).toMatchObject({ key: '07'.repeat(32), source: 'keychain' });
    expect((await host.calls.getThumbnail({ id: crypto.randomUUID() })).bytes).toEqual(new Uint8Array([1, 2, 3]));
    const event = await new Promise((resolve) => { host.onEvent((name, payload) => resolve([name, payload])); });
    expect(event).toMatchObject(['settings', { language: 'en', theme: 'dark', concurrency: 3 }]);
    // Handed over, and not kept here.
    expect(keys[0]).toEqual(new Uint8Array(32));
  });

  it('starts it again when it is killed; what was under way fails, what comes after waits for it', async () => {
    const { host, states } = start();
    const { pid } = await told(host);
    const underWay = Promise.resolve(host.calls.sync({})).then(() => undefined, (error: unknown) => error);
    process.kill(pid, 'SIGKILL');
    expect(await underWay).toMatchObject({ code: 'engine-stopped' });
    const again = await told(host);
    expect(again.pid).not.toBe(pid);
    expect(states).toEqual(['running', 'starting', 'running']);
  });

  it('says why where the data folder cannot be opened, and goes on trying', async () => {
    const { host, states, keys } = start('/in-use');
    await expect(Promise.resolve(host.calls.getAccount())).rejects.toMatchObject({ code: 'engine-stopped' });
    expect(states).toEqual(['failed']);
    expect(host.failure).toBe('data-folder-in-use');
    expect(keys.length).toBe(3);
  });

  it('is gone when it has been stopped, and is not started again', async () => {
    const { host, states } = start();
    const { pid } = await told(host);
    await host.stop();
    expect(alive(pid)).toBe(false);
    expect(states).toEqual(['running']);
    await expect(Promise.resolve(host.calls.getAccount())).rejects.toMatchObject({ code: 'engine-stopped' });
  });

  it('waits longer after each death in a row, never more than ten seconds', () => {
    expect([1, 2, 3, 4, 5, 6, 50].map(restartDelayMs)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('leaves no engine behind when main itself is killed', async () => {
    const parent = fork(testing('short-lived-parent.ts'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [pid] = await once(parent, 'message') as [number];
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => alive(pid), { timeout: 5000 }).toBe(false);
  });
});
