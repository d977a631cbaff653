/**
 * @file The settings that an administrator deploys to many computers, in one file that the person at the computer cannot write.
 *
 * [Note: what a fixed setting holds against] Mistakes, and well-meant changes. Not somebody who is set on it: whoever can start a program
 * can start one that reads no file, with the same rights to the same data. Hence another file may be named by the environment where the
 * product is tested, and an installed app does not look there, so that a variable left behind changes nothing by accident.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { z } from 'zod';
import { settingsChangesSchema, type Settings } from '../../shared/domain/settings.ts';
import type { Status } from '../../shared/engine-contract.ts';
import type { Logger } from '../logging/logger.ts';

export const administratorFileSchema = z.strictObject({
  /** Hold where a person has chosen nothing else. */
  defaults: settingsChangesSchema.default({}),
  /** Hold whatever a person chose; nobody can change them on this computer. */
  fixed: settingsChangesSchema.default({}),
});

export interface GivenSettings {
  defaults: Partial<Settings>;
  fixed: Partial<Settings>;
  state: NonNullable<Status['administratorFile']>;
}

export interface AdministratorSettings {
  get(): GivenSettings;
  /** Reads the file again; listeners hear of it if it says something else. */
  look(): void;
  onChange(listener: () => void): void;
  close(): void;
}

export interface AdministratorFileOptions {
  /** Taken whoever may write it. Absent: the file in `place`, if only an administrator may. */
  file?: string;
  /** Where this operating system keeps what administrators deploy. */
  place?: string;
  log: Logger;
  /** How often it is read again, in milliseconds. */
  everyMs?: number;
}

/** A megabyte would be no settings. */
const mostBytes = 256 * 1024;

/**
 * Sources: KNOWNFOLDERID ProgramData; Apple's File System Programming Guide, "The Local Domain"; Filesystem Hierarchy Standard 3.0, /etc.
 */
export function administratorFile(platform: NodeJS.Platform, environment: Record<string, string | undefined>): string {
  if (platform === 'win32') return win32.join(environment.ProgramData || 'C:\\ProgramData', 'Relevo', 'settings.json');
  if (platform === 'darwin') return '/Library/Application Support/Relevo/settings.json';
  return posix.join('/etc', 'relevo', 'settings.json');
}

/** A file that cannot be read or does not parse is told, and the product goes on as if there were none: photos must be sent. */
export function readAdministratorFile({ file, place = administratorFile(process.platform, process.env), log, everyMs = 30_000 }: AdministratorFileOptions): AdministratorSettings {
  const path = file ?? place;
  const mustBeRoots = file === undefined && process.platform !== 'win32';
  const listeners = new Set<() => void>();
  let seen = '';
  let given = read();

  function read(): GivenSettings {
    const found = readText(path, mustBeRoots);
    const parsed = found.name === 'read' ? parse(found.text) : undefined;
    const next: GivenSettings = parsed ? { ...parsed, state: 'in-force' } : { defaults: {}, fixed: {}, state: found.name === 'none' ? 'none' : 'unreadable' };
    const now = JSON.stringify(next);
    if (now !== seen) {
      if (next.state === 'in-force') log.info('settings.administrator', { count: Object.keys(next.fixed).length, total: Object.keys({ ...next.defaults, ...next.fixed }).length });
      if (next.state === 'unreadable') log.error('settings.administrator-unreadable', { reason: found.name === 'read' ? 'invalid' : found.name });
    }
    seen = now;
    return next;
  }

  function look(): void {
    const before = seen;
    given = read();
    if (seen !== before) for (const listener of listeners) listener();
  }

  // Read again, since nothing tells reliably of a file that is not there yet, or that lies on a share.
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    get: () => given,
    look,
    onChange: (listener) => { listeners.add(listener); },
    close: () => { clearInterval(timer); },
  };
}

type Found = { name: 'read'; text: string } | { name: 'none' | 'unreadable' | 'not-the-administrators' };

function readText(path: string, mustBeRoots: boolean): Found {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { name: code === 'ENOENT' || code === 'ENOTDIR' ? 'none' : 'unreadable' };
  }
  try {
    const { uid, mode, size } = fstatSync(handle);
    if (mustBeRoots && (uid !== 0 || (mode & 0o022) !== 0)) return { name: 'not-the-administrators' };
    return size > mostBytes ? { name: 'unreadable' } : { name: 'read', text: readFileSync(handle, 'utf8') };
  } catch {
    return { name: 'unreadable' };
  } finally {
    closeSync(handle);
  }
}

function parse(text: string): z.output<typeof administratorFileSchema> | undefined {
  try {
    // Editors on Windows put a byte order mark in front.
    return administratorFileSchema.safeParse(JSON.parse(text.replace(/^\uFEFF/, ''))).data;
  } catch {
    return undefined;
  }
}
