/**
 * @file A network that fails before any server is reached. Requests still go over real sockets: they are only led to an
 * address at which the fault is real (a closed port, a name that nobody knows, a certificate that has ended).
 */
import { once } from 'node:events';
import net, { type AddressInfo, type LookupFunction } from 'node:net';
import tls from 'node:tls';
import type { Deadlines, Http, HttpRequest } from '../engine/transport/http.ts';
import { createNodeHttp } from '../engine/transport/node-http.ts';
import { expired, selfSigned } from '../engine/transport/test-certificates.ts';
import { silentPort } from '../test-support/silent-port.ts';

export type NetworkFault = 'refused' | 'dns' | 'connect-timeout' | 'certificate-expired' | 'certificate-untrusted' | 'ipv6-dead';

/** Where a fault shows only in time, the deadlines of 10, 30 and 45 s become 1, 2 and 3 s. All other requests keep theirs. */
const deadlineScale = 1 / 15;

export interface FaultyNetwork {
  /** A network for one engine, which closes it. */
  http(): Http;
  /** From the first request that matches on, its address is out of order: for that request only, or until `lift`. */
  set(fault: NetworkFault, matches: (request: HttpRequest) => boolean, lasts: 'once' | 'a while'): Promise<void>;
  /** Counts requests that match, until `lift`; shortens the deadlines of the first or of all of them, where asked to. */
  watch(matches: (request: HttpRequest) => boolean, shorten: 'none' | 'the first' | 'all'): void;
  readonly seen: number;
  lift(): Promise<void>;
}

/** @param ports of the servers, on which IPv6 can be made dead */
export function createFaultyNetwork(ports: readonly number[]): FaultyNetwork {
  const closers: (() => Promise<unknown> | void)[] = [];
  let fault: { lead: (url: URL) => void; matches: (request: HttpRequest) => boolean; lasts: 'once' | 'a while'; origin?: string } | undefined;
  let watched: { matches: (request: HttpRequest) => boolean; shorten: 'none' | 'the first' | 'all' } | undefined;
  let seen = 0;

  function shortened(request: HttpRequest): HttpRequest {
    if (!watched?.matches(request)) return request;
    seen += 1;
    const { shorten } = watched;
    return shorten === 'none' || (shorten === 'the first' && seen > 1) ? request : { ...request, deadlines: scaled(request.deadlines) };
  }

  const lookup: LookupFunction = (name, options, callback) => {
    if (name === 'both.test') callback(null, [{ address: '::1', family: 6 }, { address: '127.0.0.1', family: 4 }]);
    else if (name === 'clinic.test') callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), [], options.family === 6 ? 6 : 4);
  };

  /** Where a request goes while the fault is in force. */
  function led(request: HttpRequest): HttpRequest {
    const url = new URL(request.url);
    if (!fault) return request;
    const { origin } = url;
    if (fault.origin === undefined && fault.matches(request)) fault.origin = origin;
    else if (fault.origin !== origin) return request;
    const { host } = url;
    fault.lead(url);
    if (fault.lasts === 'once') fault = undefined;
    // Presigned addresses sign the host.
    return { ...request, url: url.href, headers: url.protocol === 'https:' ? request.headers : { ...request.headers, host } };
  }

  return {
    get seen() { return seen; },
    http() {
      const inner = createNodeHttp({ lookup, ca: [expired.cert] });
      return {
        send: (request) => inner.send(led(shortened(request))),
        forgetConnections: () => inner.forgetConnections(),
        close: () => inner.close(),
      };
    },
    async set(kind, matches, lasts) {
      fault = { lead: await prepare(kind), matches, lasts };
    },
    watch(matches, shorten) {
      watched = { matches, shorten };
      seen = 0;
    },
    async lift() {
      fault = undefined;
      watched = undefined;
      for (const close of closers.splice(0)) await close();
    },
  };

  async function prepare(kind: NetworkFault): Promise<(url: URL) => void> {
    switch (kind) {
      case 'refused': {
        const port = String(await closedPort());
        return (url) => { url.port = port; };
      }
      case 'dns':
        return (url) => { url.hostname = 'nobody.test'; };
      case 'connect-timeout': {
        const hole = await silentPort('127.0.0.1', 0);
        closers.push(hole.close);
        return (url) => { url.port = String(hole.port); };
      }
      case 'ipv6-dead': {
        // The same port on the other family swallows everything; a computer without IPv6 says "unreachable" by itself.
        for (const port of ports) {
          const hole = await silentPort('::1', port).catch(() => undefined);
          if (hole) closers.push(hole.close);
        }
        return (url) => { url.hostname = 'both.test'; };
      }
      case 'certificate-expired':
      case 'certificate-untrusted': {
        const server = tls.createServer(kind === 'certificate-expired' ? expired : selfSigned, (socket) => { socket.destroy(); });
        server.on('tlsClientError', () => undefined);
        await once(server.listen(0, '127.0.0.1'), 'listening');
        closers.push(() => { server.close(); });
        const { port } = server.address() as AddressInfo;
        return (url) => { url.href = `https://clinic.test:${port}${url.pathname}${url.search}`; };
      }
    }
  }
}

function scaled({ connectMs, stallMs, totalMs }: Deadlines): Deadlines {
  // An IPv6 that leads nowhere costs half a second before IPv4 is tried, whatever the deadline.
  return { connectMs: Math.max(1_000, connectMs * deadlineScale), stallMs: stallMs * deadlineScale, ...(totalMs === undefined ? {} : { totalMs: totalMs * deadlineScale }) };
}

/** A port at which nobody listens, and which stays that way as long as it is not the next one to be given out. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
