import type { Settings } from '../../shared/domain/settings.ts';
import type { Clock } from '../clock.ts';
import { direct, proxyPlace, type Proxy, type Route } from '../transport/routes.ts';
import { isBypassed, isOwn, proxyLoopbackToo } from './bypass.ts';
import { environmentProxy, type Environment } from './environment-proxy.ts';
import { parsePacAnswer, parseProxyAddress, type ProxyAddress } from './proxy-words.ts';

/** What the system said holds this long; it changes seldom, and tells nobody when it does. */
const knownForMs = 60_000;
/** After no answer the next one is not waited for again so soon. */
const unansweredForMs = 10_000;
const answerLimitMs = 2_000;
/** A proxy to which no connection came about is asked last for this long. */
const deadForMs = 60_000;
const mostOrigins = 200;

export interface RouteFinderOptions {
  clock: Clock;
  settings: () => Pick<Settings, 'proxy' | 'proxyBypass'>;
  environment: Environment;
  /** The system's own way to an address, in the words of PAC. Absent: nobody can say, so the environment's variables count. */
  resolveSystem?: (url: string) => Promise<string>;
  /** An address held a sign-in, as those in the environment may. */
  onSignIn: (proxy: Proxy, signIn: { user: string; password: string }) => void;
}

interface Known {
  routes: Promise<readonly Route[]>;
  until: number;
}

/** Says which way requests go, as the settings, the system and what has been met on the way have it. */
export class RouteFinder {
  readonly #options: RouteFinderOptions;
  readonly #known = new Map<string, Known>();
  /** For when the system does not answer. */
  readonly #last = new Map<string, readonly Route[]>();
  readonly #deadUntil = new Map<string, number>();

  constructor(options: RouteFinderOptions) {
    this.#options = options;
  }

  /** In the order in which they are to be tried. Never rejects. */
  async find(url: URL): Promise<readonly Route[]> {
    const { proxy, proxyBypass } = this.#options.settings();
    const named = proxy !== 'system' && proxy !== 'none';
    if (isOwn(url) && !(named && proxyBypass.includes(proxyLoopbackToo))) return [direct];
    if (proxy === 'none') return [direct];
    const routes = named ? this.#byAddress(proxy, proxyBypass, url) : await this.#bySystem(url);
    return this.#livingFirst(routes);
  }

  unreachable(proxy: Proxy): void {
    this.#deadUntil.set(proxyPlace(proxy), this.#options.clock.monotonic() + deadForMs);
  }

  reached(proxy: Proxy): void {
    this.#deadUntil.delete(proxyPlace(proxy));
  }

  /** Another network: what the system said of the one before is worth nothing, and a proxy that was dead there may live here. */
  forget(): void {
    this.#known.clear();
    this.#deadUntil.clear();
  }

  /** Other settings: nor is what was last known. */
  forgetAll(): void {
    this.forget();
    this.#last.clear();
  }

  #byAddress(address: string, bypass: readonly string[], url: URL): readonly Route[] {
    return isBypassed(bypass, url) ? [direct] : this.#through(parseProxyAddress(address));
  }

  #through(address: ProxyAddress | undefined): readonly Route[] {
    if (!address) return [];
    if (address.signIn) this.#options.onSignIn(address.proxy, address.signIn);
    return [{ name: 'proxy', proxy: address.proxy }];
  }

  #bySystem(url: URL): Promise<readonly Route[]> {
    const { clock } = this.#options;
    const known = this.#known.get(url.origin);
    if (known && known.until > clock.monotonic()) return known.routes;
    const asked: Known = { routes: Promise.resolve([]), until: clock.monotonic() + knownForMs };
    asked.routes = this.#ask(url, asked);
    this.#known.delete(url.origin);
    this.#known.set(url.origin, asked);
    this.#keepFew();
    return asked.routes;
  }

  async #ask(url: URL, asked: Known): Promise<readonly Route[]> {
    const { resolveSystem, environment, clock } = this.#options;
    if (!resolveSystem) {
      const found = environmentProxy(environment, url);
      return found.name === 'none' ? [direct] : this.#through(found.address);
    }
    const given = new AbortController();
    // The origin alone: an address may hold what a script has no business with.
    const answer = resolveSystem(`${url.origin}/`).then((text) => parsePacAnswer(text)?.routes, () => undefined);
    const inTime = await Promise.race([answer, clock.sleep(answerLimitMs, given.signal).then(() => undefined)]);
    given.abort();
    if (inTime) {
      this.#last.set(url.origin, inTime);
      return inTime;
    }
    asked.until = Math.min(asked.until, clock.monotonic() + unansweredForMs);
    // A script that takes its time to be fetched still counts, from when it has been.
    void answer.then((late) => {
      if (!late || this.#known.get(url.origin) !== asked) return;
      this.#last.set(url.origin, late);
      this.#known.set(url.origin, { routes: Promise.resolve(late), until: clock.monotonic() + knownForMs });
    });
    return this.#last.get(url.origin) ?? [direct];
  }

  #livingFirst(routes: readonly Route[]): readonly Route[] {
    if (this.#deadUntil.size === 0 || routes.length < 2) return routes;
    const now = this.#options.clock.monotonic();
    const dead = (route: Route): boolean => route.name === 'proxy' && (this.#deadUntil.get(proxyPlace(route.proxy)) ?? 0) > now;
    return [...routes.filter((route) => !dead(route)), ...routes.filter(dead)];
  }

  #keepFew(): void {
    for (const map of [this.#known, this.#last]) {
      for (const origin of map.keys()) {
        if (map.size <= mostOrigins) break;
        map.delete(origin);
      }
    }
  }
}
