import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, makeFolderNow } from './make-folder.ts';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-make-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.each([
  ['waiting', makeFolder],
  ['at once', (path: string) => Promise.resolve().then(() => makeFolderNow(path))],
])('a folder made %s', (_name, make) => {
  test('comes with those above it, for its owner alone, and may be there already, also through a link', async () => {
    const deep = join(dir, 'a', 'b', 'c');
    await make(deep);
    await make(deep);
    if (process.platform !== 'win32') for (const folder of [deep, join(dir, 'a')]) expect(statSync(folder).mode & 0o777).toBe(0o700);
    symlinkSync(join(dir, 'a'), join(dir, 'link'));
    await make(join(dir, 'link'));
    await make(join(dir, 'link', 'd'));
    expect(existsSync(join(dir, 'a', 'd'))).toBe(true);
    await make(parse(dir).root);
  });

  test('is refused where a file stands in its way', async () => {
    writeFileSync(join(dir, 'file'), '');
    await expect(make(join(dir, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(dir, 'file', 'deep', 'er'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
    await expect(make(join(dir, 'dangling'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test.runIf(process.platform === 'linux')('is given up where the one above answers that it is not there itself', async () => {
    await expect(make('/proc/relevo')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(make('/proc/relevo/deep/er')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')('is refused where nothing may be written', async () => {
    chmodSync(dir, 0o500);
    await expect(make(join(dir, 'a'))).rejects.toMatchObject({ code: 'EACCES' });
    chmodSync(dir, 0o700);
  });
});
