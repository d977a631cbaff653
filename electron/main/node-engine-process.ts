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

/**
 * [Note: what a fork inherits] Chromium opens its descriptors so that a plain fork inherits them, the far end of a channel to a process of
 * its own among them. Where that process then dies, as the GPU's does twice at every start of a computer without one, its channel stays
 * open through us: Chromium waits for the dead, and the window is never drawn (seen in 1 of 30 starts of Electron 33 on Linux). So
 * everything but the streams and our own channel is closed before Node begins. Node itself could not tell its own from what it was left.
 */
const CLOSE_INHERITED = 'for fd in /proc/self/fd/*; do n=${fd##*/}; if ((n > 3)); then eval "exec $n>&-"; fi; done; exec "$0" "$@"';

/** The engine on a Node of its own. See [Note: two ways to run the engine]. */
export function launchNodeProcess(file: string, node: string, env: NodeJS.ProcessEnv): EngineProcess {
  const started = process.platform === 'linux' ? { execPath: 'bash', execArgv: ['-c', CLOSE_INHERITED, node] } : { execPath: node, execArgv: [] };
  const child = fork(file, [], { ...started, serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
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
