import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from '../paths.mjs';

/** A file of an invented checkout, its one import, and what the linter must say of it: nothing, or this. */
type Case = [file: string, specifier: string, says?: string];

const cases: Case[] = [
  ['shared/a.ts', 'node:fs', 'shared/ may not import the package node:fs'],
  ['shared/b.ts', 'axios', 'shared/ may not import the package axios'],
  ['shared/c.ts', '../engine/x.ts', 'shared/ may not import from engine/'],
  ['shared/d.ts', 'zod'],
  ['engine/a.ts', 'electron', 'engine/ may not import the package electron'],
  ['engine/b.ts', '../electron/main/x.ts', 'engine/ may not import from electron/'],
  ['engine/c.ts', '../renderer/x.ts', 'engine/ may not import from renderer/'],
  ['engine/d.ts', '../cli/x.ts', 'engine/ may not import from cli/'],
  ['engine/e.ts', '../sandbox/x.ts', 'engine/ may not import from sandbox/'],
  ['engine/f.ts', '../e2e/x.ts', 'engine/ may not import from e2e/'],
  ['engine/g.ts', '../bench/x.ts', 'engine/ may not import from bench/'],
  ['engine/deep/er/h.ts', '../../../sandbox/x.ts', 'engine/ may not import from sandbox/'],
  ['engine/i.ts', '@aws-sdk/client-s3'],
  ['engine/j.test.ts', '../sandbox/x.ts'],
  ['engine/k.ts', '../shared/x.ts'],
  ['engine/l.ts', '../test-support/x.ts', 'engine/ may not import from test-support/'],
  ['engine/m.test.ts', '../test-support/x.ts'],
  ['electron/main/a.ts', '../../renderer/x.ts', 'electron/ may not import from renderer/'],
  ['electron/main/b.ts', '../../engine/x.ts'],
  ['electron/main/d.ts', '../../cli/x.ts', 'electron/ may not import from cli/'],
  ['electron/command-line/a.ts', '../../cli/x.ts'],
  ['electron/command-line/b.ts', '../../sandbox/x.ts', 'electron/ may not import from sandbox/'],
  ['electron/command-line/c.test.ts', '../../sandbox/x.ts'],
  ['electron/main/c.ts', '../../../elsewhere/x.ts', '../../../elsewhere/x.ts lies outside the checkout'],
  ['renderer/app/a.tsx', '../../engine/x.ts', 'renderer/ may not import from engine/'],
  ['renderer/app/b.tsx', '../../electron/x.ts', 'renderer/ may not import from electron/'],
  ['renderer/app/c.tsx', 'node:path', 'renderer/ may not import the package node:path'],
  ['renderer/app/d.tsx', 'electron', 'renderer/ may not import the package electron'],
  ['renderer/app/e.tsx', '../features/queue/x.tsx'],
  ['renderer/features/add/a.tsx', '../queue/x.tsx', 'the feature add may not import the feature queue'],
  ['renderer/features/add/list/b.tsx', '../../queue/x.tsx', 'the feature add may not import the feature queue'],
  ['renderer/features/add/list/c.tsx', '../queue/x.tsx'],
  ['renderer/features/add/d.tsx', '../../ui/x.tsx'],
  ['renderer/features/add/e.tsx', '@mantine/core'],
  ['cli/commands/add.ts', '../../sandbox/x.ts', 'cli/ may not import from sandbox/'],
  ['cli/commands/sandbox.ts', '../../sandbox/x.ts'],
  ['cli/commands/sync.ts', '../../electron/x.ts', 'cli/ may not import from electron/'],
  ['sandbox/a.ts', '../engine/x.ts', 'sandbox/ may not import from engine/'],
  ['build/a.ts', '../sandbox/x.ts', 'build/ may not import from sandbox/'],
  ['e2e/a.ts', '../sandbox/x.ts'],
  ['contract/a.ts', '../engine/x.ts'],
  ['contract/b.ts', '../sandbox/x.ts', 'contract/ may not import from sandbox/'],
  ['contract/c.test.ts', '../sandbox/x.ts'],
  ['engine/n.test.ts', '../contract/x.ts', 'engine/ may not import from contract/'],
];

const wrapper = 'Only the typed wrappers electron/main/ipc.ts and electron/preload/preload.ts speak to them.';
const unopened = 'Nothing is given to the operating system to open: see docs/security.md.';
/** The same for the two names that only one file each may take from Electron. */
const bareCalls: Case[] = [
  ['electron/main/window-x.ts', "import { ipcMain } from 'electron'; ipcMain.emit('x');", wrapper],
  ['electron/preload/other.ts', "import { ipcRenderer } from 'electron'; ipcRenderer.send('x');", wrapper],
  ['electron/main/opener.ts', "import { shell } from 'electron'; shell.beep();", unopened],
  ['electron/main/opener-renamed.ts', "import { shell as outside } from 'electron'; outside.beep();", unopened],
  ['electron/main/opener-whole.ts', "import * as electron from 'electron'; electron.app.quit();", 'Take from Electron by name what is used, so that it can be seen.'],
  ['electron/main/opener-handed.ts', "export const open = (it: { openExternal(url: string): void }) => it.openExternal('x');", unopened],
  ['electron/main/opener-hidden.ts', "export const open = (it: { openPath(url: string): void }) => it['openPath']('x');", unopened],
  ['electron/main/ipc.ts', "import { ipcMain } from 'electron'; ipcMain.emit('x');"],
  ['electron/preload/preload.ts', "import { ipcRenderer } from 'electron'; ipcRenderer.send('x');"],
];

let folder: string;
let told: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relevo-lint-'));
  const config = JSON.parse(await readFile(join(checkout, '.oxlintrc.json'), 'utf8')) as Record<string, unknown>;
  await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify({ ...config, jsPlugins: [join(checkout, 'build/lint/import-directions.ts')] }));
  const files = [...cases.map(([file, specifier]) => [file, `import { x } from '${specifier}';\nx();\n`] as const), ...bareCalls];
  for (const [file, source] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), source);
  }
  // It exits with 1, since there is something to find.
  const { stdout } = await promisify(execFile)(join(checkout, 'node_modules/.bin/oxlint'), ['-f', 'json'], { cwd: folder }).catch((error: { stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; message: string; help?: string }[] };
  told = new Map();
  for (const { filename, message, help } of diagnostics) told.set(filename, [...(told.get(filename) ?? []), message, help ?? '']);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([...cases, ...bareCalls])('%s with %s: %s', (file, _source, says) => {
  const messages = told.get(file) ?? [];
  if (says === undefined) expect(messages).toEqual([]);
  else expect(messages).toContain(says);
});

test('a dynamic import and a re-export are imports too', async () => {
  const { whyNot } = await import('./import-directions.ts');
  expect(whyNot('/c', '/c/engine/a.ts', '../sandbox/x.ts')).toBe('engine/ may not import from sandbox/');
  await writeFile(join(folder, 'engine/dynamic.ts'), "export const later = () => import('../sandbox/x.ts');\n");
  await writeFile(join(folder, 'engine/again.ts'), "export * from '../sandbox/x.ts';\nexport { x } from '../cli/x.ts';\n");
  const { stdout } = await promisify(execFile)(join(checkout, 'node_modules/.bin/oxlint'), ['-f', 'unix', 'engine/dynamic.ts', 'engine/again.ts'], { cwd: folder }).catch((error: { stdout: string }) => error);
  expect(stdout.match(/may not import from (sandbox|cli)\//g)).toHaveLength(3);
});

test('a promise that nobody waits for is found', async () => {
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', noEmit: true }, include: ['engine/promise.ts'] }));
  await writeFile(join(folder, 'engine/promise.ts'), 'async function send(): Promise<void> {}\nexport function start(): void {\n  send();\n}\n');
  const { stdout } = await promisify(execFile)(join(checkout, 'node_modules/.bin/oxlint'), ['--type-aware', '-f', 'unix', 'engine/promise.ts'], { cwd: folder }).catch((error: { stdout: string }) => error);
  expect(stdout).toContain('no-floating-promises');
});
