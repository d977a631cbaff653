/**
 * @file Bundles the app: one file for each of Electron's processes, and the window's page with its assets.
 *
 *   .vite/build/main.js      main process, ESM
 *   .vite/build/preload.cjs  preload, CommonJS: a sandboxed preload can be nothing else, and may load nothing but `electron`
 *   .vite/build/engine.js    the engine's process, ESM; its native database module stays outside
 *   .vite/build/command-line.js   what main runs in place of the window where it was started with a command, ESM
 *   .vite/renderer/          the window
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig } from 'vite';
import { checkout } from './paths.mjs';
import { SetupError, runMain } from './processes.mjs';

const output = join(checkout, '.vite');
const stampFile = join(output, 'bundle.sha256');
const sourceFolders = ['cli', 'electron', 'engine', 'renderer', 'shared'];
const otherInputs = ['build/bundle.ts', 'package.json', 'package-lock.json'];

interface ProcessBundle {
  name: 'main' | 'preload' | 'engine' | 'command-line';
  entry: string;
  format: 'es' | 'cjs';
  /** The oldest runtime that must understand it. Main, a command in it, and preload also run on the development runtime, which has Node 20. */
  target: string;
  external: string[];
}

const processes: ProcessBundle[] = [
  { name: 'main', entry: 'electron/main/main.ts', format: 'es', target: 'node20', external: ['electron'] },
  { name: 'preload', entry: 'electron/preload/preload.ts', format: 'cjs', target: 'chrome130', external: ['electron'] },
  { name: 'engine', entry: 'electron/engine-process/engine-process.ts', format: 'es', target: 'node22', external: ['better-sqlite3'] },
  { name: 'command-line', entry: 'electron/command-line/command-line.ts', format: 'es', target: 'node20', external: ['electron'] },
];

const common: InlineConfig = { configFile: false, root: checkout, logLevel: 'error', define: { 'process.env.NODE_ENV': '"production"' } };

function processConfig({ name, entry, format, target, external }: ProcessBundle): InlineConfig {
  return {
    ...common,
    publicDir: false,
    // Everything else is inlined: an installed app has no node_modules but the native one.
    ssr: { noExternal: true, external },
    build: {
      ssr: join(checkout, entry),
      target,
      outDir: join(output, 'build'),
      emptyOutDir: false,
      copyPublicDir: false,
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        external,
        output: { format, entryFileNames: `${name}.${format === 'es' ? 'js' : 'cjs'}`, codeSplitting: false },
      },
    },
  };
}

function rendererConfig(): InlineConfig {
  return {
    ...common,
    root: join(checkout, 'renderer'),
    base: './',
    plugins: [react()],
    build: {
      target: 'chrome130',
      outDir: join(output, 'renderer'),
      emptyOutDir: true,
      sourcemap: false,
      // The page's policy allows its own files only, no data: addresses and no inline script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 4096,
    },
  };
}

/** A hash over everything that the bundle is made from. */
async function hashOfInputs(): Promise<string> {
  const files = [...otherInputs];
  for (const folder of sourceFolders) {
    const entries = await readdir(join(checkout, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries) if (entry.isFile() && !/\.test\.tsx?$/.test(entry.name)) files.push(join(entry.parentPath, entry.name).slice(checkout.length + 1));
  }
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(`${file}\0`).update(await readFile(join(checkout, file))).update('\0');
  return hash.digest('hex');
}

/**
 * Bundles the app into `.vite/`, unless what is there was made from the same sources.
 * @returns whether there was anything to do
 * @throws {SetupError} with Vite's explanation when the sources do not bundle; what was there is then gone
 */
export async function bundle(): Promise<boolean> {
  const hash = await hashOfInputs();
  if (existsSync(stampFile) && (await readFile(stampFile, 'utf8')) === hash) return false;
  await rm(stampFile, { force: true });
  await rm(join(output, 'build'), { recursive: true, force: true });
  // Plugins go by it, whatever Vite is told: bundled from within a test, the page would be one for development, which production's React cannot show.
  process.env.NODE_ENV = 'production';
  await Promise.all([...processes.map(processConfig), rendererConfig()].map((config) => build(config))).catch((error: unknown) => {
    throw new SetupError(`The sources do not bundle:\n${error instanceof Error ? error.message : String(error)}`);
  });
  await mkdir(output, { recursive: true });
  await writeFile(stampFile, hash);
  return true;
}

if (import.meta.main) {
  await runMain(async () => {
    const began = performance.now();
    const made = await bundle();
    process.stdout.write(made ? `Bundled in ${((performance.now() - began) / 1000).toFixed(1)} s\n` : 'The bundle is up to date\n');
  });
}
