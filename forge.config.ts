/**
 * @file How an installed Relevo is put together: the bundle in an archive that Electron verifies, the engine and its native database module
 * beside it, and the doors shut that a development build leaves open.
 */
import { chmod, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { bundle } from './build/bundle.ts';
import { electronRuntime } from './build/electron-runtime.mjs';
import { fuseConfig } from './build/fuses.ts';
import { notices, shippedPackages } from './build/licences.ts';
import { checkout } from './build/paths.mjs';
import { archiveRuntime } from './build/runtime-archive.mjs';

const runtime = await electronRuntime();
const fallback = runtime.kind === 'development' ? { electronZipDir: await archiveRuntime(runtime), electronVersion: runtime.version } : {};

/** The database module: its code, and its binary for the machine that the app is made for. */
async function copyDatabaseModule(app: string, platform: string, arch: string): Promise<void> {
  const from = join(checkout, 'node_modules', 'better-sqlite3');
  const to = join(app, 'node_modules', 'better-sqlite3');
  await mkdir(join(to, 'prebuilds'), { recursive: true });
  for (const part of ['package.json', 'LICENSE', 'lib']) await cp(join(from, part), join(to, part), { recursive: true });
  for (const libc of platform === 'linux' ? ['linux', 'linuxmusl'] : [platform]) {
    await cp(join(from, 'prebuilds', `${libc}-${arch}.node`), join(to, 'prebuilds', `${libc}-${arch}.node`));
  }
}

/** What people call from a terminal, beside the archive. See docs/administration.md. */
async function copyLauncher(resources: string, platform: string): Promise<void> {
  const folder = join(resources, 'bin');
  await mkdir(folder, { recursive: true });
  const launcher = join(folder, platform === 'win32' ? 'relevo.cmd' : 'relevo');
  await cp(join(checkout, 'build', 'launchers', platform === 'win32' ? 'relevo-win32.cmd' : `relevo-${platform}`), launcher);
  // Whatever the checkout's files were given: a clone on Windows has no such bits.
  await chmod(launcher, 0o755);
}

/** Only what the app reads about itself: scripts and development packages are nobody's business on a clinic's PC. */
async function writeManifest(app: string): Promise<void> {
  const { name, productName, version, description, license, type, main } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as Record<string, string>;
  await writeFile(join(app, 'package.json'), JSON.stringify({ name, productName, version, description, license, type, main }));
}

const config: ForgeConfig = {
  ...(process.env.RELEVO_OUT_DIR ? { outDir: process.env.RELEVO_OUT_DIR } : {}),
  packagerConfig: {
    ...fallback,
    executableName: 'relevo',
    appBundleId: 'app.relevo.desktop',
    asar: {
      // A native module cannot be loaded from inside an archive. All else lies in it, the engine too: what lies beside it nobody verifies.
      unpack: '*.node',
    },
    // For the installers of macOS and Linux to register; see electron/main/deep-link.ts.
    protocols: [{ name: 'Relevo', schemes: ['relevo'] }],
    // The folder's name may be anything; what is packaged is the bundle and nothing of the sources.
    ignore: (path) => path !== '' && !/^\/(package\.json|\.vite)(\/|$)/.test(path) && !path.startsWith('/.vite/'),
    prune: false,
  },
  // The database module brings its binaries; there is nothing to compile.
  rebuildConfig: { onlyModules: [] },
  plugins: [
    new FusesPlugin(await fuseConfig(runtime.path)),
  ],
  hooks: {
    generateAssets: async () => {
      await bundle();
    },
    packageAfterCopy: async (_config, app, _electronVersion, platform, arch) => {
      await rm(join(app, '.vite', 'bundle.sha256'), { force: true });
      for (const file of await readdir(join(app, '.vite', 'build'))) if (file.endsWith('.map')) await rm(join(app, '.vite', 'build', file));
      await copyDatabaseModule(app, platform, arch);
      await writeManifest(app);
      await copyLauncher(join(app, '..'), platform);
      await writeFile(join(app, '..', 'THIRD-PARTY-NOTICES.txt'), notices(await shippedPackages()));
    },
    // Forge takes Electron's version from here, whatever the packager is told.
    readPackageJson: async (_config, packageJson) => ({
      ...packageJson,
      devDependencies: { ...packageJson.devDependencies, electron: runtime.version },
    }),
  },
};

// Forge reads its configuration from a default export.
export default config;
