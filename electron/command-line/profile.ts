import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Profile {
  folder: string;
  /** Takes it away where it was for this command alone. */
  remove(): void;
}

/** With the number of the process that it is for. */
const named = /^relevo-command-(\d+)-/;

/**
 * Where Chromium keeps its own files while a command runs.
 *
 * [Note: a command's profile] Not where the window's are: the app may be using those, and a command that only shows its help, or is refused a
 * folder of somebody else's, must leave nothing in the data folder. So each has one of its own, which goes with it. The exception is Windows,
 * where the secret of the keychain lies in the window's profile (`Local State`), sealed by the account: without it no key is opened. There that
 * profile is used if the window has ever made one; with what it holds already, a second process changes nothing of it.
 *
 * Chromium's own processes write into it to the very end, and may make it once more after it was taken away. So a command also takes away what
 * it finds of commands that have ended, or were killed.
 *
 * @param windowProfile of the window on the same data; undefined where nobody knows which data it is
 * @param parent where the folders of commands lie
 */
export function commandProfile(platform: NodeJS.Platform, windowProfile: string | undefined, parent = tmpdir()): Profile {
  if (platform === 'win32' && windowProfile !== undefined && existsSync(join(windowProfile, 'Local State'))) return { folder: resolve(windowProfile), remove: () => undefined };
  removeLeftOver(parent);
  const folder = mkdtempSync(join(parent, `relevo-command-${process.pid}-`));
  return { folder, remove: () => removeFolder(folder) };
}

function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  } catch {
    // Something in it is still open. The next command takes it away.
  }
}

function removeLeftOver(parent: string): void {
  for (const name of namesIn(parent)) {
    const pid = Number(named.exec(name)?.[1] ?? 0);
    const folder = join(parent, name);
    try {
      if (pid > 0 && !runs(pid) && lstatSync(folder).uid === (process.getuid?.() ?? 0)) removeFolder(folder);
    } catch {
      // Another command has just taken it away.
    }
  }
}

/** None where they cannot be read: it is only tidying up. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
