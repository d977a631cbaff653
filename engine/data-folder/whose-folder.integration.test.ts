import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dataFolderPaths, prepareDataFolder } from './data-folder.ts';
import { loadDataKey } from './data-key.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-whose-')); chmodSync(dir, 0o755); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const prepare = () => prepareDataFolder(dataFolderPaths(dir));
const key = Buffer.alloc(32, 3).toString('base64');

test.each([['report.odt'], ['spool', 'report.odt'], ['logs', 'photos'], ['.config']])('a folder with other files in it (%s) is neither closed nor written to', async (...names) => {
  for (const name of names) mkdirSync(join(dir, name));
  await expect(prepare()).rejects.toMatchObject({ name: 'ForeignFolder', directory: dir });
  for (const environment of [{}, { RELEVO_KEY: key }]) await expect(loadDataKey({ dataDir: dir, environment })).rejects.toMatchObject({ name: 'ForeignFolder' });
  expect(readdirSync(dir).toSorted()).toEqual(names.toSorted());
  expect(statSync(dir).mode & 0o777).toBe(0o755);
});

test.each([[], ['queue.db', 'notes'], ['data.key', 'notes'], ['key.sealed', 'notes'], ['lock.db', 'notes'], ['queue.db.aside-20260101T000000', 'notes'], ['spool', 'logs'], ['window'], ['sandbox'], ['lost+found']])(
  'an empty folder, one of ours, and one begun are taken (%s)', async (...names: string[]) => {
    for (const name of names) mkdirSync(join(dir, name));
    await prepare();
    if (process.platform !== 'win32') expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

test('sealed photos alone say whose it is', async () => {
  mkdirSync(join(dir, 'spool'));
  mkdirSync(join(dir, 'notes'));
  await expect(prepare()).rejects.toMatchObject({ name: 'ForeignFolder' });
  writeFileSync(join(dir, 'spool', '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77.photo'), '');
  await prepare();
});
