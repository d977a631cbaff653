import { CallError } from '../../shared/rpc/call-error.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { DatabaseError } from '../../engine/queue/database-error.ts';
import { fromEngineSchema } from '../engine-process/messages.ts';
import type { ToEngine } from '../engine-process/messages.ts';
import { answerEngine, framePort, stopEngine } from '../main/engine-port.ts';
import type { HostCalls } from '../main/engine-port.ts';
import type { EngineProcess } from '../main/node-engine-process.ts';

type First = Extract<ToEngine, { type: 'start' | 'recover' }>;

/** An engine's process for as long as one command lasts. It is not started again if it dies: the command fails, and can be repeated. */
export class OwnEngine {
  readonly #process: EngineProcess;
  /** Resolves when the process is no more. */
  readonly gone: Promise<void>;
  readonly port: MessageChannelPort;

  private constructor(engine: EngineProcess) {
    this.#process = engine;
    this.gone = new Promise((resolve) => { engine.onExit(() => resolve()); });
    this.port = framePort(engine, 'frame');
  }

  /**
   * @param first with the key, which is overwritten as soon as it is handed over
   * @param signal stops one that is still opening, by force where it hangs
   * @throws CallError, `data-folder-in-use` among others; DatabaseError; the signal's reason
   */
  static async start(launched: EngineProcess, first: First, answers: HostCalls, signal: AbortSignal): Promise<OwnEngine> {
    const engine = new OwnEngine(launched);
    answerEngine(launched, answers);
    const failure = new Promise<Error | undefined>((resolve) => {
      launched.onMessage((raw) => {
        const message = fromEngineSchema.safeParse(raw).data;
        if (message?.type === 'ready') resolve(undefined);
        if (message?.type === 'failed') resolve(message.database ? new DatabaseError(message.database) : new CallError(message.code));
      });
      void engine.gone.then(() => resolve(new CallError('engine-stopped')));
    });
    launched.post(first);
    first.key.bytes.fill(0);
    const stopListening = engine.#stopOn(signal);
    try {
      const error = await failure;
      if (!error && !signal.aborted) return engine;
      // It ends by itself, and must have given the folder free before the next is tried.
      await engine.gone;
      signal.throwIfAborted();
      throw error ?? new CallError('engine-stopped');
    } finally {
      stopListening();
    }
  }

  /** Lets it write what is to be written, and waits for its end. */
  async stop(): Promise<void> {
    await stopEngine(this.#process, this.gone);
  }

  /** As `stop`, but not before the commands that it answers have gone, or the signal wants no more waiting. */
  async stopWhenAlone(signal: AbortSignal): Promise<void> {
    this.#process.post({ type: 'stop', whenAlone: true } satisfies ToEngine);
    const stopListening = this.#stopOn(signal);
    await this.gone;
    stopListening();
  }

  #stopOn(signal: AbortSignal): () => void {
    const onAbort = (): void => void this.stop();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return () => signal.removeEventListener('abort', onAbort);
  }
}
