/** @file Whether the installed packages are the ones that the lockfile asks for. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, link?: boolean }} LockEntry */

/** @param {string} file @returns {Record<string, LockEntry>} */
const readLock = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/**
 * Whether node_modules is what package-lock.json asks for. npm writes its own record at the end of an install, so a broken-off one shows.
 * @param {string} folder
 * @returns {boolean}
 */
export function packagesAreCurrent(folder) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record) || !existsSync(join(folder, 'node_modules', 'node', 'package.json'))) return false;
  const wanted = readLock(join(folder, 'package-lock.json'));
  const present = readLock(record);
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || entry.devOptional || present[path]?.version === entry.version);
}
