import { posix, win32 } from 'node:path';

export interface MachineFacts {
  platform: NodeJS.Platform;
  homeDir: string;
  environment: Record<string, string | undefined>;
}

/**
 * Where the queue, the photos on their way and the settings lie when nobody says otherwise. The app and the command line must agree on
 * it: `RELEVO_DATA_DIR`, else the operating system's place for a program's own data that does not roam between computers (a queue must
 * not be in two places at once).
 * Sources: XDG Base Directory 0.8 (`XDG_DATA_HOME`, absolute or to be ignored); KNOWNFOLDERID LocalAppData; Apple's File System
 * Programming Guide, "Library/Application Support".
 */
export function defaultDataDir({ platform, homeDir, environment }: MachineFacts): string {
  const named = environment.RELEVO_DATA_DIR;
  if (named) return named;
  if (platform === 'win32') return win32.join(environment.LOCALAPPDATA || win32.join(homeDir, 'AppData', 'Local'), 'Relevo');
  if (platform === 'darwin') return posix.join(homeDir, 'Library', 'Application Support', 'Relevo');
  const dataHome = environment.XDG_DATA_HOME;
  return posix.join(dataHome && posix.isAbsolute(dataHome) ? dataHome : posix.join(homeDir, '.local', 'share'), 'relevo');
}
