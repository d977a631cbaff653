import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolderPaths, prepareDataFolder } from './data-folder.ts';
import { loadDataKey } from './data-key.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-whose-')); chmodSync(dir, 0o755); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const prepare = () => prepareDataFolder(dataFolderPaths(dir));
const mode = (name = ''): number => statSync(join(dir, name)).mode & 0o777;
const key = Buffer.alloc(32, 3).toString('base64');

test.runIf(process.platform !== 'win32').each([[0o777], [0o1777], [0o775]])('a folder with other files in it to which others may write (%o) is neither closed nor written to', async (open) => {
  mkdirSync(join(dir, 'spool'));
  mkdirSync(join(dir, 'report.odt'));
  chmodSync(dir, open);
  await expect(prepare()).rejects.toMatchObject({ name: 'ForeignFolder', directory: dir });
  for (const environment of [{}, { RELEVO_KEY: key }]) await expect(loadDataKey({ dataDir: dir, environment })).rejects.toMatchObject({ name: 'ForeignFolder' });
  expect(readdirSync(dir).toSorted()).toEqual(['report.odt', 'spool']);
  expect(mode()).toBe(open & 0o777);
});

test.each([['report.odt'], ['queue.db', 'notes'], ['data.key', 'notes'], ['sandbox', 'ready.json']])('beside files of the person’s own (%s) the folder stays as it is, and what is ours is closed by itself', async (...names) => {
  for (const name of names) mkdirSync(join(dir, name));
  await prepare();
  if (process.platform === 'win32') return;
  expect(mode()).toBe(0o755);
  expect([mode('spool'), mode('logs')]).toEqual([0o700, 0o700]);
});

test.each([[], ['queue.db.aside-20260101T000000'], ['spool', 'logs'], ['window'], ['sandbox'], ['lost+found'], ['queue.db', 'data.key', 'key.sealed', 'lock.db']])(
  'an empty folder, one of ours, and one begun are closed to all others (%s)', async (...names: string[]) => {
    for (const name of names) mkdirSync(join(dir, name));
    await prepare();
    if (process.platform !== 'win32') expect(mode()).toBe(0o700);
  });
