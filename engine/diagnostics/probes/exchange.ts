import { request } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { PhaseDurations } from '../../../shared/domain/diagnosis.ts';
import { ConnectFailure, openConnection, type Connection } from './connection.ts';
import { errnoOf, findingOf } from './connection-errors.ts';
import type { ProbeContext } from './probe.ts';

export interface ExchangeAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** At most 64 KiB of it. */
  body: Uint8Array;
  phases: PhaseDurations;
  /** Over the socket, both ways. */
  bytes: number;
  proxyUsed: boolean;
  /** The server's clock less ours, from its `Date`; undefined without one. Good to about a second. */
  dateOffsetMs: number | undefined;
}

export interface ExchangeRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  url: URL;
  headers?: Record<string, string>;
  body?: Uint8Array;
  /** Default true. */
  verify?: boolean;
  signal: AbortSignal;
}

const mostBodyBytes = 65_536;

/** One request on a connection of its own. Follows no redirect; a proxy that asks who we are is told, where that may be. @throws ConnectFailure */
export async function exchange(context: ProbeContext, asked: ExchangeRequest): Promise<ExchangeAnswer> {
  const options = { verify: asked.verify ?? true, signal: asked.signal };
  const connection = await openConnection(context, asked.url, options);
  const answer = await exchangeOn(context, connection, asked);
  const { forward } = connection;
  if (!forward) return answer;
  if (answer.status !== 407) {
    context.routes.passed(asked.url, forward.route, forward.authorization);
    return answer;
  }
  const told = await context.routes.asked(forward.proxy, [answer.headers['proxy-authenticate'] ?? ''], forward.authorization);
  if (!('authorization' in told)) return answer;
  const again = await openConnection(context, asked.url, { ...options, authorization: told.authorization });
  const second = await exchangeOn(context, again, asked);
  if (second.status === 407) await context.routes.asked(forward.proxy, [second.headers['proxy-authenticate'] ?? ''], told.authorization);
  else context.routes.passed(asked.url, forward.route, told.authorization);
  return second;
}

/** The same on a connection that is there; closes it. @throws ConnectFailure */
export async function exchangeOn(context: ProbeContext, connection: Connection, asked: ExchangeRequest): Promise<ExchangeAnswer> {
  const { socket, phases, proxyUsed } = connection;
  const sentAtWall = context.clock.now();
  const sentAt = context.clock.monotonic();
  try {
    return await new Promise<ExchangeAnswer>((resolve, reject) => {
      const { forward } = connection;
      const authorization = forward?.authorization;
      const outgoing = request({
        method: asked.method,
        path: forward ? `${asked.url.origin}${asked.url.pathname}${asked.url.search}` : `${asked.url.pathname}${asked.url.search}`,
        headers: { host: asked.url.host, 'user-agent': 'Relevo-diagnostics', connection: 'close', ...asked.headers, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }), ...(asked.body ? { 'content-length': String(asked.body.length) } : {}) },
        createConnection: () => socket,
        signal: asked.signal,
      });
      outgoing.once('error', reject);
      outgoing.once('response', (answer) => {
        phases.firstByte = context.clock.monotonic() - sentAt;
        const midpoint = sentAtWall + phases.firstByte / 2;
        const chunks: Uint8Array[] = [];
        let kept = 0;
        answer.on('data', (chunk: Uint8Array) => {
          if (kept < mostBodyBytes) chunks.push(chunk.subarray(0, mostBodyBytes - kept));
          kept += chunk.length;
          if (kept > 16 * mostBodyBytes) answer.destroy();
        });
        answer.once('error', reject);
        answer.once('close', () => {
          phases.total = context.clock.monotonic() - connection.startedAt;
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? ''])),
            body: Buffer.concat(chunks), phases, bytes: socket.bytesRead + socket.bytesWritten, proxyUsed,
            dateOffsetMs: dateOffset(answer.headers.date, midpoint),
          });
        });
      });
      outgoing.end(asked.body);
    });
  } catch (error) {
    phases.total = context.clock.monotonic() - connection.startedAt;
    const errno = asked.signal.aborted ? 'ETIMEDOUT' : errnoOf(error);
    const httpGarbage = errno?.startsWith('HPE_') ?? false;
    throw new ConnectFailure({ stage: 'http', finding: httpGarbage ? 'odd-answer' : findingOf(errno), errno, proxyUsed, phases });
  } finally {
    socket.destroy();
  }
}

/** A `Date` names whole seconds, so on average it is half of one behind. */
function dateOffset(header: string | undefined, midpoint: number): number | undefined {
  const date = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(date) ? undefined : date + 500 - midpoint;
}

export function isSecure(socket: unknown): socket is TLSSocket {
  return typeof (socket as TLSSocket).getPeerCertificate === 'function';
}
