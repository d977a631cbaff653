import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandProfile } from './profile.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-profile-')); });
afterEach(() => { rmSync(dir, { recursive: true, force: true }); });

test('is its own, for its owner alone, and goes with it', () => {
  const one = commandProfile('linux', join(dir, 'window'), dir);
  const other = commandProfile('linux', join(dir, 'window'), dir);
  expect(one.folder).not.toBe(other.folder);
  if (process.platform !== 'win32') expect(statSync(one.folder).mode & 0o777).toBe(0o700);
  writeFileSync(join(one.folder, 'Preferences'), '');
  for (const { remove } of [one, other]) remove();
  expect(existsSync(one.folder)).toBe(false);
  expect(existsSync(join(dir, 'window'))).toBe(false);
});

test('what commands left that run no more is taken away, and nothing else', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = join(dir, `relevo-command-${pid}-Abc123`);
  const running = join(dir, `relevo-command-${process.ppid}-Abc123`);
  for (const folder of [left, running, join(dir, 'relevo-commands'), join(dir, 'elsewhere')]) mkdirSync(join(folder, 'Crashpad'), { recursive: true });
  // A link that lies under such a name leads nowhere.
  symlinkSync(join(dir, 'elsewhere'), join(dir, `relevo-command-${pid}-Link00`));
  commandProfile('linux', undefined, dir).remove();
  expect(readdirSync(dir).sort()).toEqual(['elsewhere', `relevo-command-${process.ppid}-Abc123`, 'relevo-commands'].sort());
  expect(readdirSync(join(dir, 'elsewhere'))).toEqual(['Crashpad']);
});

test('on Windows it is the window’s, where the keychain’s secret lies in that; it stays, and none is made', () => {
  const window = join(dir, 'window');
  const before = commandProfile('win32', window, dir);
  expect(before.folder).not.toBe(window);
  before.remove();
  expect(existsSync(window)).toBe(false);
  mkdirSync(window);
  writeFileSync(join(window, 'Local State'), '{}');
  const profile = commandProfile('win32', window, dir);
  expect(profile.folder).toBe(window);
  profile.remove();
  expect(existsSync(join(window, 'Local State'))).toBe(true);
  const unknown = commandProfile('win32', undefined, dir);
  expect(unknown.folder).not.toBe(window);
  unknown.remove();
});
