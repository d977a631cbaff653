/** @file How a command reaches an engine: one that runs already, or its own for as long as the command lasts. */
import { join } from 'node:path';
import { systemClock } from '../engine/clock.ts';
import { loadDataKey } from '../engine/data-folder/data-key.ts';
import type { DataFolderInUse } from '../engine/data-folder/lock.ts';
import type { Engine } from '../engine/engine-types.ts';
import { connectLocalSocket } from '../engine/local-socket/connect-local-socket.ts';
import { serveLocalSocket, type LocalSocket } from '../engine/local-socket/serve-local-socket.ts';
import { createFileLogger } from '../engine/logging/file-logger.ts';
import { engineContract, type EngineContract } from '../shared/engine-contract.ts';
import type { MessageChannelPort } from '../shared/rpc/contract.ts';
import { connect, serve, type Connection } from '../shared/rpc/typed-rpc.ts';
import type { CommandIo } from './io.ts';
import { productVersion } from './product-version.ts';

/** An engine that is just starting or ending, in the app or in another command, is worth waiting for. */
const patienceMs = 10_000;
const knockEveryMs = 100;

export interface EngineSession {
  readonly call: Connection<EngineContract>['call'];
  on: Connection<EngineContract>['on'];
  /** @param now does not wait for other commands that use this one's engine. */
  close(options?: { now?: boolean }): Promise<void>;
}

/**
 * Reaches the engine of a data folder. Only one may have it open, so a running one is asked first; otherwise our own is opened,
 * which serves other commands in turn as long as it lasts.
 *
 * @throws DataFolderInUse where it is taken and does not answer; DataKeyError; DatabaseError
 */
export async function openEngineSession(dataDir: string, io: Pick<CommandIo, 'environment' | 'signal'>): Promise<EngineSession> {
  const giveUpAt = systemClock.monotonic() + patienceMs;
  for (;;) {
    io.signal.throwIfAborted();
    const connection = await connectLocalSocket(dataDir);
    if (connection) return { call: connection.call, on: connection.on, close: () => { connection.close(); return Promise.resolve(); } };
    const own = await openOwn(dataDir, io.environment);
    if (!(own instanceof Error)) return own;
    if (systemClock.monotonic() > giveUpAt) throw own;
    await systemClock.sleep(knockEveryMs, io.signal);
  }
}

/** @returns why not, where another process has the folder open. */
async function openOwn(dataDir: string, environment: CommandIo['environment']): Promise<EngineSession | DataFolderInUse> {
  // Loaded only here: help, wrong usage and a command on a running engine need neither the database nor the network.
  const [{ openEngine }, { DataFolderInUse }] = await Promise.all([import('../engine/open-engine.ts'), import('../engine/data-folder/lock.ts')]);
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
  return ownSession(engine, socket, log);
}

function ownSession(engine: Engine, socket: LocalSocket | undefined, log: ReturnType<typeof createFileLogger>): EngineSession {
  const [ours, theirs] = portPair();
  const server = serve(engineContract, engine.calls, theirs, {
    onUnexpected: (method, error) => log.error('command.unexpected', { method, errorName: error instanceof Error ? error.name : typeof error }),
  });
  const unsubscribe = engine.subscribe((event, payload) => server.emit(event, payload));
  const connection = connect(engineContract, ours);
  return {
    call: connection.call,
    on: connection.on,
    async close({ now = false } = {}) {
      if (!now) await socket?.untilAlone();
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
