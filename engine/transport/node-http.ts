/**
 * @file The network for real: node:http and node:https, with deadlines for every phase. Nothing else in the engine
 * opens a connection for a request.
 */
import type { LookupFunction } from 'node:net';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { AskingFirst } from './asking-first.ts';
import { createAgents, type Opening } from './agents.ts';
import type { Pace } from './body-writer.ts';
import { Exchange } from './exchange.ts';
import { HttpError, bodyBytes, type Http, type HttpAnswer, type HttpRequest } from './http.ts';
import { directRoutes, type Route, type Routes } from './routes.ts';
import { createTrust, type Trust } from './trust.ts';

export interface NodeHttpOptions {
  clock?: Pick<Clock, 'monotonic'>;
  /** In place of the system's resolver. */
  lookup?: LookupFunction;
  /** Certificate authorities in PEM, trusted beside those of Node and the system. */
  ca?: readonly string[];
  /** In place of `ca`. */
  trust?: Trust;
  /** Absent: everything goes straight to its host. */
  routes?: Routes;
  /** How fast photo bodies go. Absent: as fast as the network takes them. */
  pace?: Pace;
}

/** Less than this is no time to reach a proxy in; in milliseconds. */
const leastConnectMs = 1_000;

/**
 * An `Http` on Node's own sockets: connections kept alive, both address families tried, proxies where `routes` says so,
 * large bodies announced before they go, Content-Length always.
 */
export function createNodeHttp(options: NodeHttpOptions = {}): Http {
  const clock = options.clock ?? systemClock;
  const routes = options.routes ?? directRoutes;
  const trust = options.trust ?? createTrust(options.ca ? { ca: options.ca } : {});
  const agents = createAgents({ trust, lookup: options.lookup });
  const asking = new AskingFirst();
  const underWay = new Set<Exchange>();

  async function once(request: HttpRequest, url: URL, route: Route, authorization: Opening['authorization'], mayAsk = true): Promise<HttpAnswer> {
    const wanted = new AbortController();
    const opening: Opening = { signal: wanted.signal, authorization, throughProxy: false };
    const exchange = new Exchange(request, {
      start: (rest) => agents.start(url, route, opening, rest),
      proxied: route.name === 'direct' ? undefined : url.protocol === 'https:' ? 'tunnel' : 'forward',
      opening,
      asksFirst: mayAsk && request.deadlines.totalMs === undefined && asking.asks(url, bodyBytes(request.body)),
    }, { monotonic: () => clock.monotonic(), pace: options.pace });
    underWay.add(exchange);
    try {
      const answer = await exchange.answer;
      if (!exchange.ignoredTheQuestion(answer.status)) return answer;
      asking.leaveOut(url);
      return answer.status === 417 ? await once(request, url, route, authorization, false) : answer;
    } catch (error) {
      wanted.abort();
      throw exchange.mayGoAgain ? new StaleConnection(error) : error;
    } finally {
      underWay.delete(exchange);
    }
  }

  /** Once more where a kept-alive connection turns out to be dead. */
  async function surely(request: HttpRequest, url: URL, route: Route, authorization: Opening['authorization']): Promise<HttpAnswer> {
    try {
      return await once(request, url, route, authorization);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      // One was dead, so its idle neighbours are likely to be.
      agents.forgetConnections();
    }
    try {
      return await once(request, url, route, authorization);
    } catch (error) {
      throw error instanceof StaleConnection ? error.cause : error;
    }
  }

  /** Along one route; a proxy that asks who we are is told, where that may be. */
  async function along(request: HttpRequest, url: URL, route: Route): Promise<HttpAnswer> {
    const onSent = toldOnce(request.onSent);
    const tries = (): HttpRequest => (request.onSent ? { ...request, onSent: onSent() } : request);
    let told: string | undefined;
    for (;;) {
      let shown: string | undefined;
      try {
        const answer = await surely(tries(), url, route, () => (shown ??= told ?? (route.name === 'proxy' ? routes.authorization(route.proxy) : undefined)));
        routes.passed(url, route, shown);
        return answer;
      } catch (error) {
        if (route.name !== 'proxy' || !(error instanceof HttpError) || error.reason !== 'proxy-auth') {
          // What the far end did not like had come past the proxy.
          if (route.name === 'proxy' && error instanceof HttpError && error.proxy?.passed) routes.passed(url, route, shown);
          throw error;
        }
        const next = await routes.asked(route.proxy, error.proxy?.challenges ?? [], shown, request.signal);
        if (request.signal?.aborted) throw new HttpError({ ...error, reason: 'aborted' });
        if (!('authorization' in next)) throw new HttpError({ ...error, errno: next.detail });
        told = next.authorization;
      }
    }
  }

  /** An administrator may install an authority while we run. */
  async function trusted(request: HttpRequest, url: URL, route: Route): Promise<HttpAnswer> {
    const before = trust.context();
    try {
      return await along(request, url, route);
    } catch (error) {
      const untrusted = error instanceof HttpError && error.reason === 'certificate-untrusted';
      if (!untrusted || !await trust.renewed(before)) throw error;
      return along(request, url, route);
    }
  }

  return {
    async send(request) {
      const url = new URL(request.url);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('only http and https addresses can be asked');
      const { endpoint, deadlines, signal } = request;
      const ways = await routes.find(url);
      if (ways.length === 0) throw new HttpError({ reason: 'proxy', endpoint, requestSent: false, errno: 'PROXY_UNSUPPORTED' });
      const connectMs = Math.max(leastConnectMs, deadlines.connectMs / ways.length);
      const inTime = ways.length === 1 ? request : { ...request, deadlines: { ...deadlines, connectMs } };
      for (const [index, route] of ways.entries()) {
        try {
          return await (url.protocol === 'https:' ? trusted(inTime, url, route) : along(inTime, url, route));
        } catch (error) {
          if (route.name !== 'proxy' || !(error instanceof HttpError) || error.proxy?.unreached !== true) throw error;
          routes.unreachable(route.proxy);
          if (index === ways.length - 1 || signal?.aborted) throw error;
        }
      }
      throw new TypeError('no way was tried');
    },
    forgetConnections() {
      agents.forgetConnections();
      asking.forget();
    },
    close() {
      for (const exchange of underWay) exchange.fail('aborted');
      agents.close();
    },
  };
}

/** A body that goes a second time is progress only where it comes further than before. */
function toldOnce(onSent: HttpRequest['onSent']): () => (bytes: number) => void {
  let most = 0;
  return () => {
    let now = 0;
    return (bytes) => {
      now += bytes;
      if (now <= most) return;
      onSent?.(now - most);
      most = now;
    };
  };
}

/** A kept-alive connection had died unseen, and the request can be sent on a fresh one without a risk. */
class StaleConnection extends Error {
  declare readonly cause: HttpError;
  constructor(cause: unknown) {
    super('stale connection', { cause });
  }
}
