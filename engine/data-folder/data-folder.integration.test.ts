import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataFolderPaths, diskSpace, isLow, prepareDataFolder } from './data-folder.ts';
import { lockDataFolder } from './lock.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-folder-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the data folder', () => {
  test('is made with what belongs in it, for its owner alone, and may be there already', async () => {
    const paths = dataFolderPaths(join(dir, 'deep', 'er'));
    await prepareDataFolder(paths);
    await prepareDataFolder(paths);
    for (const folder of [paths.directory, paths.spool, paths.logs]) {
      expect(statSync(folder).isDirectory()).toBe(true);
      if (process.platform !== 'win32') expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
    const space = await diskSpace(paths.spool);
    expect(space.freeBytes).toBeGreaterThan(0);
    expect(space.totalBytes).toBeGreaterThan(space.freeBytes);
    expect([isLow({ freeBytes: 21, totalBytes: 100 }), isLow({ freeBytes: 20, totalBytes: 100 }), isLow({ freeBytes: 0, totalBytes: 0 })]).toEqual([false, true, false]);
  });
});

describe('the lock', () => {
  test('lets one in, tells the second who is there, and lets it in afterwards', async () => {
    const first = await lockDataFolder(dir, { kind: 'app', pid: process.pid });
    await expect(lockDataFolder(dir, { kind: 'cli', pid: 1 })).rejects.toMatchObject({
      name: 'DataFolderInUse', holder: { kind: 'app', pid: process.pid, since: expect.stringMatching(/^20\d\d-/) as string },
    });
    await first.release();
    await first.release();
    expect(existsSync(dataFolderPaths(dir).lockHolder)).toBe(false);
    await (await lockDataFolder(dir, { kind: 'cli', pid: process.pid })).release();
  });

  test('a note that is not ours, or damaged, decides nothing', async () => {
    writeFileSync(dataFolderPaths(dir).lockHolder, '{"kind":"app","pid":');
    const lock = await lockDataFolder(dir, { kind: 'app', pid: process.pid });
    writeFileSync(dataFolderPaths(dir).lockHolder, '{"kind":"neighbour"}');
    await expect(lockDataFolder(dir, { kind: 'cli', pid: 1 })).rejects.toMatchObject({ name: 'DataFolderInUse', holder: undefined });
    await lock.release();
  });

  test('holds against another process, and is free the moment that one is killed', async () => {
    const script = `
      import { lockDataFolder } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      await lockDataFolder(${JSON.stringify(dir)}, { kind: 'app', pid: process.pid });
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => { child.stdout.once('data', resolve); });
    await expect(lockDataFolder(dir, { kind: 'cli', pid: process.pid })).rejects.toMatchObject({ holder: { kind: 'app', pid: child.pid } });
    const dead = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill('SIGKILL');
    await dead;
    const lock = await lockDataFolder(dir, { kind: 'cli', pid: process.pid });
    await lock.release();
  });
});
