/** @file Small real servers to break: a backend, a proxy, a portal, a resolver. Test code; the product never imports it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';

export interface Running {
  port: number;
  close(): Promise<void>;
}

/** Where to listen: any free port of 127.0.0.1 unless said. */
export interface Where {
  host?: string;
  port?: number;
}

async function listening(server: Server | TcpServer, where: Where): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(where.port ?? 0, where.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

/** A healthy gateway with a media service behind it, both in one. */
export function backendHandler(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url?.split('?')[0];
  const envelope = (data: unknown): void => json(response, 200, { status: 'success', message: 'ok', data, error: null, trace_id: 'laboratory-1' });
  switch (path) {
    case '/health/': return json(response, 200, { status: 'ok', service: 'heartguard-gateway', timestamp: new Date().toISOString(), debug: false });
    case '/media/health': return envelope({ service: 'media-service', status: 'healthy' });
    case '/auth/verify': return json(response, 200, { valid: true, payload: { exp: 2_000_000_000 } });
    case '/media/readyz': return envelope({ checks: [{ name: 'spaces', ok: true, latency_ms: 4, http_status: 200 }, { name: 'database', ok: true, latency_ms: 1 }] });
    case '/': {
      // Spaces, asked by nobody it knows.
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>');
      return;
    }
    default: return json(response, 404, { error: 'not_found', message: 'Ruta no encontrada' });
  }
}

export function startHttp(handler: RequestListener = backendHandler, where: Where = {}): Promise<Running> {
  return listening(createServer(handler), where);
}

export function startHttps(pair: { key: string; cert: string }, handler: RequestListener = backendHandler, where: Where = {}): Promise<Running> {
  return listening(createSecureServer(pair, handler), where);
}

/** Takes connections and does with them what it is told; by default nothing, for ever. */
export function startTcp(onConnection: (socket: Socket) => void = () => undefined, where: Where = {}): Promise<Running> {
  return listening(createTcpServer(onConnection), where);
}

/** A proxy that tunnels and forwards, or refuses to with a status. @param portOf where the far end of a name really listens */
export function startProxy(refuseWith: number | undefined, where: Where = {}, portOf?: (name: string) => number): Promise<Running> {
  const server = createServer((request, response) => {
    if (refuseWith === undefined) {
      const far = ask(request.url ?? '', { method: request.method, headers: request.headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      far.on('error', () => response.writeHead(502).end());
      request.pipe(far);
      return;
    }
    response.writeHead(refuseWith, { 'content-type': 'text/html', ...(refuseWith === 407 ? { 'proxy-authenticate': 'Basic realm="clinic"' } : {}) });
    response.end('<html>proxy</html>');
  });
  server.on('connect', (request, socket: Socket) => {
    if (refuseWith !== undefined) {
      socket.end(`HTTP/1.1 ${refuseWith} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port] = (request.url ?? '').split(':');
    const far = connect(portOf?.(host) ?? Number(port), portOf ? '127.0.0.1' : host, () => { socket.write('HTTP/1.1 200 OK\r\n\r\n'); far.pipe(socket); socket.pipe(far); });
    far.on('error', () => { if (far.connecting || far.bytesRead === 0) socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'); else socket.destroy(); });
  });
  return listening(server, where);
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcp();
  await server.close();
  return server.port;
}

export type DnsVerdict = { address: string } | 'nxdomain' | 'servfail' | 'silent';

/** A resolver on UDP (RFC 1035, A records only): every name gets the verdict that it is given. */
export async function startDns(verdict: (name: string) => DnsVerdict, where: Where = {}): Promise<Running> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, end } = readName(query);
    const answer = verdict(name.toLowerCase());
    if (answer === 'silent') return;
    const isA = query.readUInt16BE(end) === 1;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | (answer === 'nxdomain' ? 3 : answer === 'servfail' ? 2 : 0), 2);
    const found = typeof answer === 'object' && isA;
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(found ? 1 : 0, 6);
    header.writeUInt16BE(0, 8);
    header.writeUInt16BE(0, 10);
    const record = found ? Buffer.concat([Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]), Buffer.from(answer.address.split('.').map(Number))]) : Buffer.alloc(0);
    socket.send(Buffer.concat([header, query.subarray(12, end + 4), record]), from.port, from.address);
  });
  socket.bind(where.port ?? 0, where.host ?? '127.0.0.1');
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

function readName(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 1 };
}
