import { fork } from 'node:child_process';

/** The engine's process, however it is run. */
export interface EngineProcess {
  /** Undefined until it runs, and where it could not be started. */
  readonly pid: number | undefined;
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once, also when it could not be started at all. */
  onExit(listener: (code: number | null) => void): void;
  /** At once and without a word to it; the queue on the disk survives that. */
  kill(): void;
}

/** The engine on a Node of its own. See [Note: two ways to run the engine]. */
export function launchNodeProcess(file: string, node: string, env: NodeJS.ProcessEnv): EngineProcess {
  const child = fork(file, [], { execPath: node, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
  return {
    get pid() { return child.pid; },
    // A pipe that closes between the check and the writing makes an error that only the callback may see; the exit is told anyway.
    post: (message) => { if (child.connected) child.send(message as object, () => undefined); },
    onMessage: (listener) => { child.on('message', listener); },
    onExit: (listener) => {
      let told = false;
      const tell = (code: number | null): void => {
        if (told) return;
        told = true;
        listener(code);
      };
      child.once('exit', tell);
      child.once('error', () => tell(null));
    },
    kill: () => { child.kill('SIGKILL'); },
  };
}
