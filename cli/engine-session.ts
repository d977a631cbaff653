/** @file How a command reaches an engine: one that runs already, or its own for as long as the command lasts. */
import { systemClock } from '../engine/clock.ts';
import { connectLocalSocket } from '../engine/local-socket/connect-local-socket.ts';
import type { EngineContract } from '../shared/engine-contract.ts';
import type { Connection } from '../shared/rpc/typed-rpc.ts';
import type { CommandHost } from './command-host.ts';
import type { CommandIo } from './io.ts';

/** An engine that is just starting or ending, in the app or in another command, is worth waiting for. */
const patienceMs = 10_000;
const knockEveryMs = 100;

export interface EngineSession {
  readonly call: Connection<EngineContract>['call'];
  on: Connection<EngineContract>['on'];
  /** Waits for other commands that use this one's engine, for as long as the signal that it was opened with does not abort. */
  close(): Promise<void>;
}

/**
 * Reaches the engine of a data folder. Only one may have it open, so a running one is asked first; otherwise our own is opened,
 * which serves other commands in turn as long as it lasts.
 *
 * @throws DataFolderInUse where it is taken and does not answer; what `host.openEngine` throws
 */
export async function openEngineSession(dataDir: string, io: Pick<CommandIo, 'environment' | 'signal'>, host: Pick<CommandHost, 'openEngine' | 'openAgainAfterMs'>): Promise<EngineSession> {
  const giveUpAt = systemClock.monotonic() + patienceMs;
  let openAt = 0;
  for (;;) {
    io.signal.throwIfAborted();
    const connection = await connectLocalSocket(dataDir);
    if (connection) return { call: connection.call, on: connection.on, close: () => { connection.close(); return Promise.resolve(); } };
    if (systemClock.monotonic() >= Math.min(openAt, giveUpAt)) {
      const own = await host.openEngine(dataDir, io);
      if (!(own instanceof Error)) return own;
      if (systemClock.monotonic() > giveUpAt) throw own;
      openAt = systemClock.monotonic() + (host.openAgainAfterMs ?? 0);
    }
    await systemClock.sleep(knockEveryMs, io.signal);
  }
}
