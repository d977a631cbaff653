/** @file A small real proxy: tunnels (CONNECT), forwards, asks for a sign-in, keeps silent, breaks off. Writes down what it was asked. */
import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** What the proxy does with whoever comes. */
export type ProxyConduct =
  | { name: 'open' }
  /** Lets through whoever brings one of these. `schemes`: what it says it takes, as in `Proxy-Authenticate`. */
  | { name: 'asks'; signIns: readonly { user: string; password: string }[]; schemes?: readonly string[] }
  | { name: 'answers'; status: number }
  | { name: 'silent' }
  /** Closes the connection before it says anything. */
  | { name: 'breaks-off' };

export interface ProxyServerOptions {
  conduct?: ProxyConduct;
  host?: string;
  port?: number;
  /** Where a name really is; for those in `.test`, which nobody else can look up. */
  resolve?: (host: string, port: number) => { host: string; port: number };
}

export interface ProxyServer {
  readonly host: string;
  readonly port: number;
  readonly address: string;
  conduct: ProxyConduct;
  /** `CONNECT host:port` and `GET http://…`, in the order in which they came. */
  readonly asked: readonly { line: string; authorization: string | undefined; headers: IncomingMessage['headers']; letThrough: boolean }[];
  /** That clients have opened. */
  readonly connections: number;
  /** From those behind it, that is from clients. */
  readonly bytesUp: number;
  /** Breaks off everything under way; the proxy itself stays. */
  cut(): void;
  close(): Promise<void>;
}

export async function startProxyServer(options: ProxyServerOptions = {}): Promise<ProxyServer> {
  const asked: { line: string; authorization: string | undefined; headers: IncomingMessage['headers']; letThrough: boolean }[] = [];
  const sockets = new Set<Socket>();
  const state = { conduct: options.conduct ?? { name: 'open' } as ProxyConduct, bytesUp: 0, connections: 0 };
  const resolve = options.resolve ?? ((host, port) => ({ host, port }));
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
  };

  /** @returns the status and headers of a refusal; undefined: come in; `nothing`: no answer at all. */
  function refusal(request: IncomingMessage): { status: number; headers: [string, string][] } | 'nothing' | undefined {
    const { conduct } = state;
    switch (conduct.name) {
      case 'open': return undefined;
      case 'answers': return { status: conduct.status, headers: [] };
      case 'silent': return 'nothing';
      case 'breaks-off': request.socket.destroy(); return 'nothing';
      case 'asks': {
        const brought = request.headers['proxy-authorization'];
        const known = conduct.signIns.some(({ user, password }) => brought === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
        return known ? undefined : { status: 407, headers: (conduct.schemes ?? ['Basic realm="clinic", charset="UTF-8"']).map((scheme) => ['Proxy-Authenticate', scheme]) };
      }
    }
  }

  function note(request: IncomingMessage, letThrough: boolean): void {
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers['proxy-authorization'], headers: request.headers, letThrough });
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const no = refusal(request);
    note(request, no === undefined);
    if (no === 'nothing') return;
    if (no) {
      request.resume();
      response.writeHead(no.status, no.headers.flat()).end('<html>proxy</html>');
      return;
    }
    const url = new URL(request.url ?? '');
    const { 'proxy-authorization': _own, ...headers } = request.headers;
    const far = ask({ ...resolve(url.hostname, Number(url.port || 80)), method: request.method, path: url.pathname + url.search, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    far.on('error', () => { if (!response.headersSent) response.writeHead(502).end(); else response.destroy(); });
    request.on('data', (chunk: Buffer) => { state.bytesUp += chunk.length; }).pipe(far);
  });
  server.on('connection', (socket: Socket) => {
    state.connections += 1;
    keep(socket);
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    const no = refusal(request);
    note(request, no === undefined);
    if (no === 'nothing') return;
    if (no) {
      client.end(`HTTP/1.1 ${no.status} No\r\n${no.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}Content-Length: 0\r\n\r\n`);
      return;
    }
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(request.url ?? '') ?? [];
    const far = connect(resolve(host, Number(port)));
    keep(far);
    far.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.on('data', (chunk: Buffer) => { state.bytesUp += chunk.length; }).pipe(far).pipe(client);
    });
    far.once('error', () => { if (far.connecting) client.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n'); });
    far.once('close', () => client.destroy());
    client.once('close', () => far.destroy());
  });
  const host = options.host ?? '127.0.0.1';
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const cut = (): void => { for (const socket of sockets) socket.destroy(); };
  return {
    host, port, address: `http://${host}:${port}`, asked, cut,
    get conduct() { return state.conduct; },
    set conduct(conduct) { state.conduct = conduct; },
    get connections() { return state.connections; },
    get bytesUp() { return state.bytesUp; },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
}
