/** @file What `npm run package` makes, made for real: its archive, its fuses, and that the shut doors do not open. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { electronRuntime } from './electron-runtime.mjs';
import { fuseConfig, fuses } from './fuses.ts';
import { checkout, node24 } from './paths.mjs';
import { run } from './processes.mjs';
import { startVirtualDisplay } from './with-display.mjs';

let folder: string;
let app: string;
let executable: string;
let display: { display: string; stop: () => Promise<void> };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relevo-package-'));
  const { code, output } = await run(node24, [join(checkout, 'node_modules/@electron-forge/cli/dist/electron-forge.js'), 'package'], { cwd: checkout, env: { ...process.env, NODE_ENV: undefined, RELEVO_OUT_DIR: folder }, seconds: 100 });
  if (code !== 0) throw new Error(output);
  app = join(folder, (await readdir(folder)).find((name) => name.startsWith('Relevo-'))!);
  executable = join(app, process.platform === 'win32' ? 'relevo.exe' : process.platform === 'darwin' ? 'Relevo.app/Contents/MacOS/relevo' : 'relevo');
  display = await startVirtualDisplay();
}, 110_000);

afterAll(async () => {
  await display?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Archived { files?: Record<string, Archived>; integrity?: { algorithm: string } }

/** From the archive's own table, which is JSON after four lengths. */
async function archivedFiles(archive: string): Promise<[path: string, Archived][]> {
  const bytes = await readFile(archive);
  const walk = (entry: Archived, path: string): [string, Archived][] =>
    entry.files ? Object.entries(entry.files).flatMap(([name, inner]) => walk(inner, path === '' ? name : `${path}/${name}`)) : [[path, entry]];
  return walk(JSON.parse(bytes.toString('utf8', 16, 16 + bytes.readUInt32LE(12))) as Archived, '');
}

/** Starts a program and ends it as soon as it has said `until`, or by itself. @returns all that it said. */
function startUntil(program: string, args: string[], env: Record<string, string>, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH, HOME: folder, DISPLAY: display.display, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const take = (data: Buffer): void => {
      said += data.toString();
      if (until.test(said)) child.kill('SIGKILL');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', () => resolve(said));
  });
}

const shown = /"event":"window\.shown"/;
const shownOrDebugged = /"event":"window\.shown"|(Debugger|DevTools) listening/;
let starts = 0;
const startApp = (args: string[], env: Record<string, string> = {}): Promise<string> =>
  startUntil(executable, [...asRoot(), ...args], { RELEVO_DATA_DIR: join(folder, `data-${starts += 1}`), ...env }, shownOrDebugged);
// Chromium refuses to run its sandbox as root.
const asRoot = (): string[] => (process.getuid?.() === 0 ? ['--no-sandbox'] : []);

test('every fuse is as it was decided, read back from the executable', async () => {
  const wire = await getCurrentFuseWire(executable) as unknown as Record<string, unknown>;
  const { path } = await electronRuntime(() => undefined);
  const present = Object.keys(await getCurrentFuseWire(path)).filter((name) => name !== 'version');
  // The first eight have been in every Electron since 29; a ninth came later.
  expect(present.length).toBeGreaterThanOrEqual(8);
  const decided = Object.entries(fuses).filter(([option]) => present.includes(option));
  expect(wire).toEqual({ version: '1', ...Object.fromEntries(decided.map(([option, on]) => [option, on ? FuseState.ENABLE : FuseState.DISABLE])) });
  expect(wire).toMatchObject({
    [FuseV1Options.RunAsNode]: FuseState.DISABLE,
    [FuseV1Options.EnableCookieEncryption]: FuseState.ENABLE,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: FuseState.DISABLE,
    [FuseV1Options.EnableNodeCliInspectArguments]: FuseState.DISABLE,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: FuseState.ENABLE,
    [FuseV1Options.OnlyLoadAppFromAsar]: FuseState.ENABLE,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: FuseState.DISABLE,
  });
});

test('a fuse that nobody decided on is not passed over', async () => {
  const { path } = await electronRuntime(() => undefined);
  const { strictlyRequireAllFuses } = await fuseConfig(path);
  const present = Object.keys(await getCurrentFuseWire(path)).filter((name) => name !== 'version');
  expect(strictlyRequireAllFuses).toBe(present.length >= Object.keys(fuses).length);
});

test('only the native module lies outside the archive, and nothing of the sources is in it', async () => {
  const resources = process.platform === 'darwin' ? join(executable, '../../Resources') : join(app, 'resources');
  const beside = await readdir(join(resources, 'app.asar.unpacked'), { recursive: true, withFileTypes: true });
  const files = beside.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((name) => !name.endsWith('.node'))).toEqual([]);
  expect(existsSync(join(resources, 'app'))).toBe(false);
  const archived = await archivedFiles(join(resources, 'app.asar'));
  const paths = archived.map(([path]) => path);
  expect(paths).toContain('.vite/build/engine.js');
  expect(paths.filter((path) => /\.(ts|tsx|map)$/.test(path) || !/^(package\.json|\.vite\/|node_modules\/better-sqlite3\/)/.test(path))).toEqual([]);
  // What Electron holds each of them to, where the system's build of it verifies archives.
  expect(archived.filter(([, { integrity }]) => integrity?.algorithm !== 'SHA256')).toEqual([]);
});

test('the licences’ texts lie beside the archive', async () => {
  const resources = process.platform === 'darwin' ? join(executable, '../../Resources') : join(app, 'resources');
  const text = await readFile(join(resources, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  expect(text).toContain('\naxios ');
  expect(text).toContain('SIL OPEN FONT LICENSE');
});

test('it starts, and ELECTRON_RUN_AS_NODE does not make a Node of it', async () => {
  const says = ['-p', '"ran " + "as node"'];
  const said = await startApp(says, { ELECTRON_RUN_AS_NODE: '1' });
  expect(said).toMatch(shown);
  expect(said).not.toContain('ran as node');
  // The same on the runtime as it is fetched, to see that there is something to shut.
  const { path } = await electronRuntime(() => undefined);
  expect(await startUntil(path, says, { ELECTRON_RUN_AS_NODE: '1' }, /ran as node/)).toContain('ran as node');
});

test.each(['--inspect=0', '--inspect-brk=0'])('%s opens no debugger', async (argument) => {
  const said = await startApp([argument]);
  expect(said).toMatch(shown);
  expect(said).not.toContain('Debugger listening');
});

test('Chromium’s own debugger and launchers stay shut too', async () => {
  const marker = join(folder, 'launched');
  const said = await startApp(['--remote-debugging-port=0', `--gpu-launcher=touch ${marker}`, `--renderer-cmd-prefix=touch ${marker}`]);
  expect(said).toMatch(shown);
  expect(said.match(/"event":"switch.refused","name":"[a-z-]+"/g)).toHaveLength(3);
  expect(said).not.toContain('DevTools listening');
  expect(existsSync(marker)).toBe(false);
});

test('NODE_OPTIONS loads nothing into it', async () => {
  const marker = join(folder, 'loaded');
  const script = join(folder, 'load.cjs');
  await writeFile(script, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');`);
  expect(await startApp([], { NODE_OPTIONS: `--require ${script}` })).toMatch(shown);
  expect(existsSync(marker)).toBe(false);
  await run(node24, ['-e', ''], { env: { ...process.env, NODE_OPTIONS: `--require ${script}` } });
  expect(existsSync(marker)).toBe(true);
});

// The last one: it takes the app's archive away.
test('it starts no other app than the one in its archive', async () => {
  const resources = process.platform === 'darwin' ? join(executable, '../../Resources') : join(app, 'resources');
  await mkdir(join(resources, 'app'));
  await writeFile(join(resources, 'app', 'package.json'), JSON.stringify({ name: 'other', main: 'main.js' }));
  await writeFile(join(resources, 'app', 'main.js'), "process.stderr.write('another app\\n'); process.exit(0);");
  await rename(join(resources, 'app.asar'), join(resources, 'away.asar'));
  // It ends by itself, having found nothing that it may start.
  expect(await startUntil(executable, asRoot(), {}, /another app/)).not.toContain('another app');
});
