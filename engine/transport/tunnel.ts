import { request } from 'node:http';
import type { Socket } from 'node:net';

/** The proxy's own doing: it was not reached, or it did not want to. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** The system's code, where no connection to it came about. */
  readonly code: string | undefined;
  /** Its answer; absent: there was none. */
  readonly status: number | undefined;
  /** The values of `Proxy-Authenticate`. */
  readonly challenges: readonly string[];

  constructor(fields: { code?: string | undefined; status?: number; challenges?: readonly string[]; cause?: unknown }) {
    super(fields.status === undefined ? 'the proxy was not reached' : `the proxy answered ${fields.status}`, { cause: fields.cause });
    this.code = fields.code;
    this.status = fields.status;
    this.challenges = fields.challenges ?? [];
  }
}

/** More than any proxy says before it lets one through. */
const mostHeaderBytes = 32 * 1024;

/**
 * CONNECT (RFC 9110, 9.3.6) on a connection to a proxy. What comes after it is the far end's.
 *
 * @param authority `host:port`, the host in brackets where it is an IPv6 address
 * @throws ProxyError where the proxy says no; the socket's own error, or an AbortError, where nothing was said
 */
export function askForTunnel(socket: Socket, authority: string, authorization: string | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const connect = request({
      method: 'CONNECT', path: authority, createConnection: () => socket, signal, maxHeaderSize: mostHeaderBytes,
      headers: { host: authority, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) },
    });
    connect.once('connect', (answer, _socket, head: Buffer) => {
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) {
        reject(new ProxyError({ status, challenges: answer.headersDistinct['proxy-authenticate'] ?? [] }));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve();
    });
    connect.once('error', reject);
    connect.end();
  });
}

/** The far end of a tunnel, as CONNECT names it. */
export function authorityOf(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
