import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DataKey } from '../../engine/engine-types.ts';
import { makeFolderNow } from '../../engine/data-folder/make-folder.ts';
import { DataKeyError, loadDataKey, moved, sealedKeyFileName } from '../../engine/data-folder/data-key.ts';

/** Seals small secrets with the operating system's keychain. */
export interface Vault {
  /** False where it would only obfuscate, as Chromium's `basic_text` on a Linux without a keyring does. */
  isReal(): boolean;
  /** Whether `isReal` may be true. Unlike that, it never has the system make anything. */
  mayBeReal(): boolean;
  seal(text: string): Buffer;
  /** @throws if it was sealed by another user or keychain. */
  unseal(sealed: Buffer): string;
}

/** The keychain has a sealed key of this data folder, and does not give it. Nothing may be made anew in its place. */
export class KeyLockedError extends Error {
  override readonly name = 'KeyLockedError';
}

const KEY_BYTES = 32;

export interface KeyOptions {
  dataDir: string;
  environment: Record<string, string | undefined>;
  vault: Vault;
  /** Whether a folder without any key gets one from the keychain. Default: yes. */
  mayMake?: boolean;
}

/**
 * The key of the data at rest.
 *
 * [Note: one source for good] Where a key was made, there it is looked for ever after: data sealed with one key cannot be read with
 * another, and a keychain that is locked or missing today must not lead to a new key. So what lies in the folder decides, and the keychain
 * is chosen only for a folder without any.
 *
 * @throws KeyLockedError if the keychain does not open the sealed key.
 * @throws DataKeyError where the key comes from the environment or the key file, and cannot be had, or where none may be made.
 */
export async function obtainDataKey({ dataDir, environment, vault, mayMake = true }: KeyOptions): Promise<DataKey> {
  makeFolderNow(dataDir);
  const sealedFile = join(dataDir, sealedKeyFileName);
  if (existsSync(sealedFile)) return unseal(sealedFile, vault);
  if (environment.RELEVO_KEY || holdsData(dataDir)) return loadDataKey({ dataDir, environment });
  // To ask a keychain whether it is there has some systems make the secret that everything is sealed with.
  if (!mayMake && vault.mayBeReal()) throw new DataKeyError('not-made-yet');
  if (!mayMake || !vault.isReal()) return loadDataKey({ dataDir, environment });
  seal(sealedFile, randomBytes(KEY_BYTES), vault);
  // Read back, so that what is used now is what will be found next time.
  return unseal(sealedFile, vault);
}

/** Whether the folder holds more than what main itself puts there: then its data was made with a key from elsewhere. */
function holdsData(dataDir: string): boolean {
  return readdirSync(dataDir).some((name) => name !== 'window' && !name.startsWith(sealedKeyFileName));
}

function unseal(file: string, vault: Vault): DataKey {
  let bytes: Buffer;
  try {
    bytes = Buffer.from(vault.unseal(readFileSync(file)), 'base64');
  } catch {
    throw new KeyLockedError('the keychain does not open the sealed key');
  }
  if (bytes.length !== KEY_BYTES) throw new KeyLockedError('the sealed key is damaged');
  return { bytes: moved(bytes), source: 'keychain' };
}

/** Durable before it is used, and never over one that is there: `link` refuses where `rename` would replace. */
function seal(file: string, key: Buffer, vault: Vault): void {
  const unfinished = `${file}.${process.pid}.new`;
  const handle = openSync(unfinished, 'wx', 0o600);
  try {
    writeSync(handle, vault.seal(key.toString('base64')));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
    key.fill(0);
  }
  try {
    linkSync(unfinished, file);
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(unfinished);
  }
  syncDirectory(dirname(file));
}

function syncDirectory(dir: string): void {
  // Windows cannot open a folder for this, and its file system journals the entry.
  if (process.platform === 'win32') return;
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
