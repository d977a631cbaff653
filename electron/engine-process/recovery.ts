import { DataFolderInUse } from '../../engine/data-folder/lock-holder.ts';
import { recoverDataFolder } from '../../engine/spool/recover-data-folder.ts';
import { systemCode } from '../../engine/system-code.ts';
import { recoveryContract } from '../../shared/recovery-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { serve } from '../../shared/rpc/typed-rpc.ts';

class Stopped extends Error {}

/**
 * Answers whoever wants the sealed photos of a data folder: once, since the key is overwritten as soon as it is used.
 *
 * @returns ends what is under way, after the photo that it is at: a half one must not lie beside the whole ones
 */
export function serveRecovery({ dataDir, key }: { dataDir: string; key: Uint8Array }, port: MessageChannelPort, onUnexpected: (method: string, error: unknown) => void): () => Promise<void> {
  let stopped = false;
  let running: Promise<unknown> = Promise.resolve();
  const server = serve(recoveryContract, {
    recover: async ({ folder }) => {
      const recovery = recoverDataFolder({
        dataDir, key, folder,
        onPhoto: (done, total) => {
          if (stopped) throw new Stopped();
          server.emit('progress', { done, total });
        },
      });
      running = recovery.catch(() => undefined);
      return { photos: await recovery.catch((error: unknown) => { throw asCallError(error); }) };
    },
  }, port, { onUnexpected });
  return async () => {
    stopped = true;
    await running;
    server.close();
  };
}

function asCallError(error: unknown): unknown {
  if (error instanceof DataFolderInUse) return new CallError('data-folder-in-use');
  if (error instanceof Stopped) return new CallError('engine-stopped');
  const code = systemCode(error);
  return code ? new CallError('not-possible-now', code) : error;
}
