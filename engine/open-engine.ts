/** @file The engine on a real computer: its ports are this machine's clock, disk and network. */
import type { Settings } from '../shared/domain/settings.ts';
import { systemClock, type Clock } from './clock.ts';
import { dataFolderPaths, diskSpace, prepareDataFolder, type DataFolderPaths } from './data-folder/data-folder.ts';
import { scryptHasher } from './account/password-hash.ts';
import { lockDataFolder, type Lock } from './data-folder/lock.ts';
import { giveReserveUp, keepReserve } from './data-folder/reserve.ts';
import { createEngine } from './engine.ts';
import type { DataKey, Engine } from './engine-types.ts';
import { connectionWatch } from './diagnostics/connection-watch.ts';
import type { GivenEnvironment } from './diagnostics/environment.ts';
import { silentLogger, type Logger } from './logging/logger.ts';
import type { MemoryLog } from './logging/memory-log.ts';
import { rememberingLogger } from './logging/remember.ts';
import { DatabaseError } from './queue/database-error.ts';
import { databaseError } from './queue/sqlite-error.ts';
import { createNetwork, type NetworkPorts } from './network/network.ts';
import { runCommand } from './diagnostics/probes/run-command.ts';
import { holdsAnything, noteSuspicion, openDatabase, setAside, type Database } from './queue/database.ts';
import { createSqliteKeyValueStore } from './queue/sqlite-key-value-store.ts';
import { createSqliteUploadStore } from './queue/sqlite-upload-store.ts';
import { watchDamage } from './queue/watch-damage.ts';
import { systemRandom } from './random.ts';
import { readAdministratorFile } from './settings/administrator-settings.ts';
import { openEncryptedSpool } from './spool/encrypted-spool.ts';
import { sealedUnderAnotherKey } from './spool/key-of-spool.ts';
import { isFull, systemCode } from './system-code.ts';
import type { Http } from './transport/http.ts';
import { createNodeHttp } from './transport/node-http.ts';

export interface OpenEngineOptions {
  dataDir: string;
  /** Needed until `openEngine` has answered; whoever gave it may overwrite it then. */
  key: DataKey;
  /** Who holds the data folder, for the message that a second one gets. */
  kind: 'app' | 'cli';
  /** One that keeps its latest lines in memory has them shown; around any other one is put that does. */
  log?: Logger & { memory?: MemoryLog };
  /** The product's, for the support bundle. */
  version?: string;
  /** What the diagnosis is given of the world beside this computer's usual. */
  diagnosis?: Partial<GivenEnvironment>;
  defaults?: Partial<Settings>;
  /** In place of this operating system's, see [Note: what a fixed setting holds against]. */
  administratorFile?: string;
  /** Sends by itself from the start. Default true; off for commands that only look or add. */
  sending?: boolean;
  /** In place of the network of this computer: tests put faults between. Closed with the engine. */
  http?: Http;
  /** In place of this computer's: tests make it leap. */
  clock?: Clock;
  /** Who knows more of the network than this process does, such as the system's proxies. */
  network?: Partial<NetworkPorts>;
  /**
   * The database was found damaged while in use, once. It is checked, set aside and filled again at the next opening, so
   * whoever can should close this engine and open another.
   */
  onDamaged?: () => void;
}

/**
 * Opens the data folder (making it at the first time) and starts the engine on it. A damaged database is set aside, never
 * deleted, and the queue is made anew from the sealed photos; one of a newer version or under another key is not touched.
 *
 * @throws ForeignFolder where others use the folder; DataFolderInUse where another process has it open; DatabaseError where there can be no queue; SpoolError
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const clock = options.clock ?? systemClock;
  const { log, memory } = rememberingLogger(options.log ?? silentLogger, clock);
  const paths = dataFolderPaths(options.dataDir);
  const lock = await prepareAndLock(paths, options.kind);
  try {
    const { database, replacedAt } = await openWithReserve(paths, options.key.bytes, log);
    const onDamaged = (): void => {
      log.error('database.damaged');
      noteSuspicion(paths.database);
      options.onDamaged?.();
    };
    await keepReserve(paths.reserve);
    const spool = await openEncryptedSpool({ dir: paths.spool, key: options.key.bytes });
    const network = createNetwork({ clock, platform: process.platform, environment: process.env, runCommand, ...options.network });
    const { routes, trust, bandwidth } = network;
    const engine = await createEngine({
      clock,
      random: systemRandom,
      log,
      http: options.http ?? createNodeHttp({ routes, trust, pace: bandwidth }),
      network,
      spool,
      store: watchDamage(createSqliteUploadStore(database), onDamaged),
      keyValues: watchDamage(createSqliteKeyValueStore(database), onDamaged),
      diskSpace: () => diskSpace(paths.spool),
      ...(replacedAt === undefined ? {} : { queueReplacedAt: replacedAt }),
      keySource: options.key.source,
      sending: options.sending ?? true,
      hasher: scryptHasher,
      administrator: readAdministratorFile({ log, ...(options.administratorFile === undefined ? {} : { file: options.administratorFile }) }),
      connection: connectionWatch({
        database, memory, logFolder: paths.logs, spoolFolder: paths.spool, version: options.version ?? 'unknown',
        environment: { routes, trust, ...options.diagnosis },
      }),
      ...(options.defaults ? { defaults: options.defaults } : {}),
    });
    return {
      ...engine,
      async close() {
        await engine.close();
        database.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A folder that cannot be written to is told as the database's would be: to a person it is one and the same. */
async function prepareAndLock(paths: DataFolderPaths, kind: OpenEngineOptions['kind']): Promise<Lock> {
  try {
    await prepareDataFolder(paths);
    return await lockDataFolder(paths.directory, { kind, pid: process.pid });
  } catch (error) {
    const code = systemCode(error);
    if (isFull(code)) throw new DatabaseError('disk-full', { cause: error });
    if (code) throw new DatabaseError('unwritable', { cause: error });
    throw databaseError(error);
  }
}

/** See [Note: the reserve]. */
async function openWithReserve(paths: DataFolderPaths, key: Uint8Array, log: Logger): ReturnType<typeof openOrReplace> {
  try {
    return await openOrReplace(paths, key, log);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.reason !== 'disk-full') throw error;
    log.warn('database.reserve-given-up');
    giveReserveUp(paths.reserve);
    return openOrReplace(paths, key, log);
  }
}

/**
 * Only what is damaged is replaced: a newer version's file, or one under another key, is good and not ours to move. To the cipher a wrong key
 * and a damaged file look the same, and a queue that is gone says nothing of its key, so then the sealed photos are asked.
 */
async function openOrReplace({ database: file, spool }: DataFolderPaths, key: Uint8Array, log: Logger): Promise<{ database: Database; replacedAt?: number }> {
  try {
    if (!holdsAnything(file) && await sealedUnderAnotherKey(spool, key)) throw new DatabaseError('wrong-key');
    return { database: openDatabase({ file, key }) };
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.reason !== 'damaged') throw error;
    if (await sealedUnderAnotherKey(spool, key)) throw new DatabaseError('wrong-key', { cause: error });
    const replacedAt = systemClock.now();
    setAside(file, replacedAt);
    log.error('database.set-aside');
    return { database: openDatabase({ file, key }), replacedAt };
  }
}
