import { homedir, userInfo } from 'node:os';
import { isAbsolute, posix, win32 } from 'node:path';

export interface MachineFacts {
  platform: NodeJS.Platform;
  homeDir: string;
  environment: Record<string, string | undefined>;
}

/** Nobody says where this user's own folder is. */
export class NoHomeFolder extends Error {
  override readonly name = 'NoHomeFolder';
}

/**
 * This user's own folder. Where the environment names none (an empty HOME, as some services have it) the system is asked: taken as a
 * path, an empty one is the folder in which the command happens to run, and the queue would lie there.
 *
 * @returns an empty text where nobody knows
 */
export function homeFolder(): string {
  const named = homedir();
  if (isAbsolute(named)) return named;
  try {
    return userInfo().homedir;
  } catch {
    return '';
  }
}

/**
 * Where the queue, the photos on their way and the settings lie when nobody says otherwise. The app and the command line must agree on
 * it: `RELEVO_DATA_DIR`, else the operating system's place for a program's own data that does not roam between computers (a queue must
 * not be in two places at once).
 *
 * @throws NoHomeFolder where it is needed and not known
 *
 * Sources: XDG Base Directory 0.8 (`XDG_DATA_HOME`, absolute or to be ignored); KNOWNFOLDERID LocalAppData; Apple's File System
 * Programming Guide, "Library/Application Support".
 */
export function defaultDataDir({ platform, homeDir, environment }: MachineFacts): string {
  const named = environment.RELEVO_DATA_DIR;
  if (named) return named;
  const path = platform === 'win32' ? win32 : posix;
  const home = (): string => {
    if (!path.isAbsolute(homeDir)) throw new NoHomeFolder('the home folder is not known');
    return homeDir;
  };
  if (platform === 'win32') return win32.join(environment.LOCALAPPDATA || win32.join(home(), 'AppData', 'Local'), 'Relevo');
  if (platform === 'darwin') return posix.join(home(), 'Library', 'Application Support', 'Relevo');
  const dataHome = environment.XDG_DATA_HOME;
  return posix.join(dataHome && posix.isAbsolute(dataHome) ? dataHome : posix.join(home(), '.local', 'share'), 'relevo');
}
