/**
 * @file The network of this computer: which way requests go, who asks for a sign-in, what it costs, and how fast photos may go.
 * Made before the engine, whose requests it guides, and told of the engine's settings when that begins.
 */
import { networkInterfaces } from 'node:os';
import type { NetworkState } from '../../shared/domain/network.ts';
import type { Settings } from '../../shared/domain/settings.ts';
import type { Clock } from '../clock.ts';
import type { RunCommand } from '../diagnostics/probes/run-command.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { Bandwidth } from '../resilience/bandwidth.ts';
import type { SettingsStore } from '../settings/settings.ts';
import { directRoutes, proxyName, type Proxy, type Route, type Routes } from '../transport/routes.ts';
import { createTrust, type Trust } from '../transport/trust.ts';
import type { Environment } from './environment-proxy.ts';
import { askMetered } from './metered.ts';
import type { Metered } from './metered-parsers.ts';
import { ProxySignIn } from './proxy-sign-in.ts';
import { RouteFinder } from './route-finder.ts';
import { readSystemCertificates } from './system-certificates.ts';
import { limitAt, localMoment } from './timetable.ts';

/** The system is asked again after so long, since it does not tell when a person changes it. */
const askEveryMs = 5 * 60_000;
const minuteMs = 60_000;
/** Before one is set, the proxies in use are those on the way to an address that nobody has (RFC 2606). */
const anyGateway = 'https://gateway.invalid/';

export interface NetworkPorts {
  clock: Clock;
  platform: NodeJS.Platform;
  environment: Environment;
  runCommand: RunCommand;
  /** The system's way to an address, in the words of PAC, where somebody can say it. */
  resolveSystem?: (url: string) => Promise<string>;
  /** What tells this network from another. */
  identity?: () => string;
}

/** What the network is told of the engine. */
export interface NetworkListener {
  settings: SettingsStore;
  keyValues: KeyValueStore;
  log: Logger;
  onChange(state: NetworkState): void;
  /** Sending is held, or no longer; see `hold`. */
  onHold(): void;
  /** What waited for the way to be open may be tried. */
  onOpen(): void;
  onMetered(metered: boolean): void;
}

/** The network in an engine's life. */
export interface NetworkInUse {
  state(): NetworkState;
  hold(): NetworkState['hold'];
  /** False while photos are held, or may have to be: the system has not said yet what the network costs. */
  mayBegin(): boolean;
  /** Looks by itself from now on. */
  start(): void;
  /** Resolves when what can be found out has been. */
  look(): Promise<void>;
  wake(reason: 'network-online' | 'network-offline' | 'resumed-from-sleep' | 'falling-asleep'): void;
  setProxySignIn(signIn: { user: string; password: string } | undefined): Promise<void>;
  sendDespiteMetered(): void;
  close(): void;
}

export interface Network {
  readonly routes: Routes;
  readonly bandwidth: Bandwidth;
  readonly trust: Trust;
  begin(listener: NetworkListener): NetworkInUse;
}

export function createNetwork(ports: NetworkPorts): Network {
  const bandwidth = new Bandwidth(ports.clock);
  let inUse: UsedNetwork | undefined;
  const routes = (): Routes => inUse?.routes ?? directRoutes;
  return {
    bandwidth,
    trust: createTrust({ clock: ports.clock, systemNow: () => readSystemCertificates(ports) }),
    routes: {
      find: (url) => routes().find(url),
      authorization: (proxy) => routes().authorization(proxy),
      asked: (...challenge) => routes().asked(...challenge),
      unreachable: (proxy) => routes().unreachable(proxy),
      passed: (...way) => routes().passed(...way),
    },
    begin: (listener) => (inUse = new UsedNetwork(ports, bandwidth, listener)),
  };
}

/** For an engine without a network of its own to look at. */
export const noNetwork: NetworkInUse = {
  state: () => ({ proxySignIn: false, proxyAsks: false, metered: 'unknown' }),
  hold: () => undefined,
  mayBegin: () => true,
  start: () => undefined,
  look: () => Promise.resolve(),
  wake: () => undefined,
  setProxySignIn: () => Promise.resolve(),
  sendDespiteMetered: () => undefined,
  close: () => undefined,
};

class UsedNetwork implements NetworkInUse {
  readonly routes: Routes;
  readonly #ports: NetworkPorts;
  readonly #bandwidth: Bandwidth;
  readonly #listener: NetworkListener;
  readonly #finder: RouteFinder;
  readonly #signIn: ProxySignIn;
  readonly #closed = new AbortController();
  #settings: Settings;
  #toGateway: NetworkState['proxy'];
  /** As the system says. */
  #metered: Metered = 'unknown';
  #asking: Promise<void> | undefined;
  #askedAt: number | undefined;
  #watching = false;
  /** The network on which photos are sent although it is metered. */
  #despiteOn: string | undefined;
  #identity: string;
  #told: NetworkState | undefined;
  #held: NetworkState['hold'];

  constructor(ports: NetworkPorts, bandwidth: Bandwidth, listener: NetworkListener) {
    this.#ports = ports;
    this.#bandwidth = bandwidth;
    this.#listener = listener;
    this.#settings = listener.settings.get();
    this.#identity = this.#readIdentity();
    this.#signIn = new ProxySignIn({ clock: ports.clock, store: listener.keyValues, onChange: () => this.#askingChanged() });
    this.#finder = new RouteFinder({
      clock: ports.clock, environment: ports.environment, settings: () => this.#settings, onSignIn: (proxy, signIn) => this.#signIn.given(proxy, signIn),
      ...(ports.resolveSystem ? { resolveSystem: ports.resolveSystem } : {}),
    });
    this.routes = {
      find: (url) => this.#finder.find(url),
      authorization: (proxy) => this.#signIn.authorization(proxy),
      asked: (...challenge) => this.#signIn.asked(...challenge),
      unreachable: (proxy) => this.#finder.unreachable(proxy),
      passed: (url, route, sent) => this.#passed(url, route, sent),
    };
    listener.settings.onChange((settings) => this.#settingsChanged(settings));
    // Nobody hears of what holds from the beginning: whoever began this has not got it yet.
    this.#held = this.hold();
    this.#apply();
  }

  state(): NetworkState {
    const { limit } = this.#bandwidth;
    const hold = this.hold();
    return {
      ...(this.#toGateway ? { proxy: this.#toGateway } : {}), proxySignIn: this.#signIn.isKept, proxyAsks: this.#signIn.isAsked,
      metered: this.#meteredNow(), ...(limit === undefined ? {} : { limitBytesPerSecond: limit }), ...(hold ? { hold } : {}),
    };
  }

  hold(): NetworkState['hold'] {
    const pauses = this.#settings.onMetered === 'pause' && this.#meteredNow() === 'yes';
    return pauses && this.#despiteOn !== this.#identity ? 'metered' : undefined;
  }

  mayBegin(): boolean {
    const notYetKnown = this.#watching && this.#askedAt === undefined && this.#mustAsk() && this.#settings.onMetered === 'pause';
    return !notYetKnown && this.hold() === undefined;
  }

  start(): void {
    if (this.#watching) return;
    this.#watching = true;
    void this.#watch();
  }

  async look(): Promise<void> {
    const { gateway } = this.#settings;
    const found = async (): Promise<void> => { if (gateway && !this.#toGateway) this.#noteGateway((await this.#finder.find(new URL(gateway)))[0]); };
    await Promise.all([found(), this.#askedAt === undefined ? this.#ask() : undefined]);
  }

  wake(reason: 'network-online' | 'network-offline' | 'resumed-from-sleep' | 'falling-asleep'): void {
    if (reason === 'network-offline' || reason === 'falling-asleep') return;
    this.#finder.forget();
    this.#lookAround();
    // What is being answered may be about the network before.
    if (this.#watching) void Promise.resolve(this.#asking).then(() => this.#ask());
  }

  async setProxySignIn(signIn: { user: string; password: string } | undefined): Promise<void> {
    if (signIn) {
      const { gateway } = this.#settings;
      // The gateway may be one of those that are reached without it, and the store not.
      const ways = (await Promise.all([gateway ?? anyGateway, anyGateway].map((address) => this.#finder.find(new URL(address))))).flat();
      this.#signIn.keep(signIn, ways.flatMap((way): Proxy[] => (way.name === 'proxy' ? [way.proxy] : [])));
    } else {
      this.#signIn.forget();
    }
    this.#tell();
    this.#listener.onOpen();
  }

  sendDespiteMetered(): void {
    this.#despiteOn = this.#identity;
    this.#apply();
  }

  close(): void {
    this.#closed.abort();
    this.#signIn.close();
    // Whoever still sends is being stopped, and is not to wait for a turn.
    this.#bandwidth.setLimit(undefined);
  }

  async #watch(): Promise<void> {
    const { clock } = this.#ports;
    while (!this.#closed.signal.aborted) {
      this.#lookAround();
      if (this.#askedAt === undefined || clock.monotonic() - this.#askedAt >= askEveryMs) await this.#ask();
      this.#apply();
      // The timetable speaks of minutes.
      await clock.sleep(minuteMs - (clock.now() % minuteMs), this.#closed.signal);
    }
  }

  #mustAsk(): boolean {
    return this.#settings.meteredNetwork === 'auto';
  }

  #meteredNow(): Metered {
    const { meteredNetwork } = this.#settings;
    return meteredNetwork === 'auto' ? this.#metered : meteredNetwork;
  }

  #ask(): Promise<void> {
    if (!this.#mustAsk()) return Promise.resolve();
    const asked = async (): Promise<void> => {
      const before = this.mayBegin();
      this.#metered = await askMetered(this.#ports.platform, this.#ports.runCommand);
      this.#askedAt = this.#ports.clock.monotonic();
      this.#apply();
      if (before !== this.mayBegin() && !this.#closed.signal.aborted) this.#listener.onHold();
    };
    return this.#asking ??= asked().finally(() => { this.#asking = undefined; });
  }

  /** Whether this is another network than before. */
  #lookAround(): void {
    const identity = this.#readIdentity();
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#despiteOn = undefined;
    this.#finder.forget();
    this.#signIn.forgetAsking();
    this.#apply();
  }

  #readIdentity(): string {
    return (this.#ports.identity ?? interfacesInUse)();
  }

  #settingsChanged(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    const otherWay = settings.proxy !== before.proxy || settings.proxyBypass.join() !== before.proxyBypass.join();
    if (otherWay) {
      this.#finder.forgetAll();
      this.#signIn.forgetAsking();
    }
    if (otherWay || settings.gateway !== before.gateway) this.#toGateway = undefined;
    if (this.#watching && this.#askedAt === undefined) void this.#ask();
    this.#apply();
    if (otherWay) this.#listener.onOpen();
  }

  /** Puts in force what the settings and the network say now. */
  #apply(): void {
    if (this.#closed.signal.aborted) return;
    const metered = this.#meteredNow() === 'yes';
    const limits = [limitAt(this.#settings, localMoment(this.#ports.clock.now())), ...(metered && this.#settings.onMetered === 'limit' ? [this.#settings.meteredLimit * 1_000] : [])]
      .filter((limit) => limit !== undefined);
    this.#bandwidth.setLimit(limits.length > 0 ? Math.min(...limits) : undefined);
    this.#listener.onMetered(metered);
    const held = this.hold();
    if (held !== this.#held) {
      this.#held = held;
      this.#listener.log.info('network.hold', { held: held !== undefined });
      this.#listener.onHold();
    }
    this.#tell();
  }

  #askingChanged(): void {
    this.#listener.log.info('network.proxy-asks', { asks: this.#signIn.isAsked });
    this.#tell();
    if (!this.#signIn.isAsked) this.#listener.onOpen();
  }

  #passed(url: URL, route: Route, sent: string | undefined): void {
    if (route.name === 'proxy') {
      this.#finder.reached(route.proxy);
      this.#signIn.passed(route.proxy, sent);
    }
    const { gateway } = this.#settings;
    if (gateway !== undefined && new URL(gateway).origin === url.origin) this.#noteGateway(route);
  }

  #noteGateway(route: Route | undefined): void {
    this.#toGateway = route?.name === 'proxy' ? { name: 'proxy', address: proxyName(route.proxy) } : route && { name: 'direct' };
    this.#tell();
  }

  #tell(): void {
    if (this.#closed.signal.aborted) return;
    const state = this.state();
    if (JSON.stringify(state) === JSON.stringify(this.#told)) return;
    const first = this.#told === undefined;
    this.#told = state;
    if (!first) this.#listener.onChange(state);
  }
}

/** Addresses of version 4 only: those of version 6 change by themselves on one and the same network. */
function interfacesInUse(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses]) => (addresses ?? []).filter((one) => !one.internal && one.family === 'IPv4').map((one) => `${name} ${one.cidr}`))
    .sort().join('\n');
}
