import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { electronRuntime, launchOptions } from './electron-runtime.mjs';
import { run } from './processes.mjs';
import { withDisplay } from './with-display.mjs';

let app: string;
beforeEach(async () => { app = await mkdtemp(join(tmpdir(), 'relevo-app-')); });
afterEach(() => rm(app, { recursive: true, force: true }));

const main = `
import { app, BrowserWindow } from 'electron';
app.whenReady().then(async () => {
  const window = new BrowserWindow({ width: 400, height: 300 });
  await window.loadURL('data:text/html,<title>opened</title>');
  const { name, isPackaged } = app;
  console.log(JSON.stringify({ title: window.getTitle(), name, version: app.getVersion(), path: app.getAppPath(), isPackaged, electron: process.versions.electron, rest: process.argv.slice(-2) }));
  app.quit();
});`;

test('the runtime that set-up chose opens a window of the app whose folder it is given', async () => {
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'tiny', productName: 'Tiny', version: '9.8.7', type: 'module', main: 'main.js' }));
  await writeFile(join(app, 'main.js'), main);
  const runtime = await electronRuntime();
  const { args, env } = launchOptions(runtime);
  const { code, output } = await withDisplay((display) => run(runtime.path, [...args, app, '--an-option', 'a value'], { env: { ...display, ...env }, seconds: 25 }));
  expect(code).toBe(0);
  expect(JSON.parse(output.split('\n').find((line) => line.startsWith('{')) ?? '')).toEqual({
    title: 'opened', name: 'Tiny', version: '9.8.7', path: app, isPackaged: false, electron: runtime.version, rest: ['--an-option', 'a value'],
  });
});

test('a runtime that is named but not there is said so, and nothing else is taken for it', async () => {
  const before = process.env.RELEVO_ELECTRON_PATH;
  process.env.RELEVO_ELECTRON_PATH = join(app, 'electron');
  try {
    await expect(electronRuntime()).rejects.toThrow('which is not there');
  } finally {
    if (before === undefined) delete process.env.RELEVO_ELECTRON_PATH;
    else process.env.RELEVO_ELECTRON_PATH = before;
  }
});
