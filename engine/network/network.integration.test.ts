import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import type { NetworkState } from '../../shared/domain/network.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { startProxyServer, type ProxyServer } from '../../test-support/proxy-server.ts';
import type { Engine } from '../engine-types.ts';
import type { Logger } from '../logging/logger.ts';
import { openEngine } from '../open-engine.ts';
import type { NetworkPorts } from './network.ts';

const patience = 120_000;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>['sandbox'];
let dispose: () => Promise<void>;
let gatewayPort: number;
beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox());
  gatewayPort = Number(new URL(sandbox.ready.gateway).port);
}, patience);
afterAll(() => dispose?.(), patience);

let dir: string;
let photos = 0;
const closers: (() => unknown)[] = [];
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'relevo-network-')); });
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await rm(dir, { recursive: true, force: true });
}, patience);

/** Names that end in `.test` are known to the proxy alone, so that nothing can go past it. */
async function proxyServer(): Promise<ProxyServer> {
  const made = await startProxyServer({ resolve: (host, port) => (host.endsWith('.test') ? { host: '127.0.0.1', port: gatewayPort } : { host, port }) });
  closers.push(() => made.close());
  return made;
}

interface Opened {
  engine: Engine;
  states: NetworkState[];
  lines: string[];
  add(count: number, kilobytes?: number): Promise<number>;
  signIn(): Promise<unknown>;
  counts(): Promise<Record<string, number>>;
}

async function open(settings: Partial<Settings>, network: Partial<NetworkPorts> = {}, sending = false): Promise<Opened> {
  const states: NetworkState[] = [];
  const lines: string[] = [];
  const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, (event: string, fields?: object) => { lines.push(JSON.stringify({ level, event, ...fields })); }])) as unknown as Logger;
  const { ready } = sandbox;
  const engine = await openEngine({
    dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(3), source: 'environment' }, kind: 'app', sending, log,
    defaults: { gateway: `http://gateway.clinic.test:${gatewayPort}`, ...settings }, network: { environment: {}, runCommand: async () => ({ name: 'missing' }), ...network },
  });
  engine.subscribe((event, payload) => { if (event === 'network') states.push(payload as NetworkState); });
  closers.push(() => engine.close());
  return {
    engine, states, lines,
    signIn: async () => engine.calls.signIn({ email: ready.email, password: ready.password }),
    async add(count, kilobytes) {
      const paths: string[] = [];
      let bytes = 0;
      for (let index = 0; index < count; index += 1) {
        photos += 1;
        const photo = await makePhoto({ seed: `network ${photos}`, ...(kilobytes ? { sizeBytes: kilobytes * 1_000 } : {}) });
        paths.push(join(dir, `${photos}.jpg`));
        await writeFile(paths.at(-1)!, photo);
        bytes += photo.length;
      }
      const { outcomes } = await engine.calls.addFiles({ batchId: `b${photos}`, patientId: ready.patients[0]!.id, paths });
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(paths.map(() => 'queued'));
      return bytes;
    },
    counts: async () => (await engine.calls.getStatus()).counts,
  };
}

describe('through a proxy', () => {
  const nurse = { user: 'nurse', password: 'pr0xy-s3cret' };

  test('everything goes, sign-in and photos, and nothing goes past it', async () => {
    const proxy = await proxyServer();
    const { engine, add, signIn, states } = await open({ proxy: proxy.address, proxyBypass: ['<-loopback>'] });
    await signIn();
    const bytes = await add(4, 300);
    expect(await engine.calls.sync({})).toMatchObject({ completed: 4, waiting: 0 });
    expect(proxy.bytesUp).toBeGreaterThanOrEqual(bytes);
    expect(proxy.asked.filter(({ line }) => line.startsWith('PUT http://127.')).length).toBeGreaterThanOrEqual(4);
    expect(await engine.calls.getNetwork()).toMatchObject({ proxy: { name: 'proxy', address: `127.0.0.1:${proxy.port}` }, proxySignIn: false, proxyAsks: false });
    expect(states.at(-1)?.proxy).toEqual({ name: 'proxy', address: `127.0.0.1:${proxy.port}` });
  }, patience);

  test('as the system says it, by whoever can ask the system; a dead one first costs nothing', async () => {
    const proxy = await proxyServer();
    const gone = await proxyServer();
    await gone.close();
    const asked: string[] = [];
    const { engine, add, signIn } = await open({}, { resolveSystem: async (url) => { asked.push(url); return `PROXY 127.0.0.1:${gone.port}; PROXY 127.0.0.1:${proxy.port}`; } });
    await signIn();
    await add(1);
    expect(await engine.calls.sync({})).toMatchObject({ completed: 1 });
    expect(new Set(asked)).toEqual(new Set([`http://gateway.clinic.test:${gatewayPort}/`]));
    expect(proxy.asked.length).toBeGreaterThan(0);
  }, patience);

  test('one that asks who we are is told, and what waited for that is sent at once; nobody else learns of it', async () => {
    const proxy = await proxyServer();
    const { engine, add, signIn, states, lines, counts } = await open({ proxy: proxy.address, proxyBypass: ['<-loopback>'] });
    await signIn();
    await add(3);
    proxy.conduct = { name: 'asks', signIns: [nurse] };
    proxy.cut();
    const going = engine.calls.sync({});
    await expect.poll(async () => (await engine.calls.getQueuePage({ filter: 'all', limit: 10 })).items.map(({ state }) => 'failure' in state && state.failure?.code), { timeout: 30_000 }).toContain('proxy-auth-required');
    expect(await engine.calls.getNetwork()).toMatchObject({ proxyAsks: true, proxySignIn: false });

    const before = proxy.asked.length;
    const shown = (): number => proxy.asked.slice(before).filter(({ authorization }) => authorization !== undefined).length;
    await engine.calls.setProxySignIn({ signIn: { ...nurse, password: 'wr0ng' } });
    await expect.poll(shown, { timeout: 30_000 }).toBe(1);
    const then = proxy.asked.length;
    await expect.poll(() => proxy.asked.length, { timeout: 30_000 }).toBeGreaterThan(then + 2);
    expect(shown()).toBe(1);
    expect((await engine.calls.getNetwork()).proxyAsks).toBe(true);

    expect(await engine.calls.setProxySignIn({ signIn: nurse })).toMatchObject({ proxySignIn: true });
    expect(await going).toMatchObject({ completed: 3, waiting: 0 });
    expect(await counts()).toMatchObject({ completed: 3 });
    expect(states.at(-1)).toMatchObject({ proxyAsks: false });

    await engine.close();
    closers.pop();
    const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const kept = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')));
    for (const secret of [nurse.password, 'wr0ng', Buffer.from(`${nurse.user}:${nurse.password}`).toString('base64')]) expect([...kept, ...lines, JSON.stringify(states)].join('\n')).not.toContain(secret);
    const again = await open({ proxy: proxy.address, proxyBypass: ['<-loopback>'] });
    await again.add(1);
    expect(await again.engine.calls.sync({})).toMatchObject({ completed: 1 });
  }, patience);

  test('one that dies within a photo costs time, and not the photo', async () => {
    const proxy = await proxyServer();
    const { engine, add, signIn, counts } = await open({ proxy: proxy.address, proxyBypass: ['<-loopback>'], bandwidthLimit: 150 }, {}, true);
    await signIn();
    const before = proxy.bytesUp;
    await add(1, 800);
    await expect.poll(() => proxy.bytesUp - before, { timeout: 30_000 }).toBeGreaterThan(100_000);
    proxy.conduct = { name: 'breaks-off' };
    proxy.cut();
    await expect.poll(async () => (await engine.calls.getStatus()).counts.uploading, { timeout: 30_000 }).toBe(0);
    proxy.conduct = { name: 'open' };
    await engine.calls.changeSettings({ bandwidthLimit: 0 });
    await expect.poll(async () => (await counts()).completed, { timeout: 60_000 }).toBe(1);
  }, patience);
});

describe('a metered network', () => {
  test('holds photos, and sync ends with what waits; somebody’s word lets them go', async () => {
    const { engine, add, signIn, states } = await open({ gateway: sandbox.ready.gateway, onMetered: 'pause' }, { platform: 'linux', identity: () => 'phone', runCommand: async () => ({ name: 'done', code: 0, stdout: 'u 1\n', stderr: '' }) });
    await signIn();
    await add(2);
    expect(await engine.calls.sync({})).toMatchObject({ completed: 0, waiting: 2 });
    expect((await engine.calls.getStatus()).transfer).toMatchObject({ hold: 'metered', paused: false });
    expect(states.at(-1)).toMatchObject({ metered: 'yes', hold: 'metered' });
    expect(await engine.calls.sendDespiteMetered()).not.toHaveProperty('hold');
    expect(await engine.calls.sync({})).toMatchObject({ completed: 2, waiting: 0 });
  }, patience);

  test('that comes in the middle of a photo ends its attempt at once, and the photo goes on later', async () => {
    const { engine, add, signIn, counts } = await open({ gateway: sandbox.ready.gateway, onMetered: 'pause', meteredNetwork: 'no', bandwidthLimit: 100 });
    await signIn();
    await add(1, 600);
    const sent = engine.calls.sync({});
    await expect.poll(async () => (await engine.calls.getQueuePage({ filter: 'all', limit: 1 })).items[0]?.sentBytes, { timeout: 30_000 }).toBeGreaterThan(30_000);
    await engine.calls.changeSettings({ meteredNetwork: 'yes' });
    expect(await sent).toMatchObject({ completed: 0, waiting: 1 });
    expect(await counts()).toMatchObject({ queued: 1 });
    await engine.calls.changeSettings({ meteredNetwork: 'no', bandwidthLimit: 0 });
    expect(await engine.calls.sync({})).toMatchObject({ completed: 1 });
  }, patience);
});

test('a limit is kept for photos, holds no call up, and is lifted at once', async () => {
  const { engine, add, signIn, states } = await open({ gateway: sandbox.ready.gateway, bandwidthLimit: 20 });
  await signIn();
  await add(1, 2_000);
  const began = performance.now();
  const sent = engine.calls.sync({});
  const first = async (): Promise<number> => (await engine.calls.getQueuePage({ filter: 'all', limit: 1 })).items[0]?.sentBytes ?? 0;
  await expect.poll(first, { timeout: 30_000 }).toBeGreaterThan(30_000);
  // Never faster than the limit, however slow the computer is.
  expect((await first() - 5_000) / ((performance.now() - began) / 1_000)).toBeLessThanOrEqual(20_000);
  expect(await engine.calls.getNetwork()).toMatchObject({ limitBytesPerSecond: 20_000 });
  await engine.calls.searchPatients({ text: '', limit: 10, refresh: true });
  await engine.calls.changeSettings({ bandwidthLimit: 0 });
  expect(await sent).toMatchObject({ completed: 1 });
  expect(states.at(-1)).not.toHaveProperty('limitBytesPerSecond');
}, patience);
