import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unzip } from './unzip.mjs';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'relevo-unzip-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

const large = randomBytes(3_000_000);
const text = Buffer.from('hola '.repeat(5000));

async function archive(files: Parameters<typeof zipSync>[0]): Promise<string> {
  const path = join(folder, 'archive.zip');
  await writeFile(path, zipSync(files));
  return path;
}

test('packed, stored and empty files come out as they were, with their permissions, where they are wanted', async () => {
  const path = await archive({
    'App/program': [text, { level: 9, os: 3, attrs: 0o755 << 16 }],
    'App/data/large.bin': [large, { level: 0, os: 3, attrs: 0o644 << 16 }],
    'App/empty': new Uint8Array(),
    'App/left-out': text,
  });
  const out = join(folder, 'out');
  const written = await unzip(path, out, (name) => (name === 'App/left-out' ? undefined : name === 'App/program' ? 'renamed' : name.slice(4)));
  expect(written).toBe(3);
  expect(await readFile(join(out, 'renamed'))).toEqual(text);
  expect((await stat(join(out, 'renamed'))).mode & 0o777).toBe(0o755);
  expect((await readFile(join(out, 'data/large.bin'))).equals(large)).toBe(true);
  expect((await stat(join(out, 'empty'))).size).toBe(0);
  await expect(stat(join(out, 'left-out'))).rejects.toThrow('ENOENT');
});

test('an entry that would land outside is refused', async () => {
  const path = await archive({ '../outside': text });
  await expect(unzip(path, join(folder, 'out'), (name) => name)).rejects.toThrow('points outside its folder');
  await expect(stat(join(folder, 'outside'))).rejects.toThrow('ENOENT');
});

test('an archive that is cut short or damaged is refused', async () => {
  const path = await archive({ 'a.txt': [text, { level: 9 }] });
  const whole = await readFile(path);
  await writeFile(path, whole.subarray(0, whole.length - 30));
  await expect(unzip(path, join(folder, 'out'), (name) => name)).rejects.toThrow('is not a whole zip');
  const damaged = Buffer.from(whole);
  damaged.fill(0xff, 40, 60);
  await writeFile(path, damaged);
  await expect(unzip(path, join(folder, 'out'), (name) => name)).rejects.toThrow();
});
