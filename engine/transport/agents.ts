/** @file Connections kept alive: straight to hosts, to proxies, and through the tunnels of proxies. */
import http from 'node:http';
import https from 'node:https';
import { connect as connectTcp, isIP, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { errnoOf } from './http-error-reason.ts';
import { proxyPlace, type Proxy, type Route } from './routes.ts';
import type { Trust } from './trust.ts';
import { askForTunnel, authorityOf, ProxyError } from './tunnel.ts';

/** Idle connections are dropped after this long: proxies and routers forget them silently, some after a minute. */
const idleMs = 30_000;
/** An IPv6 that leads nowhere costs this, not the request. */
export const familyPatienceMs = 500;

/** How a connection to be made is asked for, and what becomes of it. */
export interface Opening {
  /** Nobody needs it any more. */
  signal: AbortSignal;
  /** For the proxy alone. Asked for where it is shown, and nowhere else: a tunnel that is kept proves nothing of it. */
  authorization(): string | undefined;
  /** The proxy has made the tunnel; what fails after that is the far end's. */
  throughProxy: boolean;
}

export interface Agents {
  /** Begins a request along a route. @param rest method and headers */
  start(url: URL, route: Route, opening: Opening, rest: http.RequestOptions): http.ClientRequest;
  forgetConnections(): void;
  close(): void;
}

export function createAgents({ trust, lookup }: { trust: Trust; lookup?: LookupFunction | undefined }): Agents {
  const dial = { noDelay: true, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: familyPatienceMs, ...(lookup ? { lookup } : {}) };
  // How much happens at once is decided above; a request must not spend its connect deadline in a line here.
  const pool = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 32, timeout: idleMs, scheduling: 'lifo' as const, ...dial };
  const plain = new http.Agent(pool);
  let secure = new https.Agent(pool);
  let tunnels = new Map<string, TunnelAgent>();
  /** Of other authorities than those in force; what is still under way there goes on. */
  const before: http.Agent[] = [];
  let checkedBy: SecureContext | undefined;
  const all = (): http.Agent[] => [plain, secure, ...tunnels.values(), ...before];

  function forgetConnections(): void {
    for (const agent of all()) {
      for (const sockets of Object.values(agent.freeSockets)) {
        for (const socket of sockets ?? []) socket.destroy();
      }
    }
  }

  /**
   * A connection that is kept, and a TLS session that is taken up again, was checked by the authorities of its time and is not checked
   * anew: where others are in force now, both are begun afresh.
   */
  function contextInForce(): ReturnType<typeof contextOf> {
    const context = contextOf(trust);
    if (checkedBy !== undefined && checkedBy !== context.secureContext) {
      forgetConnections();
      before.push(secure, ...tunnels.values());
      secure = new https.Agent(pool);
      tunnels = new Map();
    }
    checkedBy = context.secureContext;
    return context;
  }

  function tunnelsOf(proxy: Proxy): TunnelAgent {
    const name = proxyPlace(proxy);
    const known = tunnels.get(name) ?? new TunnelAgent(pool, (signal) => dialProxy(proxy, dial, trust, signal));
    tunnels.set(name, known);
    return known;
  }

  return {
    start(url, route, opening, rest) {
      const isSecure = url.protocol === 'https:';
      if (route.name === 'direct') {
        return isSecure ? https.request(url, { ...rest, ...contextInForce(), agent: secure }) : http.request(url, { ...rest, agent: plain });
      }
      const { proxy } = route;
      if (isSecure) return https.request(url, { ...rest, ...contextInForce(), ...{ opening }, agent: tunnelsOf(proxy) });
      const authorization = opening.authorization();
      // RFC 9112, 3.2.2: a proxy is told the whole address.
      const forward = {
        ...rest, host: proxy.host, port: proxy.port, path: `${url.origin}${url.pathname}${url.search}`,
        headers: { ...rest.headers as Record<string, string>, host: url.host, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
      };
      return proxy.secure ? https.request({ ...forward, ...contextInForce(), servername: serverNameOf(proxy.host), agent: secure }) : http.request({ ...forward, agent: plain });
    },
    forgetConnections,
    close() {
      for (const agent of all()) agent.destroy();
    },
  };
}

type DialOptions = Pick<TcpNetConnectOpts, 'noDelay' | 'autoSelectFamily' | 'autoSelectFamilyAttemptTimeout' | 'lookup'>;

/**
 * Node passes it on to TLS, though its types do not say so of a request. That certificates are checked is said each time: unsaid, a variable of
 * the environment (NODE_TLS_REJECT_UNAUTHORIZED) decides it.
 */
function contextOf(trust: Trust): { secureContext: SecureContext; rejectUnauthorized: true } {
  return { secureContext: trust.context(), rejectUnauthorized: true };
}

/** A server name may not be an address (RFC 6066, 3). */
function serverNameOf(host: string): string {
  return isIP(host) > 0 ? '' : host;
}

/** @throws ProxyError */
async function dialProxy({ host, port, secure }: Proxy, dial: DialOptions, trust: Trust, signal: AbortSignal): Promise<Socket> {
  const socket = secure ? connectTls({ host, port, servername: serverNameOf(host), ...contextOf(trust), ...dial }) : connectTcp({ host, port, ...dial });
  try {
    await open(socket, secure ? 'secureConnect' : 'connect', signal);
    return socket;
  } catch (error) {
    throw new ProxyError({ code: errnoOf(error), cause: error });
  }
}

/** Waits for a connection; one that does not come about, or is no longer wanted, is destroyed. */
function open(socket: Socket | TLSSocket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => (): void => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail).off('close', close).off(event, succeed);
      finish();
    };
    const end = (error: unknown) => settle(() => {
      // An error that comes after the end is nobody's.
      socket.on('error', () => undefined).destroy();
      reject(error instanceof Error ? error : new Error('closed'));
    });
    const succeed = settle(resolve);
    const fail = (error: Error): void => { end(error)(); };
    const close = end(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    const abort = end(Object.assign(new Error('no longer wanted'), { code: 'ETIMEDOUT' }));
    socket.once('error', fail).once('close', close).once(event, succeed);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

type CreateOptions = http.ClientRequestArgs & { opening: Opening };
type Created = (error: Error | null, socket: Duplex) => void;

/** Keeps connections that lead through one proxy's tunnels: one pool for each host, as without a proxy. */
class TunnelAgent extends https.Agent {
  readonly #dial: (signal: AbortSignal) => Promise<Socket>;

  constructor(options: https.AgentOptions, dial: (signal: AbortSignal) => Promise<Socket>) {
    super(options);
    this.#dial = dial;
  }

  override createConnection(options: CreateOptions, created: Created): undefined {
    this.#connect(options).then((socket) => created(null, socket), (error: unknown) => created(error as Error, undefined as never));
  }

  async #connect(options: CreateOptions): Promise<Duplex> {
    const { opening } = options;
    const socket = await this.#dial(opening.signal);
    const host = String(options.host).replace(/^\[|\]$/g, '');
    try {
      await askForTunnel(socket, authorityOf(new URL(`https://${host.includes(':') ? `[${host}]` : host}:${options.port}`)), opening.authorization(), opening.signal);
    } catch (error) {
      socket.on('error', () => undefined).destroy();
      throw error instanceof ProxyError ? error : new ProxyError({ code: errnoOf(error) ?? 'ECONNRESET', cause: error });
    }
    opening.throughProxy = true;
    const secured = super.createConnection({ ...options, socket } as never) as TLSSocket;
    await open(secured, 'secureConnect', opening.signal);
    return secured;
  }
}
