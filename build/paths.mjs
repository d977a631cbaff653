/**
 * @file Where the build finds and puts things. Plain JavaScript: it runs on the system's Node (20 or newer) before Node 24 is there.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, without a trailing slash. */
export const checkout = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/** Node 24 as npm installed it; absent before set-up. */
export const node24 = join(checkout, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/**
 * What is fetched once for a person, not once for a checkout, so that a fresh clone starts quickly.
 * @returns {string} `RELEVO_CACHE`, or the operating system's place for caches
 */
export function cacheFolder() {
  if (process.env.RELEVO_CACHE) return process.env.RELEVO_CACHE;
  if (process.platform === 'win32' && process.env.LOCALAPPDATA) return join(process.env.LOCALAPPDATA, 'relevo', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'relevo');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'relevo');
}
