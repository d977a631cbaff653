/**
 * @file One connection, step by step, each step timed: look-up, TCP, the proxy's tunnel, TLS. The probes of L4 to L7
 * all use it, so that what they see is what an upload would meet.
 */
import { request } from 'node:http';
import { connect as tcpConnect, isIP, type Socket } from 'node:net';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { Finding, PhaseDurations } from '../../../shared/domain/diagnosis.ts';
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
  /** An `http:` request must name the whole URL, since a proxy reads it. */
  absoluteForm: boolean;
}

/** Look-up, TCP, tunnel and TLS together, in milliseconds: as long as L3 and L4 wait, so that all of them end at the same time. */
const connectLimitMs = 5000;

/**
 * @param verify false only to look at a certificate: nothing secret may be sent then.
 * @throws ConnectFailure
 */
export async function openConnection(context: ProbeContext, url: URL, options: { verify: boolean; signal: AbortSignal }): Promise<Connection> {
  const startedAt = context.clock.monotonic();
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(connectLimitMs)]);
  const phases: PhaseDurations = { total: 0 };
  const proxy = context.proxyFor(url);
  const proxyUsed = proxy !== undefined;
  const first = proxy ?? url;
  let stage: Stage = 'dns';
  let begun = startedAt;
  const ended = (phase: 'dns' | 'tcp' | 'tls'): void => {
    const now = context.clock.monotonic();
    phases[phase] = now - begun;
    begun = now;
  };
  let socket: Socket | undefined;
  try {
    const literal = isIP(hostOf(first));
    const addresses: ResolvedAddress[] = literal ? [{ address: hostOf(first), family: literal as 4 | 6 }] : await abortable(context.lookup(hostOf(first)), signal);
    if (!literal) ended('dns');
    stage = 'tcp';
    begun = context.clock.monotonic();
    socket = await connectFirst(firstOfEachFamily(addresses), portOf(first), signal);
    ended('tcp');
    if (proxy && url.protocol === 'https:') {
      stage = 'proxy';
      socket = await tunnel(socket, proxy, url, signal);
    }
    if (url.protocol === 'https:') {
      stage = 'tls';
      begun = context.clock.monotonic();
      socket = await secure(socket, hostOf(url), options.verify, context.trusted, signal);
      ended('tls');
    }
    return { socket, phases, startedAt, proxyUsed, absoluteForm: proxyUsed && url.protocol === 'http:' };
  } catch (error) {
    socket?.destroy();
    phases.total = context.clock.monotonic() - startedAt;
    if (error instanceof TunnelRefused) {
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

class TunnelRefused extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.status = status;
  }
}

/** Header for the credentials that a proxy's URL may carry. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (!proxy.username) return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

function tunnel(socket: Socket, proxy: URL, url: URL, signal: AbortSignal): Promise<Socket> {
  const authority = `${url.hostname}:${portOf(url)}`;
  return new Promise((resolve, reject) => {
    const connect = request({ method: 'CONNECT', path: authority, headers: { host: authority, ...proxyAuthorization(proxy) }, createConnection: () => socket, signal });
    connect.once('connect', (answer) => {
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) resolve(socket);
      else reject(new TunnelRefused(status));
    });
    connect.once('response', (answer) => { answer.resume(); reject(new TunnelRefused(answer.statusCode ?? 0)); });
    connect.once('error', reject);
    connect.end();
  });
}

function secure(socket: Socket, host: string, verify: boolean, trusted: string[] | undefined, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = tlsConnect({
      socket, rejectUnauthorized: verify, ALPNProtocols: ['http/1.1'],
      // A server name may not be an address (RFC 6066, 3).
      ...(isIP(host) ? { host } : { servername: host }),
      ...(trusted ? { ca: trusted } : {}),
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
