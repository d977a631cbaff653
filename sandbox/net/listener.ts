import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

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
        await this.#listen(this.#port);
      } catch (error) {
        if (!this.#orAnother || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        await this.#listen(0);
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

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}
