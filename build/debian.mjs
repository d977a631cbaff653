/**
 * @file What Electron needs from a Linux desktop and the Ceph gateway from the distribution: what is missing, and installing it where
 * this is Debian (or a descendant) and root.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError, run, step } from './processes.mjs';

/**
 * @typedef {object} Need
 * @property {string} [library] a shared library's file name
 * @property {string} [program]
 * @property {string[]} packages Debian's package, by release: the first that can be had is taken
 */

/** @type {Need[]} what Electron's executable is linked with or loads; the t64 names are Debian 13's and Ubuntu 24.04's */
export const WINDOW_NEEDS = [
  { library: 'libgtk-3.so.0', packages: ['libgtk-3-0t64', 'libgtk-3-0'] },
  { library: 'libnss3.so', packages: ['libnss3'] },
  { library: 'libasound.so.2', packages: ['libasound2t64', 'libasound2'] },
  { library: 'libgbm.so.1', packages: ['libgbm1'] },
  { library: 'libatk-bridge-2.0.so.0', packages: ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'] },
  { library: 'libXss.so.1', packages: ['libxss1'] },
];

/** @type {Need[]} */
export const VIRTUAL_DISPLAY_NEEDS = [{ program: 'Xvfb', packages: ['xvfb'] }];

/** @type {Need[]} the object gateway that Spaces runs on */
export const CEPH_NEEDS = [
  { program: 'ceph-mon', packages: ['ceph-mon'] },
  { program: 'ceph-osd', packages: ['ceph-osd'] },
  { program: 'radosgw', packages: ['radosgw'] },
  { program: 'ceph', packages: ['ceph-common'] },
];

/** @type {Need[]} what Relevo is measured beside, and with */
export const BENCH_NEEDS = [
  { program: 'rclone', packages: ['rclone'] },
  { program: 'time', packages: ['time'] },
];

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).concat('/usr/sbin', '/sbin').some((folder) => existsSync(join(folder, program)));
}

/**
 * The needs that are not met on this machine.
 * @param {Need[]} needs
 * @returns {Promise<Need[]>}
 */
export async function missing(needs) {
  const loader = needs.some((need) => need.library) ? await run(existsSync('/sbin/ldconfig') ? '/sbin/ldconfig' : 'ldconfig', ['-p']) : undefined;
  return needs.filter((need) => {
    if (need.program) return !onPath(need.program);
    // Without ldconfig (musl, NixOS) nothing can be said; Electron's own message will.
    return loader?.code === 0 && !loader.output.includes(`${need.library} `);
  });
}

/**
 * @param {Need[]} needs
 * @returns {Promise<string[]>} one package for each
 */
async function packagesFor(needs) {
  const names = needs.flatMap((need) => need.packages);
  const { output } = await run('apt-cache', ['policy', ...names], { env: { ...process.env, LC_ALL: 'C' } });
  const offered = new Set([...output.matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (?!\(none\))/gm)].map((match) => match[1]));
  return needs.map((need) => need.packages.find((name) => offered.has(name)) ?? /** @type {string} */ (need.packages.at(-1)));
}

/**
 * Installs what is missing, or tells how.
 * @param {Need[]} needs
 * @param {string} purpose completes "... needs", such as `A window`
 * @returns {Promise<void>}
 * @throws {SetupError} naming what is missing and the command that mends it
 */
export async function provide(needs, purpose) {
  const absent = process.platform === 'linux' ? await missing(needs) : [];
  if (absent.length === 0) return;
  const what = absent.map((need) => need.library ?? need.program).join(', ');
  const apt = onPath('apt-get');
  const root = process.getuid?.() === 0;
  if (!apt) throw new SetupError(`${purpose} needs ${what}. Install them with this system’s package manager and try again.`);
  if (!root) {
    const packages = await packagesFor(absent);
    throw new SetupError(`${purpose} needs ${what}, which only root can install:\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`);
  }
  await step(`Debian packages for ${purpose.toLowerCase()} (${what})`, async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const update = await run('apt-get', ['update', '-qq'], { env, seconds: 300 });
    const packages = await packagesFor(absent);
    const install = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, seconds: 900 });
    if (install.code !== 0) throw new SetupError(`apt-get could not install ${packages.join(' ')}:\n${update.output}${install.output}`);
  });
}
