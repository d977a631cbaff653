import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { continueWhenRead } from './continue.ts';

/**
 * [Note: ports that are kept] Below the range from which systems take the near ends of outgoing connections (Linux from 32,768, others from
 * 49,152): a port of that range, free for the moment in which a service is stopped, may be some connection's when it starts again.
 */
const keptPorts = { from: 15_000, to: 32_000 };
const mostTries = 100;

export interface ListenerOptions {
  /** 0: a free one. Only loopback is ever listened on. */
  port: number;
  /** Takes a free port when the one given is taken, at the first start. */
  orAnother?: boolean;
  handler: RequestListener;
}

/**
 * A loopback port that can be closed and opened again under the same number, dropping what is connected, as a process
 * that ends or a cable that is pulled would.
 */
export class Listener {
  #port: number;
  #orAnother: boolean;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Why it is closed; it listens exactly when this is empty. */
  readonly #closedBy = new Set<string>(['stopped']);
  #work: Promise<void> = Promise.resolve();

  constructor({ port, orAnother = false, handler }: ListenerOptions) {
    this.#port = port;
    this.#orAnother = orAnother;
    this.#server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0, noDelay: true }, handler);
    this.#server.on('checkContinue', (request, response) => {
      continueWhenRead(request, response);
      handler(request, response);
    });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // A connection reset by the other side is an everyday event here.
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Known after the first start. */
  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get listening(): boolean {
    return this.#server.listening;
  }

  start(): Promise<void> {
    return this.unblock('stopped');
  }

  stop(): Promise<void> {
    return this.block('stopped');
  }

  /** Refuses connections and drops those that live, until every reason given was taken back. */
  block(reason: string): Promise<void> {
    this.#closedBy.add(reason);
    return this.#settle();
  }

  /** @throws EADDRINUSE when something else took the port meanwhile. */
  async unblock(reason: string): Promise<void> {
    if (!this.#closedBy.delete(reason)) return this.#work;
    try {
      await this.#settle();
    } catch (error) {
      this.#closedBy.add(reason);
      throw error;
    }
  }

  /** Resets every live connection and goes on listening. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #settle(): Promise<void> {
    const next = this.#work.then(() => this.#apply());
    this.#work = next.catch(() => undefined);
    return next;
  }

  async #apply(): Promise<void> {
    const wanted = this.#closedBy.size === 0;
    if (wanted === this.#server.listening) return;
    if (wanted) {
      try {
        if (this.#port === 0) await this.#listenAnywhere();
        else await this.#listen(this.#port);
      } catch (error) {
        if (!this.#orAnother || !isTaken(error)) throw error;
        await this.#listenAnywhere();
      }
      this.#port = (this.#server.address() as AddressInfo).port;
      // From now on others know the port.
      this.#orAnother = false;
      return;
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.dropConnections();
    await closed;
  }

  /** See [Note: ports that are kept]. */
  async #listenAnywhere(): Promise<void> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      try {
        return await this.#listen(randomInt(keptPorts.from, keptPorts.to));
      } catch (error) {
        if (!isTaken(error)) throw error;
      }
    }
    await this.#listen(0);
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
}
