/**
 * @file The network for real: node:http and node:https, with deadlines for every phase. Nothing else in the engine
 * opens a connection for a request.
 */
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { Exchange } from './exchange.ts';
import type { Http, HttpAnswer, HttpError, HttpRequest } from './http.ts';

export interface NodeHttpOptions {
  clock?: Pick<Clock, 'monotonic'>;
  /** In place of the system's resolver. */
  lookup?: LookupFunction;
  /** Certificate authorities in PEM, trusted beside those that Node ships. */
  ca?: readonly string[];
}

/** Idle connections are dropped after this long: proxies and routers forget them silently, some after a minute. */
const idleMs = 30_000;

/**
 * An `Http` on Node's own sockets: connections kept alive, both address families tried (an IPv6 that leads nowhere
 * costs half a second, not the request), `Expect: 100-continue` never sent, Content-Length always.
 */
export function createNodeHttp(options: NodeHttpOptions = {}): Http {
  const clock = options.clock ?? systemClock;
  const agentOptions = {
    keepAlive: true,
    // How much happens at once is decided above; a request must not spend its connect deadline in a line here.
    maxSockets: Infinity,
    maxFreeSockets: 32,
    timeout: idleMs,
    scheduling: 'lifo' as const,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: 500,
    ...(options.lookup ? { lookup: options.lookup } : {}),
  };
  const plain = new http.Agent(agentOptions);
  const secure = new https.Agent({ ...agentOptions, ...(options.ca?.length ? { ca: [...rootCertificates, ...options.ca] } : {}) });
  const underWay = new Set<Exchange>();

  function begin(request: HttpRequest, url: URL): Exchange {
    // The one place where the way to a host is chosen.
    const start = url.protocol === 'https:'
      ? (rest: http.RequestOptions) => https.request(url, { ...rest, agent: secure })
      : (rest: http.RequestOptions) => http.request(url, { ...rest, agent: plain });
    return new Exchange(request, start, () => clock.monotonic());
  }

  function forgetConnections(): void {
    for (const agent of [plain, secure]) {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    }
  }

  async function once(request: HttpRequest, url: URL): Promise<HttpAnswer> {
    const exchange = begin(request, url);
    underWay.add(exchange);
    try {
      return await exchange.answer;
    } catch (error) {
      throw exchange.mayGoAgain ? new StaleConnection(error) : error;
    } finally {
      underWay.delete(exchange);
    }
  }

  return {
    async send(request) {
      const url = new URL(request.url);
      if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError('only http and https addresses can be asked');
      try {
        return await once(request, url);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        // One was dead, so its idle neighbours are likely to be.
        forgetConnections();
      }
      try {
        return await once(request, url);
      } catch (error) {
        throw error instanceof StaleConnection ? error.cause : error;
      }
    },
    forgetConnections,
    close() {
      for (const exchange of underWay) exchange.fail('aborted');
      plain.destroy();
      secure.destroy();
    },
  };
}

/** A kept-alive connection had died unseen, and the request can be sent on a fresh one without a risk. */
class StaleConnection extends Error {
  declare readonly cause: HttpError;
  constructor(cause: unknown) {
    super('stale connection', { cause });
  }
}
