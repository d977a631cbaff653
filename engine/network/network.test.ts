import { afterEach, describe, expect, it } from 'vitest';
import type { NetworkState } from '../../shared/domain/network.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import { VirtualTime } from '../virtual-time.ts';
import { silentLogger } from '../logging/logger.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteKeyValueStore } from '../queue/sqlite-key-value-store.ts';
import { createSettingsStore } from '../settings/settings.ts';
import type { Metered } from './metered-parsers.ts';
import { createNetwork } from './network.ts';

const words: Record<Metered, string> = { yes: 'u 1\n', no: 'u 2\n', unknown: 'u 0\n' };
const closers: (() => void)[] = [];
afterEach(() => { for (const close of closers.splice(0)) close(); });

/** A Monday, at nine by the clock of whoever is in UTC. */
const monday = Date.UTC(2026, 10, 23, 9, 0);

function setUp(given: Partial<Settings> = {}, world: { says: Metered; network: string } = { says: 'no', network: 'wifi' }) {
  const time = new VirtualTime(monday);
  const keyValues = createSqliteKeyValueStore(openDatabase({ file: ':memory:' }));
  const settings = createSettingsStore({ store: keyValues, log: silentLogger, defaults: given });
  const events: NetworkState[] = [];
  const told = { holds: [] as boolean[], opened: 0, metered: [] as boolean[], asked: 0 };
  const network = createNetwork({
    clock: time, platform: 'linux', environment: {}, identity: () => world.network,
    runCommand: async (file) => {
      if (file !== 'busctl') return { name: 'missing' };
      told.asked += 1;
      return { name: 'done', code: 0, stdout: words[world.says], stderr: '' };
    },
  });
  const inUse = network.begin({
    settings, keyValues, log: silentLogger, onChange: (state) => events.push(state), onHold: () => told.holds.push(inUseOrFalse()),
    onOpen: () => { told.opened += 1; }, onMetered: (metered) => { if (told.metered.at(-1) !== metered) told.metered.push(metered); },
  });
  let begun = false;
  const inUseOrFalse = (): boolean => begun && inUse.mayBegin();
  begun = true;
  closers.push(() => inUse.close());
  const minutes = (count: number): Promise<void> => time.run(time.monotonic() + count * 60_000);
  return { time, settings, network, inUse, events, told, world, minutes };
}

describe('a metered network', () => {
  it('holds photos where that is wanted, until it is left or somebody says otherwise', async () => {
    const { inUse, events, told, world, minutes } = setUp({ onMetered: 'pause' }, { says: 'yes', network: 'phone' });
    inUse.start();
    // What it costs is not known yet.
    expect(inUse.mayBegin()).toBe(false);
    await minutes(0.1);
    expect(inUse.state()).toMatchObject({ metered: 'yes', hold: 'metered' });
    expect(events.at(-1)).toMatchObject({ hold: 'metered' });
    expect(told.metered).toEqual([false, true]);
    inUse.sendDespiteMetered();
    expect([inUse.mayBegin(), inUse.hold()]).toEqual([true, undefined]);
    // The same network comes back: the word still holds.
    inUse.wake('network-online');
    await minutes(1);
    expect(inUse.hold()).toBeUndefined();
    Object.assign(world, { network: 'another phone' });
    inUse.wake('network-online');
    await minutes(0.1);
    expect(inUse.hold()).toBe('metered');
    // Back on the first one it was another time.
    Object.assign(world, { network: 'phone' });
    inUse.wake('network-online');
    expect(inUse.hold()).toBe('metered');
    Object.assign(world, { network: 'wifi', says: 'no' });
    inUse.wake('network-online');
    await minutes(0.1);
    expect([inUse.hold(), inUse.mayBegin()]).toEqual([undefined, true]);
    expect(told.holds.at(-1)).toBe(true);
  });

  it('is noticed without anybody’s hint, within some minutes', async () => {
    const { inUse, world, minutes } = setUp({ onMetered: 'pause' });
    inUse.start();
    await minutes(1);
    expect(inUse.mayBegin()).toBe(true);
    Object.assign(world, { says: 'yes' });
    await minutes(6);
    expect(inUse.hold()).toBe('metered');
  });

  it('a person knows better than the system, and then it is not asked', async () => {
    const { inUse, settings, told, minutes } = setUp({ onMetered: 'pause', meteredNetwork: 'no' }, { says: 'yes', network: 'phone' });
    inUse.start();
    expect(inUse.mayBegin()).toBe(true);
    await minutes(10);
    expect([inUse.state().metered, told.asked]).toEqual(['no', 0]);
    settings.change({ meteredNetwork: 'yes' });
    expect(inUse.state()).toMatchObject({ metered: 'yes', hold: 'metered' });
    settings.change({ onMetered: 'send' });
    expect(inUse.hold()).toBeUndefined();
    settings.change({ meteredNetwork: 'auto', onMetered: 'pause' });
    await minutes(1);
    expect(inUse.hold()).toBe('metered');
  });

  it('that is so from the beginning is told to whoever asks, and to nobody before', () => {
    const { inUse, told, events } = setUp({ onMetered: 'pause', meteredNetwork: 'yes' });
    expect([inUse.hold(), inUse.mayBegin(), told.holds, events]).toEqual(['metered', false, [], []]);
  });

  it('does not hold what nobody knows', async () => {
    const { inUse, minutes } = setUp({ onMetered: 'pause' }, { says: 'unknown', network: 'wifi' });
    inUse.start();
    await minutes(1);
    expect([inUse.state().metered, inUse.mayBegin()]).toEqual(['unknown', true]);
  });

  it('may have a limit of its own; the lower of two holds', () => {
    const { inUse, network, settings } = setUp({ onMetered: 'limit', meteredLimit: 50, meteredNetwork: 'yes', bandwidthLimit: 200 });
    expect([inUse.state().limitBytesPerSecond, inUse.hold(), network.bandwidth.limit]).toEqual([50_000, undefined, 50_000]);
    settings.change({ bandwidthLimit: 20 });
    expect(inUse.state().limitBytesPerSecond).toBe(20_000);
    settings.change({ bandwidthLimit: 0, meteredNetwork: 'no' });
    expect([inUse.state().limitBytesPerSecond, network.bandwidth.limit]).toEqual([undefined, undefined]);
  });
});

describe('the timetable', () => {
  it('comes into force by itself, at its minute', async () => {
    const zone = process.env.TZ;
    process.env.TZ = 'UTC';
    try {
      const { inUse, events, minutes } = setUp({ bandwidthTimetable: [{ days: [1], from: '09:02', to: '09:04', kilobytesPerSecond: 10 }] });
      inUse.start();
      await minutes(1.9);
      expect(inUse.state().limitBytesPerSecond).toBeUndefined();
      await minutes(0.2);
      expect(inUse.state().limitBytesPerSecond).toBe(10_000);
      await minutes(2);
      expect(inUse.state().limitBytesPerSecond).toBeUndefined();
      expect(events.map(({ limitBytesPerSecond }) => limitBytesPerSecond).filter((limit, index, all) => limit !== all[index - 1]).slice(-2)).toEqual([10_000, undefined]);
    } finally {
      if (zone === undefined) delete process.env.TZ; else process.env.TZ = zone;
    }
  });
});

describe('the way to the gateway', () => {
  const gateway = 'https://api.clinic.test/';

  it('is told, and told anew when the settings change, without a sign-in in it', async () => {
    const { inUse, settings, events, told } = setUp({ gateway, proxy: 'http://proxy.clinic.test:3128' });
    await inUse.look();
    expect(inUse.state().proxy).toEqual({ name: 'proxy', address: 'proxy.clinic.test:3128' });
    await inUse.setProxySignIn({ user: 'núria', password: 'secreto' });
    expect(inUse.state().proxySignIn).toBe(true);
    settings.change({ proxy: 'none' });
    await inUse.look();
    expect(inUse.state().proxy).toEqual({ name: 'direct' });
    expect(told.opened).toBe(2);
    expect(JSON.stringify(events)).not.toMatch(/secreto|núria/);
  });

  it('a sign-in is for the proxies along it, also before there is a gateway; where there is none it is refused', async () => {
    const early = setUp({ proxy: 'https://proxy.clinic.test:3128' });
    await early.inUse.setProxySignIn({ user: 'núria', password: 'secreto' });
    const proxy = { host: 'proxy.clinic.test', port: 3128, secure: true };
    expect(await early.network.routes.asked(proxy, ['Basic realm="x"'], undefined)).toHaveProperty('authorization');

    const besides = setUp({ gateway, proxy: 'https://proxy.clinic.test:3128', proxyBypass: [new URL(gateway).hostname] });
    await besides.inUse.setProxySignIn({ user: 'núria', password: 'secreto' });
    expect(await besides.network.routes.asked(proxy, ['Basic realm="x"'], undefined)).toHaveProperty('authorization');

    const { inUse, network } = setUp({ gateway });
    await expect(inUse.setProxySignIn({ user: 'núria', password: 'secreto' })).rejects.toMatchObject({ code: 'no-proxy' });
    expect(inUse.state().proxySignIn).toBe(false);
    expect(await network.routes.asked(proxy, ['Basic realm="x"'], undefined)).toEqual({ detail: 'proxy-auth:basic' });
    expect(inUse.state()).toMatchObject({ proxyAsks: true, proxySignIn: false });
  });

  it('is the one along which an answer came last', async () => {
    const { inUse, network } = setUp({ gateway, proxy: 'http://proxy.clinic.test:3128' });
    network.routes.passed(new URL('https://spaces.test/'), { name: 'direct' });
    expect(inUse.state().proxy).toBeUndefined();
    network.routes.passed(new URL('https://api.clinic.test/media/x'), { name: 'proxy', proxy: { host: 'b', port: 1, secure: false } });
    expect(inUse.state().proxy).toEqual({ name: 'proxy', address: 'b:1' });
  });

  it('what a proxy wants is told until it lets us through, which wakes whoever waits', async () => {
    const { inUse, network, events, told } = setUp({ gateway, proxy: 'http://proxy.clinic.test:3128' });
    const proxy = { host: 'proxy.clinic.test', port: 3128, secure: false };
    await network.routes.asked(proxy, ['Basic realm="x"'], undefined);
    expect(events.at(-1)?.proxyAsks).toBe(true);
    network.routes.passed(new URL(gateway), { name: 'proxy', proxy }, undefined);
    expect(inUse.state().proxyAsks).toBe(false);
    expect(told.opened).toBe(1);
  });
});
