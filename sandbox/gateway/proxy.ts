import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Upstream {
  /** As in the messages: `media-service`. */
  name: string;
  /** Read for every request: the port is known when the service has started. */
  url: () => string;
}

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const hopByHop = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'];

function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const kept = { ...headers };
  for (const name of hopByHop) delete kept[name];
  return kept;
}

/** Hands requests on to the services, streaming both ways, and answers by itself when a service does not. */
export class Proxy {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  dispose(): void {
    this.#agent.destroy();
  }

  forward(request: IncomingMessage, response: ServerResponse, to: Upstream): void {
    const target = new URL(to.url());
    const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
    const upstream = httpRequest({
      agent: this.#agent,
      host: target.hostname,
      port: target.port,
      method: request.method,
      path: request.url,
      headers: endToEnd(request.headers),
    });
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = (): boolean => {
      clearTimeout(timer);
      const first = !settled;
      settled = true;
      return first;
    };
    const refuse = (status: number, error: string, message: string): void => {
      if (!settle()) return;
      const body = JSON.stringify({ error, message });
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) });
      response.end(body);
    };
    const waitForAnswer = (): void => {
      if (settled) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        refuse(504, 'timeout', `El ${to.name} no respondió a tiempo`);
        upstream.destroy();
      }, this.#timeoutMs);
    };

    upstream.once('finish', waitForAnswer);
    // A service that stops reading is as late as one that does not answer; a client that is slow to send is not the service's fault.
    request.on('pause', waitForAnswer);
    request.on('resume', () => {
      if (!upstream.writableFinished) clearTimeout(timer);
    });
    upstream.once('response', (answer) => {
      if (!settle()) return;
      response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      answer.pipe(response);
      // An answer that breaks off must not look complete.
      answer.once('error', () => response.destroy());
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      request.unpipe(upstream);
      request.resume();
      if (error.code === 'ECONNREFUSED') refuse(503, 'service_unavailable', `El ${to.name} no está disponible`);
      else refuse(502, 'bad_gateway', `Error de comunicación con el ${to.name}`);
    });
    response.once('close', () => {
      settle();
      // Only a body that breaks off is broken off at the service too: what it has whole, it goes on working on.
      if (!upstream.writableFinished) upstream.destroy();
    });
    if (hasBody) request.pipe(upstream);
    else upstream.end();
  }
}
