/** @file What `npm run package` makes, made for real: its archive, its fuses, and that the shut doors do not open. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDataKey } from '../engine/data-folder/data-key.ts';
import { serveLocalSocket } from '../engine/local-socket/serve-local-socket.ts';
import { openEngine } from '../engine/open-engine.ts';
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

const resourcesFolder = (): string => (process.platform === 'darwin' ? join(executable, '../../Resources') : join(app, 'resources'));

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
  const resources = resourcesFolder();
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
  const resources = resourcesFolder();
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

interface Told { code: number | null; stdout: string; stderr: string }

/** What a terminal without a display has of it. */
function command(program: string, args: string[], env: Record<string, string> = {}): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH, HOME: folder, LANG: 'en_US.UTF-8', RELEVO_DATA_DIR: join(folder, 'data-of-commands'), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const told: Told = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (piece: string) => { told.stdout += piece; });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => { told.stderr += piece; });
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...told, code }));
  });
}
const launcher = (): string => join(resourcesFolder(), 'bin', process.platform === 'win32' ? 'relevo.cmd' : 'relevo');
const usage = { schema_version: 1, error: { code: 'usage' } };

test('the launcher beside the archive runs commands without a display, by a link from elsewhere too', async () => {
  expect(await readdir(join(launcher(), '..'))).toEqual([basename(launcher())]);
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
  expect(await command(launcher(), ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  const link = join(folder, 'relevo-linked');
  await symlink(launcher(), link);
  const mistyped = await command(link, ['docter', '--json']);
  expect({ ...mistyped, stdout: JSON.parse(mistyped.stdout) as unknown }).toMatchObject({ code: 2, stdout: usage, stderr: '' });
  expect((await command(launcher(), [])).code).toBe(2);
  // What is for development does not come with it.
  expect((await command(launcher(), ['sandbox'])).code).toBe(2);
  expect(existsSync(join(folder, 'data-of-commands'))).toBe(false);
});

test('the executable itself runs what is named first, and opens a window for nothing that is', async () => {
  const told = await command(executable, [...asRoot(), '--ozone-platform=headless', '--log-level=3', 'config', 'set', 'concurrency', '99', '--json']);
  expect({ ...told, stdout: JSON.parse(told.stdout) as unknown }).toMatchObject({ code: 2, stdout: usage, stderr: '' });
});

test('a command is answered by the engine that runs; where none does, it has the app’s own', async () => {
  const dataDir = join(folder, 'data-of-commands');
  const engine = await openEngine({ dataDir, key: await loadDataKey({ dataDir, environment: {} }), kind: 'app', sending: false });
  const socket = await serveLocalSocket(dataDir, engine);
  await engine.calls.changeSettings({ concurrency: 5 });
  expect(await command(launcher(), ['config', 'get', 'concurrency'])).toEqual({ code: 0, stdout: '5\n', stderr: '' });
  await socket.close();
  await engine.close();
  const own = await command(launcher(), ['config', 'get', 'concurrency', '--json']);
  // The database's module does not load inside the development runtime. What happens with a database: e2e/command-line.spec.ts.
  if ((await electronRuntime(() => undefined)).kind === 'development') expect({ code: own.code, told: JSON.parse(own.stdout) as unknown }).toMatchObject({ code: 1, told: { error: { code: 'engine-stopped' } } });
  else expect({ code: own.code, told: JSON.parse(own.stdout) as unknown }).toMatchObject({ code: 0, told: { key: 'concurrency', value: 5 } });
});

test('the doors are shut to a command too, and behind the separator nothing is Chromium’s', async () => {
  const marker = join(folder, 'launched-by-command');
  const doors = ['--remote-debugging-port=0', `--gpu-launcher=touch ${marker}`];
  const before = await command(executable, [...asRoot(), '--ozone-platform=headless', ...doors, '--', '--version'], { ELECTRON_RUN_AS_NODE: '1' });
  expect(before.code).toBe(0);
  expect(before.stderr.match(/"event":"switch.refused","name":"[a-z-]+"/g)).toHaveLength(2);
  const behind = await command(launcher(), ['status', ...doors]);
  expect(behind.code).toBe(2);
  expect(behind.stderr).not.toContain('switch.refused');
  expect(before.stderr + behind.stderr).not.toContain('DevTools listening');
  expect(existsSync(marker)).toBe(false);
});

// The last one: it takes the app's archive away.
test('it starts no other app than the one in its archive', async () => {
  const resources = resourcesFolder();
  await mkdir(join(resources, 'app'));
  await writeFile(join(resources, 'app', 'package.json'), JSON.stringify({ name: 'other', main: 'main.js' }));
  await writeFile(join(resources, 'app', 'main.js'), "process.stderr.write('another app\\n'); process.exit(0);");
  await rename(join(resources, 'app.asar'), join(resources, 'away.asar'));
  // It ends by itself, having found nothing that it may start.
  expect(await startUntil(executable, asRoot(), {}, /another app/)).not.toContain('another app');
});
