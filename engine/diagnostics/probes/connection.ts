/**
 * @file One connection, step by step, each step timed: look-up, TCP, the proxy's tunnel, TLS. The probes of L4 to L7
 * all use it, so that what they see is what an upload would meet.
 */
import { connect as tcpConnect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect, type SecureContext, type TLSSocket } from 'node:tls';
import type { Finding, PhaseDurations } from '../../../shared/domain/diagnosis.ts';
import type { Proxy, Route } from '../../transport/routes.ts';
import { askForTunnel, authorityOf, ProxyError } from '../../transport/tunnel.ts';
import { errnoOf, findingOf } from './connection-errors.ts';
import { hostOf, portOf, type ProbeContext, type ResolvedAddress } from './probe.ts';

export type Stage = 'dns' | 'tcp' | 'proxy' | 'tls' | 'http';

/** Why no connection came about, and in which step. */
export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  readonly stage: Stage;
  readonly finding: Finding;
  readonly errno: string | undefined;
  readonly httpStatus: number | undefined;
  readonly proxyUsed: boolean;
  readonly phases: PhaseDurations;

  constructor(fields: { stage: Stage; finding: Finding; errno?: string | undefined; httpStatus?: number; proxyUsed: boolean; phases: PhaseDurations }) {
    super(`${fields.stage}: ${fields.finding}`);
    this.stage = fields.stage;
    this.finding = fields.finding;
    this.errno = fields.errno;
    this.httpStatus = fields.httpStatus;
    this.proxyUsed = fields.proxyUsed;
    this.phases = fields.phases;
  }
}

export interface Connection {
  socket: Socket | TLSSocket;
  /** Without `total`'s end: the caller goes on. */
  phases: PhaseDurations;
  startedAt: number;
  proxyUsed: boolean;
  /** A proxy reads the request itself: it is to name the whole URL, and what the proxy wants to know of us. */
  forward?: Forward;
}

export interface Forward {
  proxy: Proxy;
  route: Route;
  authorization: string | undefined;
}

export interface ConnectionOptions {
  /** False only to look at a certificate: nothing secret may be sent then. */
  verify: boolean;
  signal: AbortSignal;
  /** What a proxy that asked is to be told. */
  authorization?: string;
}

/** Look-up, TCP, tunnel and TLS together, in milliseconds: as long as L3 and L4 wait, so that all of them end at the same time. */
const connectLimitMs = 5000;

/**
 * Along the ways that uploads go, in their order: a proxy that is not reached is followed by the next.
 *
 * @throws ConnectFailure
 */
export async function openConnection(context: ProbeContext, url: URL, options: ConnectionOptions): Promise<Connection> {
  const routes = await context.routes.find(url);
  if (routes.length === 0) throw new ConnectFailure({ stage: 'proxy', finding: 'proxy-error', errno: 'PROXY_UNSUPPORTED', proxyUsed: true, phases: { total: 0 } });
  for (const [index, route] of routes.entries()) {
    try {
      return await openTrusted(context, url, route, { ...options, limitMs: connectLimitMs / routes.length });
    } catch (error) {
      const unreached = error instanceof ConnectFailure && error.proxyUsed && error.finding === 'proxy-error' && error.httpStatus === undefined;
      if (route.name !== 'proxy' || !unreached) throw error;
      context.routes.unreachable(route.proxy);
      if (index === routes.length - 1 || options.signal.aborted) throw error;
    }
  }
  throw new TypeError('no way was tried');
}

type RouteOptions = ConnectionOptions & { limitMs: number };

/** An authority may have been installed since the last look. */
async function openTrusted(context: ProbeContext, url: URL, route: Route, options: RouteOptions): Promise<Connection> {
  const trusted = url.protocol === 'https:' ? context.trust.context() : undefined;
  try {
    return await openAlong(context, url, route, options);
  } catch (error) {
    const untrusted = error instanceof ConnectFailure && error.finding === 'certificate-untrusted';
    if (!untrusted || !trusted || !await context.trust.renewed(trusted)) throw error;
    return openAlong(context, url, route, options);
  }
}

async function openAlong(context: ProbeContext, url: URL, route: Route, options: RouteOptions): Promise<Connection> {
  const startedAt = context.clock.monotonic();
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.limitMs)]);
  const phases: PhaseDurations = { total: 0 };
  const proxy = route.name === 'proxy' ? route.proxy : undefined;
  const proxyUsed = proxy !== undefined;
  const authorization = options.authorization ?? (proxy && context.routes.authorization(proxy));
  const first = proxy ?? { host: hostOf(url), port: portOf(url) };
  let stage: Stage = 'dns';
  let begun = startedAt;
  const ended = (phase: 'dns' | 'tcp' | 'tls'): void => {
    const now = context.clock.monotonic();
    phases[phase] = now - begun;
    begun = now;
  };
  let socket: Socket | undefined;
  try {
    const literal = isIP(first.host);
    const addresses: ResolvedAddress[] = literal ? [{ address: first.host, family: literal as 4 | 6 }] : await abortable(context.lookup(first.host), signal);
    if (!literal) ended('dns');
    stage = 'tcp';
    begun = context.clock.monotonic();
    socket = await connectFirst(firstOfEachFamily(addresses), first.port, signal);
    ended('tcp');
    if (proxy) stage = 'proxy';
    if (proxy?.secure) socket = await secure(socket, proxy.host, true, context.trust.context(), signal);
    if (proxy && url.protocol === 'https:') {
      await askForTunnel(socket, authorityOf(url), authorization, signal);
      context.routes.passed(url, route, authorization);
    }
    if (url.protocol === 'https:') {
      stage = 'tls';
      begun = context.clock.monotonic();
      socket = await secure(socket, hostOf(url), options.verify, context.trust.context(), signal);
      ended('tls');
    }
    return { socket, phases, startedAt, proxyUsed, ...(proxy && url.protocol === 'http:' ? { forward: { proxy, route, authorization } } : {}) };
  } catch (error) {
    socket?.destroy();
    phases.total = context.clock.monotonic() - startedAt;
    if (error instanceof ProxyError && error.status !== undefined) {
      const told = error.status === 407 && proxy ? await abortable(context.routes.asked(proxy, error.challenges, authorization), signal).catch(() => undefined) : undefined;
      if (told && 'authorization' in told) return openAlong(context, url, route, { ...options, authorization: told.authorization });
      throw new ConnectFailure({ stage: 'proxy', finding: error.status === 407 ? 'proxy-auth' : 'proxy-error', httpStatus: error.status, proxyUsed, phases });
    }
    const timedOut = signal.aborted;
    const errno = timedOut ? 'ETIMEDOUT' : errnoOf(error);
    const finding = proxyUsed && (stage === 'dns' || stage === 'tcp' || stage === 'proxy') ? 'proxy-error' : timedOut ? (stage === 'dns' ? 'name-error' : 'timeout') : findingOf(errno);
    throw new ConnectFailure({ stage, finding, errno, proxyUsed, phases });
  }
}

function firstOfEachFamily(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  const chosen = [addresses.find((one) => one.family === 4), addresses.find((one) => one.family === 6)];
  return chosen.filter((one): one is ResolvedAddress => one !== undefined);
}

/** Both families at once; the first that connects wins. The error told is the one that says most. */
async function connectFirst(addresses: readonly ResolvedAddress[], port: number, signal: AbortSignal): Promise<Socket> {
  const losers = new AbortController();
  const attempts = addresses.map((one) => connectTcp(one.address, port, AbortSignal.any([signal, losers.signal])));
  try {
    const winner = await Promise.any(attempts);
    void Promise.allSettled(attempts).then((settled) => {
      for (const one of settled) if (one.status === 'fulfilled' && one.value !== winner) one.value.destroy();
    });
    return winner;
  } catch (error) {
    const errors = error instanceof AggregateError ? error.errors : [error];
    // "No route" in a family that this network does not have says nothing beside what the other family met.
    throw errors.find((one) => !['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(errnoOf(one) ?? '')) ?? errors[0];
  } finally {
    losers.abort();
  }
}

/** @throws with the system's errno, or an AbortError. */
export function connectTcp(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: address, port });
    socket.setNoDelay(true);
    const aborted = (): void => { socket.destroy(); reject(new DOMException('time limit', 'AbortError')); };
    const release = (): void => { signal.removeEventListener('abort', aborted); socket.off('error', failed); };
    const failed = (error: Error): void => { release(); socket.destroy(); reject(error); };
    socket.once('error', failed);
    socket.once('connect', () => {
      release();
      // Errors after this belong to whoever uses the socket; one that nobody awaits must not end the process.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

function secure(socket: Socket, host: string, verify: boolean, secureContext: SecureContext, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({
      socket, rejectUnauthorized: verify, ALPNProtocols: ['http/1.1'], secureContext,
      // A server name may not be an address (RFC 6066, 3).
      ...(isIP(host) ? { host } : { servername: host }),
    });
    const aborted = (): void => { secured.destroy(); reject(new DOMException('time limit', 'AbortError')); };
    secured.once('secureConnect', () => { signal.removeEventListener('abort', aborted); resolve(secured); });
    secured.once('error', (error) => { signal.removeEventListener('abort', aborted); reject(error); });
    secured.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    secured.on('error', () => undefined);
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
  });
}

/** Rejects as soon as the signal aborts; a look-up itself cannot be stopped. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(new DOMException('time limit', 'AbortError'));
    if (signal.aborted) { promise.catch(() => undefined); aborted(); return; }
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
