import type { DataFolderInUse } from '../engine/data-folder/lock-holder.ts';
import type { RecoveredPhoto } from '../shared/domain/recovered-photo.ts';
import type { CommandContext } from './context.ts';
import type { EngineSession } from './engine-session.ts';
import type { CommandIo } from './io.ts';

/**
 * Port: what commands stand on that differs from one installation to another. From the sources all of it is in the command's own process
 * (`local-host.ts`); the installed app has its key from the keychain and its engine in a process beside it (`electron/command-line/app-host.ts`).
 */
export interface CommandHost {
  /** The product's. */
  readonly version: string;
  /**
   * Opens the data folder and an engine on it that sends nothing by itself, for as long as the command lasts. Other commands are answered
   * by it meanwhile.
   *
   * @returns why not, where another process has the folder open
   * @throws ForeignFolder; DataKeyError; DatabaseError
   */
  openEngine(dataDir: string, io: Pick<CommandIo, 'environment' | 'signal'>): Promise<EngineSession | DataFolderInUse>;
  /** How long to leave between two tries of `openEngine`, where each costs a process. Default: no longer than between two looks for a running one. */
  readonly openAgainAfterMs?: number;
  /** @throws ForeignFolder; DataKeyError; DataFolderInUse; Error of the system, with its code, where the target cannot be written to */
  recover(recovery: RecoverRequest, io: Pick<CommandIo, 'environment' | 'signal'>): Promise<RecoveredPhoto[]>;
  /** A backend for trying things out. Only where it comes with the command line; elsewhere there is no such command. */
  sandbox?: (context: CommandContext, args: readonly string[]) => Promise<number>;
}

export interface RecoverRequest {
  dataDir: string;
  /** Where the photos go. */
  folder: string;
  onProgress(done: number, total: number): void;
}
