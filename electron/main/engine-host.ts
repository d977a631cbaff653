import { engineContract } from '../../shared/engine-contract.ts';
import type { EngineContract, EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { CallErrorCode } from '../../shared/rpc/call-error.ts';
import type { EventPayload, Implementation } from '../../shared/rpc/contract.ts';
import type { HostContract } from '../../shared/host-contract.ts';
import { connect } from '../../shared/rpc/typed-rpc.ts';
import type { Connection } from '../../shared/rpc/typed-rpc.ts';
import { fromEngineSchema } from '../engine-process/messages.ts';
import type { ToEngine } from '../engine-process/messages.ts';
import { answerEngine, framePort, stopEngine } from './engine-port.ts';
import type { MainLog } from './main-log.ts';
import type { EngineProcess } from './node-engine-process.ts';

export type EngineState = 'starting' | 'running' | 'failed';
export type EngineEvent = keyof EngineContract['events'] & string;

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;
/** One that ran this long was sound: its end is not counted with the ones before. */
const SOUND_AFTER_MS = 30_000;
/** Deaths in a row after which a person is told; it goes on being started. */
const FAILED_AFTER = 3;
/** How long a call waits for an engine that is being started again, before it fails with `engine-stopped`. */
const CALL_PATIENCE_MS = 10_000;

export interface EngineHostOptions {
  launch: () => EngineProcess;
  /** Chromium's stack, which only main has; the diagnosis compares it with the engine's own. */
  chromium?: Implementation<HostContract>['chromiumGet'];
  /** The system's proxies, which only Chromium knows. */
  resolveProxy?: Implementation<HostContract>['resolveProxy'];
  /** Asked before each start, so that the key is not kept in memory for longer than it takes to hand it over. */
  startMessage: () => Promise<Extract<ToEngine, { type: 'start' }>>;
  log: MainLog;
}

/** How long to wait before the next start, after this many ends in a row (1 or more). */
export function restartDelayMs(endsInARow: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (endsInARow - 1), LONGEST_DELAY_MS);
}

/**
 * Keeps one engine process running: starts it, hands it the key, starts it again when it dies, relays its calls and events.
 * Nothing is lost by its death, since the queue is on the disk.
 */
export class EngineHost {
  readonly #options: EngineHostOptions;
  readonly #stateListeners = new Set<(state: EngineState) => void>();
  readonly #eventListeners = new Set<(event: EngineEvent, payload: EventPayload<EngineContract, EngineEvent>) => void>();
  #state: EngineState = 'starting';
  #failure: CallErrorCode | undefined;
  #process: EngineProcess | undefined;
  #connection: Connection<EngineContract> | undefined;
  #endsInARow = 0;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  /** The engine's calls, as whoever serves the window needs them. They wait while it is being started again. */
  readonly calls: EngineImplementation;

  constructor(options: EngineHostOptions) {
    this.#options = options;
    this.calls = Object.fromEntries(Object.keys(engineContract.methods).map((method) => [
      method, (input: unknown) => this.#call(method as keyof EngineImplementation, input),
    ])) as unknown as EngineImplementation;
  }

  get state(): EngineState { return this.#state; }

  /** Why it could not open the data folder, where it said so. */
  get failure(): CallErrorCode | undefined { return this.#failure; }

  onState(listener: (state: EngineState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => { this.#stateListeners.delete(listener); };
  }

  onEvent(listener: (event: EngineEvent, payload: EventPayload<EngineContract, EngineEvent>) => void): () => void {
    this.#eventListeners.add(listener);
    return () => { this.#eventListeners.delete(listener); };
  }

  start(): void {
    if (this.#process || this.#stopping) return;
    void this.#startOnce();
  }

  /** Lets it write what is to be written, and waits for its end; by force after five seconds. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const running = this.#process;
    if (!running) return;
    await stopEngine(running, new Promise((resolve) => { running.onExit(() => resolve()); }));
  }

  async #startOnce(): Promise<void> {
    const startedAt = performance.now();
    let start: Extract<ToEngine, { type: 'start' }>;
    try {
      start = await this.#options.startMessage();
    } catch (error) {
      this.#failure = error instanceof CallError ? error.code : 'internal';
      this.#options.log.error('engine.key-not-available', { code: this.#failure });
      this.#planRestart(startedAt);
      return;
    }
    if (this.#stopping) return;
    const engine = this.#options.launch();
    this.#process = engine;
    engine.onExit((code) => this.#ended(engine, code, startedAt));
    engine.onMessage((raw) => {
      const message = fromEngineSchema.safeParse(raw);
      if (!message.success || message.data.type === 'frame' || message.data.type === 'host-frame') return;
      if (message.data.type === 'failed') {
        this.#failure = message.data.code;
        this.#options.log.error('engine.not-opened', { code: message.data.code });
      } else {
        this.#opened(engine, startedAt);
      }
    });
    const { chromium: chromiumGet, resolveProxy } = this.#options;
    answerEngine(engine, { ...(chromiumGet ? { chromiumGet } : {}), ...(resolveProxy ? { resolveProxy } : {}) });
    engine.post(start);
    start.key.bytes.fill(0);
  }

  #opened(engine: EngineProcess, startedAt: number): void {
    this.#options.log.info('engine.running', { pid: engine.pid, startMs: Math.round(performance.now() - startedAt) });
    const connection = connect(engineContract, framePort(engine, 'frame'));
    for (const event of Object.keys(engineContract.events) as EngineEvent[]) {
      connection.on(event, (payload) => { for (const listener of this.#eventListeners) listener(event, payload); });
    }
    this.#connection = connection;
    this.#failure = undefined;
    this.#setState('running');
  }

  #ended(engine: EngineProcess, code: number | null, startedAt: number): void {
    if (this.#process !== engine) return;
    this.#process = undefined;
    // Calls under way fail with `engine-stopped`; the window asks again once it runs.
    this.#connection?.close();
    this.#connection = undefined;
    if (this.#stopping) return;
    this.#options.log.warn('engine.ended', { code: code ?? undefined });
    this.#planRestart(startedAt);
  }

  #planRestart(startedAt: number): void {
    if (this.#stopping) return;
    this.#endsInARow = performance.now() - startedAt > SOUND_AFTER_MS ? 1 : this.#endsInARow + 1;
    this.#setState(this.#endsInARow >= FAILED_AFTER ? 'failed' : 'starting');
    this.#restart = setTimeout(() => void this.#startOnce(), restartDelayMs(this.#endsInARow));
  }

  #setState(state: EngineState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#stateListeners) listener(state);
  }

  async #call(method: keyof EngineImplementation, input: unknown): Promise<never> {
    const connection = this.#connection ?? await this.#connectionSoon();
    return (connection.call[method] as (value: unknown) => Promise<never>)(input);
  }

  #connectionSoon(): Promise<Connection<EngineContract>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(limit);
        stopListening();
        if (this.#connection) resolve(this.#connection);
        else reject(new CallError('engine-stopped', this.#failure));
      };
      const limit = setTimeout(settle, CALL_PATIENCE_MS);
      const stopListening = this.onState(settle);
      if (this.#state === 'failed' || this.#stopping) settle();
    });
  }
}
