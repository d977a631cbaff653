import { describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../../shared/domain/settings.ts';
import { VirtualTime } from '../virtual-time.ts';
import type { Route } from '../transport/routes.ts';
import { RouteFinder } from './route-finder.ts';

const direct: Route = { name: 'direct' };
const through = (host: string, port = 3128): Route => ({ name: 'proxy', proxy: { host, port, secure: false } });
const clinic = new URL('https://api.clinic.test/media/photo?signature=secret');

interface Setup {
  time: VirtualTime;
  finder: RouteFinder;
  asked: string[];
  settings: Settings;
  /** What the system says; undefined: nothing, for ever. */
  system: { says: string | Error | undefined };
}

function setUp(given: Partial<Settings> = {}, options: { system?: string | Error | undefined | 'nobody'; environment?: Record<string, string> } = { system: 'DIRECT' }): Setup {
  const time = new VirtualTime(0);
  const asked: string[] = [];
  const system = { says: options.system };
  const settings = { ...defaultSettings, ...given };
  const finder = new RouteFinder({
    clock: time, settings: () => settings, environment: options.environment ?? {}, onSignIn: () => undefined,
    ...(options.system === 'nobody' ? {} : {
      resolveSystem: (url: string) => {
        asked.push(url);
        if (system.says === undefined) return new Promise<string>(() => undefined);
        return system.says instanceof Error ? Promise.reject(system.says) : Promise.resolve(system.says);
      },
    }),
  });
  return { time, finder, asked, settings, system };
}

/** Runs the clock until it is found. */
async function find({ time, finder }: Setup, url = clinic): Promise<readonly Route[]> {
  let found: readonly Route[] | undefined;
  void finder.find(url).then((routes) => { found = routes; });
  await time.run(time.monotonic() + 10_000, () => found !== undefined);
  return found!;
}

describe('a proxy that was set', () => {
  it('is for every host but those that are excepted, and this computer', async () => {
    const setup = setUp({ proxy: 'http://proxy.clinic.test:3128', proxyBypass: ['*.intranet.test', '10.0.0.0/8'] });
    expect(await find(setup)).toEqual([through('proxy.clinic.test')]);
    for (const url of ['https://a.intranet.test/', 'http://10.1.1.1/', 'http://127.0.0.1:8080/', 'http://localhost/', 'https://[::1]/']) expect(await find(setup, new URL(url)), url).toEqual([direct]);
    expect(setup.asked).toEqual([]);
  });

  it('is for this computer only where that is asked for by name', async () => {
    const setup = setUp({ proxy: 'http://proxy:3128', proxyBypass: ['<-loopback>'] });
    expect(await find(setup, new URL('http://127.0.0.1:8080/'))).toEqual([through('proxy')]);
  });

  it('none is none, whatever the system has', async () => {
    const setup = setUp({ proxy: 'none' }, { system: 'PROXY a:1' });
    expect(await find(setup)).toEqual([direct]);
    expect(setup.asked).toEqual([]);
  });
});

describe('the system’s way', () => {
  it('is asked for by the origin alone, once for a while, and again on another network', async () => {
    const setup = setUp({}, { system: 'PROXY a:3128; DIRECT' });
    expect(await find(setup)).toEqual([through('a'), direct]);
    await find(setup, new URL('https://api.clinic.test/other'));
    expect(setup.asked).toEqual(['https://api.clinic.test/']);
    setup.system.says = 'PROXY b:3128';
    setup.finder.forget();
    expect(await find(setup)).toEqual([through('b')]);
    await setup.time.run(setup.time.monotonic() + 61_000);
    setup.system.says = 'DIRECT';
    expect(await find(setup)).toEqual([direct]);
  });

  it('is never asked for of this computer', async () => {
    const setup = setUp({}, { system: 'PROXY a:3128' });
    expect(await find(setup, new URL('http://localhost:4100/'))).toEqual([direct]);
    expect(setup.asked).toEqual([]);
  });

  it('is the last known, else straight, where nobody answers within two seconds or what comes is not understood', async () => {
    const setup = setUp({}, { system: undefined });
    expect(await find(setup)).toEqual([direct]);
    expect(setup.time.monotonic()).toBe(2_000);
    // Not every request waits again.
    expect(await find(setup)).toEqual([direct]);
    expect(setup.time.monotonic()).toBe(2_000);
    setup.system.says = 'PROXY a:3128';
    await setup.time.run(20_000);
    expect(await find(setup)).toEqual([through('a')]);
    for (const says of [new Error('engine-stopped'), 'nonsense', '']) {
      setup.system.says = says;
      setup.finder.forget();
      expect(await find(setup)).toEqual([through('a')]);
    }
    setup.finder.forgetAll();
    expect(await find(setup)).toEqual([direct]);
  });

  it('that comes late counts from then on', async () => {
    const time = new VirtualTime(0);
    const finder = new RouteFinder({
      clock: time, settings: () => defaultSettings, environment: {}, onSignIn: () => undefined,
      resolveSystem: async () => { await time.sleep(3_000); return 'PROXY a:3128'; },
    });
    const setup = { time, finder, asked: [], settings: defaultSettings, system: { says: undefined } };
    expect(await find(setup)).toEqual([direct]);
    await time.run(3_100);
    expect(await find(setup)).toEqual([through('a')]);
    expect(time.monotonic()).toBeLessThan(3_200);
  });

  it('that leads only where we cannot go is none at all', async () => {
    expect(await find(setUp({}, { system: 'SOCKS5 s:1080' }))).toEqual([]);
    expect(await find(setUp({}, { system: 'SOCKS5 s:1080; DIRECT' }))).toEqual([direct]);
  });

  it('is the environment’s where there is nobody to ask', async () => {
    expect(await find(setUp({}, { system: 'nobody', environment: { HTTPS_PROXY: 'http://p:8080' } }))).toEqual([through('p', 8080)]);
    expect(await find(setUp({}, { system: 'nobody', environment: { ALL_PROXY: 'socks5://p' } }))).toEqual([]);
    expect(await find(setUp({}, { system: 'nobody' }))).toEqual([direct]);
  });
});

describe('a proxy to which no connection came about', () => {
  it('is not the one with TLS, or without, by the same name and port', async () => {
    const setup = setUp({}, { system: 'HTTPS a:3128; PROXY a:3128' });
    const secure: Route = { name: 'proxy', proxy: { host: 'a', port: 3128, secure: true } };
    setup.finder.unreachable({ host: 'a', port: 3128, secure: true });
    expect(await find(setup)).toEqual([through('a'), secure]);
    setup.finder.reached({ host: 'a', port: 3128, secure: false });
    expect(await find(setup)).toEqual([through('a'), secure]);
  });

  it('is tried last for a while, but tried; on another network it is as good as any', async () => {
    const setup = setUp({}, { system: 'PROXY a:3128; PROXY b:3128; DIRECT' });
    await find(setup);
    setup.finder.unreachable({ host: 'a', port: 3128, secure: false });
    expect(await find(setup)).toEqual([through('b'), direct, through('a')]);
    setup.finder.reached({ host: 'a', port: 3128, secure: false });
    expect(await find(setup)).toEqual([through('a'), through('b'), direct]);
    setup.finder.unreachable({ host: 'a', port: 3128, secure: false });
    await setup.time.run(setup.time.monotonic() + 61_000);
    expect((await find(setup))[0]).toEqual(through('a'));
  });
});
