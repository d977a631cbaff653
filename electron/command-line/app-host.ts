/** @file What commands stand on in the installed app: the key from the keychain, the engine in the app's own process for it. */
import type { CommandHost } from '../../cli/command-host.ts';
import { dataFolderPaths } from '../../engine/data-folder/data-folder.ts';
import { DataKeyError } from '../../engine/data-folder/data-key.ts';
import { DataFolderInUse, readHolder } from '../../engine/data-folder/lock-holder.ts';
import { whoseFolder } from '../../engine/data-folder/whose-folder.ts';
import type { DataKey } from '../../engine/engine-types.ts';
import { isFull, systemCode } from '../../engine/system-code.ts';
import { engineContract } from '../../shared/engine-contract.ts';
import { recoveryContract } from '../../shared/recovery-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { connect } from '../../shared/rpc/typed-rpc.ts';
import type { HostCalls } from '../main/engine-port.ts';
import type { EngineProcess } from '../main/node-engine-process.ts';
import { KeyLockedError, obtainDataKey } from '../main/secrets.ts';
import type { Vault } from '../main/secrets.ts';
import { OwnEngine } from './own-engine.ts';

export interface AppHostOptions {
  version: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Before it neither the keychain nor a process of the engine is to be had. */
  ready: Promise<unknown>;
  vault: Vault;
  launch(): EngineProcess;
  /** What the engine asks of main. */
  answers: HostCalls;
  /** In place of the operating system's; see `electron/main/development.ts`. */
  administratorFile?: string | undefined;
}

export function createAppHost({ version, environment, ready, vault, launch, answers, administratorFile }: AppHostOptions): CommandHost {
  /**
   * [Note: a command makes no key in the keychain] Two that begin in the same instant on a new computer, the app and a command, would each
   * have the system make a secret for its keychain, and with the second one what was sealed under the first could never be opened again. The
   * app is only ever there once, so it alone makes one. Even to ask whether a keychain is there may have it made: a command goes by what is
   * known without, see `Vault.mayBeReal`.
   */
  async function keyOf(dataDir: string): Promise<DataKey> {
    await whoseFolder(dataDir);
    await ready;
    try {
      return await obtainDataKey({ dataDir, environment, vault, mayMake: false });
    } catch (error) {
      if (error instanceof KeyLockedError) throw new DataKeyError('keychain-locked', { cause: error });
      const code = systemCode(error);
      if (!code) throw error;
      throw new DataKeyError(isFull(code) ? 'disk-full' : 'file-unwritable', { cause: error });
    }
  }

  const inUse = async (dataDir: string): Promise<DataFolderInUse> => new DataFolderInUse(await readHolder(dataFolderPaths(dataDir).lockHolder));
  const isInUse = (error: unknown): boolean => error instanceof CallError && error.code === 'data-folder-in-use';

  return {
    version,
    openAgainAfterMs: 1_000,

    async openEngine(dataDir, { signal }) {
      const key = await keyOf(dataDir);
      let engine: OwnEngine;
      try {
        engine = await OwnEngine.start(launch(), { type: 'start', dataDir, key, version, command: true, ...(administratorFile ? { administratorFile } : {}) }, answers, signal);
      } catch (error) {
        // Ctrl-C reaches an engine that is only just beginning before it can leave it to us.
        signal.throwIfAborted();
        if (isInUse(error)) return inUse(dataDir);
        throw error;
      }
      const connection = connect(engineContract, engine.port);
      void engine.gone.then(() => connection.close());
      return {
        call: connection.call,
        on: connection.on,
        close: () => engine.stopWhenAlone(signal),
      };
    },

    async recover({ dataDir, folder, onProgress }, { signal }) {
      const key = await keyOf(dataDir);
      const engine = await OwnEngine.start(launch(), { type: 'recover', dataDir, key }, answers, signal);
      const connection = connect(recoveryContract, engine.port);
      void engine.gone.then(() => connection.close());
      connection.on('progress', ({ done, total }) => onProgress(done, total));
      const onAbort = (): void => void engine.stop();
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      try {
        return (await connection.call.recover({ folder })).photos;
      } catch (error) {
        signal.throwIfAborted();
        if (isInUse(error)) throw await inUse(dataDir);
        if (error instanceof CallError && error.code === 'not-possible-now') throw Object.assign(new Error('the target cannot be written to', { cause: error }), { code: error.detail });
        throw error;
      } finally {
        signal.removeEventListener('abort', onAbort);
        await engine.stop();
      }
    },
  };
}
