import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Profile {
  folder: string;
  /** Takes it away where it was for this command alone. */
  remove(): void;
}

/**
 * Where Chromium keeps its own files while a command runs.
 *
 * [Note: a command's profile] Not where the window's are: the app may be using those, and a command that only shows its help, or is refused a
 * folder of somebody else's, must leave nothing in the data folder. So each has one of its own, which goes with it. The exception is Windows,
 * where the secret of the keychain lies in the window's profile (`Local State`), sealed by the account: without it no key is opened. There that
 * profile is used if the window has ever made one; with what it holds already, a second process changes nothing of it.
 *
 * @param windowProfile of the window on the same data; undefined where nobody knows which data it is
 */
export function commandProfile(platform: NodeJS.Platform, windowProfile: string | undefined): Profile {
  if (platform === 'win32' && windowProfile !== undefined && existsSync(join(windowProfile, 'Local State'))) return { folder: resolve(windowProfile), remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'relevo-command-'));
  return {
    folder,
    remove() {
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch {
        // Something in it is still open. The system clears its temporary folder itself.
      }
    },
  };
}
