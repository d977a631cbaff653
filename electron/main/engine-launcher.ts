import { utilityProcess } from 'electron';
import { engineEnvironment } from './engine-environment.ts';
import { launchNodeProcess } from './node-engine-process.ts';
import type { EngineProcess } from './node-engine-process.ts';

/**
 * [Note: two ways to run the engine] What is installed runs it as a utility process of Electron. On a development runtime older than
 * Electron 35 the database's native module does not load (it needs Node-API 10), so there a Node 24 beside it runs the same file, which
 * speaks the same messages. Only unpackaged: an installed app must not run whatever an environment variable names.
 */
export function launchEngine(file: string, node: string | undefined, environment: NodeJS.ProcessEnv): EngineProcess {
  const env = engineEnvironment(environment);
  return node === undefined ? launchUtilityProcess(file, env) : launchNodeProcess(file, node, env);
}

function launchUtilityProcess(file: string, env: NodeJS.ProcessEnv): EngineProcess {
  const child = utilityProcess.fork(file, [], { serviceName: 'Relevo engine', stdio: 'inherit', env });
  return {
    get pid() { return child.pid; },
    post: (message) => child.postMessage(message),
    onMessage: (listener) => { child.on('message', listener); },
    onExit: (listener) => { child.once('exit', listener); },
    // Not `child.kill()`: that asks, and a process that hangs does not hear it.
    kill: () => { if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL'); },
  };
}
