/** @file The engine on a real computer: its ports are this machine's clock, disk and network. */
import type { Settings } from '../shared/domain/settings.ts';
import { systemClock } from './clock.ts';
import { dataFolderPaths, freeBytes, prepareDataFolder } from './data-folder/data-folder.ts';
import { lockDataFolder } from './data-folder/lock.ts';
import { createEngine } from './engine.ts';
import type { DataKey, Engine } from './engine-types.ts';
import { silentLogger, type Logger } from './logging/logger.ts';
import { openDatabase } from './queue/database.ts';
import { createSqliteKeyValueStore } from './queue/sqlite-key-value-store.ts';
import { createSqliteUploadStore } from './queue/sqlite-upload-store.ts';
import { systemRandom } from './random.ts';
import { openEncryptedSpool } from './spool/encrypted-spool.ts';
import { createNodeHttp } from './transport/node-http.ts';

export interface OpenEngineOptions {
  dataDir: string;
  key: DataKey;
  /** Who holds the data folder, for the message that a second one gets. */
  kind: 'app' | 'cli';
  log?: Logger;
  defaults?: Partial<Settings>;
  /** Sends by itself from the start. Default true; off for commands that only look or add. */
  sending?: boolean;
}

/**
 * Opens the data folder (making it at the first time) and starts the engine on it.
 *
 * @throws DataFolderInUse where another process has it open; DatabaseError where the queue cannot be read
 */
export async function openEngine(options: OpenEngineOptions): Promise<Engine> {
  const log = options.log ?? silentLogger;
  const paths = dataFolderPaths(options.dataDir);
  await prepareDataFolder(paths);
  const lock = await lockDataFolder(options.dataDir, { kind: options.kind, pid: process.pid });
  try {
    const database = openDatabase({ file: paths.database, key: options.key.bytes });
    const spool = await openEncryptedSpool({ dir: paths.spool, key: options.key.bytes });
    const engine = await createEngine({
      clock: systemClock,
      random: systemRandom,
      log,
      http: createNodeHttp(),
      spool,
      store: createSqliteUploadStore(database),
      keyValues: createSqliteKeyValueStore(database),
      diskFree: () => freeBytes(paths.spool),
      keySource: options.key.source,
      sending: options.sending ?? true,
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
