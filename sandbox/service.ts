import type { RequestListener } from 'node:http';
import { Listener } from './net/listener.ts';

export interface RunningService {
  handler: RequestListener;
  dispose?: () => void;
}

export interface ServiceControl {
  /** Starts it again on the same port; nothing when it runs. */
  start(): Promise<void>;
  /** Closes its port, drops its connections and ends what it was doing. */
  stop(): Promise<void>;
  readonly url: string;
  readonly running: boolean;
}

/**
 * One of the backend's services. Every start builds it anew, so that nothing but the database and Spaces outlives a stop.
 */
export class Service implements ServiceControl {
  readonly listener: Listener;
  readonly #build: (stopped: AbortSignal) => Promise<RunningService>;
  #current: RunningService | undefined;
  #stopped = new AbortController();

  /** `around` wraps the handler, whichever it is at the time. */
  constructor(options: { port?: number | undefined; orAnother?: boolean; build: (stopped: AbortSignal) => Promise<RunningService>; around: (handler: RequestListener) => RequestListener }) {
    this.#build = options.build;
    const handler = options.around((request, response) => {
      if (this.#current) this.#current.handler(request, response);
      else request.socket.resetAndDestroy();
    });
    this.listener = new Listener({ port: options.port ?? 0, orAnother: options.orAnother ?? false, handler });
  }

  get url(): string {
    return this.listener.url;
  }

  get running(): boolean {
    return this.#current !== undefined;
  }

  async start(): Promise<void> {
    if (!this.#current) {
      this.#stopped = new AbortController();
      this.#current = await this.#build(this.#stopped.signal);
    }
    await this.listener.start();
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    this.#stopped.abort();
    this.#current?.dispose?.();
    this.#current = undefined;
  }
}
