/** @file The command line from its sources: the engine in the command's own process, the key from a file or the environment. */
import { join } from 'node:path';
import { systemClock } from '../engine/clock.ts';
import { loadDataKey } from '../engine/data-folder/data-key.ts';
import { DataFolderInUse } from '../engine/data-folder/lock-holder.ts';
import type { Engine } from '../engine/engine-types.ts';
import { serveLocalSocket, type LocalSocket } from '../engine/local-socket/serve-local-socket.ts';
import { createFileLogger } from '../engine/logging/file-logger.ts';
import { engineContract } from '../shared/engine-contract.ts';
import type { MessageChannelPort } from '../shared/rpc/contract.ts';
import { connect, serve } from '../shared/rpc/typed-rpc.ts';
import type { CommandHost } from './command-host.ts';
import { sandbox } from './commands/sandbox.ts';
import type { EngineSession } from './engine-session.ts';
import { unlessAborted, type CommandIo } from './io.ts';
import { productVersion } from './product-version.ts';

export const localHost: CommandHost = {
  version: productVersion(),
  openEngine: openOwn,
  recover: async ({ dataDir, folder, onProgress }, { environment, signal }) => {
    const [{ recoverDataFolder }, key] = await Promise.all([import('../engine/spool/recover-data-folder.ts'), loadDataKey({ dataDir, environment })]);
    return recoverDataFolder({
      dataDir, key: key.bytes, folder,
      onPhoto: (done, total) => {
        signal.throwIfAborted();
        onProgress(done, total);
      },
    });
  },
  sandbox,
};

/** @returns why not, where another process has the folder open. */
async function openOwn(dataDir: string, { environment, signal }: Pick<CommandIo, 'environment' | 'signal'>): Promise<EngineSession | DataFolderInUse> {
  // Loaded only here: help, wrong usage and a command on a running engine need neither the database nor the network.
  const { openEngine } = await import('../engine/open-engine.ts');
  const key = await loadDataKey({ dataDir, environment });
  const log = createFileLogger({ dir: join(dataDir, 'logs'), level: 'info', clock: systemClock });
  let engine: Engine;
  try {
    // Commands that only look or add leave the sending to `sync` and to the app.
    engine = await openEngine({ dataDir, key, kind: 'cli', log, sending: false, version: productVersion(), ...(environment.RELEVO_ADMIN_SETTINGS ? { administratorFile: environment.RELEVO_ADMIN_SETTINGS } : {}) });
  } catch (error) {
    await log.close();
    if (error instanceof DataFolderInUse) return error;
    throw error;
  } finally {
    key.bytes.fill(0);
  }
  // Without it another command must wait for this one; no reason to do nothing at all.
  const socket = await serveLocalSocket(dataDir, engine, { log }).catch((error: unknown) => {
    log.warn('local-socket.not-served', { errorName: error instanceof Error ? error.name : typeof error });
    return undefined;
  });
  return ownSession(engine, socket, log, signal);
}

function ownSession(engine: Engine, socket: LocalSocket | undefined, log: ReturnType<typeof createFileLogger>, signal: AbortSignal): EngineSession {
  const [ours, theirs] = portPair();
  const server = serve(engineContract, engine.calls, theirs, {
    onUnexpected: (method, error) => log.error('command.unexpected', { method, errorName: error instanceof Error ? error.name : typeof error }),
  });
  const unsubscribe = engine.subscribe((event, payload) => server.emit(event, payload));
  const connection = connect(engineContract, ours);
  return {
    call: connection.call,
    on: connection.on,
    async close() {
      if (socket) await unlessAborted(signal, socket.untilAlone()).catch(() => undefined);
      unsubscribe();
      connection.close();
      server.close();
      await socket?.close();
      await engine.close();
      await log.close();
    },
  };
}

/** Our own engine is called as one elsewhere is: the same parsing, the same errors. */
function portPair(): [MessageChannelPort, MessageChannelPort] {
  const listeners: [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()];
  const end = (mine: 0 | 1): MessageChannelPort => ({
    post: (message) => queueMicrotask(() => { for (const listener of listeners[mine === 0 ? 1 : 0]) listener(message); }),
    onMessage(listener) {
      listeners[mine].add(listener);
      return () => { listeners[mine].delete(listener); };
    },
  });
  return [end(0), end(1)];
}
