import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadDataKey } from './data-key.ts';

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'relevo-key-')); });
afterEach(async () => { await rm(dir, { recursive: true, force: true }); });

const load = (environment: Record<string, string> = {}) => loadDataKey({ dataDir: join(dir, 'data'), environment });
const file = () => join(dir, 'data', 'data.key');

/** Whether a secret's bytes lie in the pool of which Node cuts every small Buffer, for as long as nothing is written over them. */
async function leftInPool(use: () => Promise<Uint8Array>): Promise<boolean> {
  const pools = [Buffer.from('before').buffer];
  const secret = await use();
  pools.push(Buffer.from('after').buffer);
  return pools.some((pool) => Buffer.from(pool).includes(Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength)));
}

describe('the key file', () => {
  test('is made once, for its owner alone, and found again', async () => {
    const first = await load();
    expect(first.source).toBe('key-file');
    expect(first.bytes).toHaveLength(32);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await load()).bytes).toEqual(first.bytes);
    expect(await readdir(join(dir, 'data'))).toEqual(['data.key']);
  });

  test('leaves no copy of the key in memory that others use', async () => {
    expect(await leftInPool(async () => (await load()).bytes)).toBe(false);
    expect(await leftInPool(async () => (await load()).bytes)).toBe(false);
    const given = Buffer.allocUnsafeSlow(32).fill(9).toString('base64');
    expect(await leftInPool(async () => (await loadDataKey({ dataDir: join(dir, 'other'), environment: { RELEVO_KEY: given } })).bytes)).toBe(false);
    expect(await leftInPool(async () => Buffer.from(given, 'base64'))).toBe(true);
  });

  test('is the same for all who come at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => load()));
    expect(new Set(keys.map((key) => Buffer.from(key.bytes).toString('hex'))).size).toBe(1);
    expect(await readdir(join(dir, 'data'))).toEqual(['data.key']);
  });

  test('is closed to others where it was open to them', async () => {
    const { bytes } = await load();
    await chmod(file(), 0o644);
    expect((await load()).bytes).toEqual(bytes);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  test.each(['', 'AAAA', 'x'.repeat(44)])('is never replaced when it is damaged (%j)', async (content) => {
    await load();
    await writeFile(file(), content);
    await expect(load()).rejects.toMatchObject({ name: 'DataKeyError', reason: 'file-damaged' });
    expect(await readFile(file(), 'utf8')).toBe(content);
  });

  test('a folder that cannot be made is told', async () => {
    await writeFile(join(dir, 'data'), '');
    await expect(load()).rejects.toMatchObject({ reason: expect.stringMatching(/^file-un/) as string });
  });
});

test('a folder whose key is in the keychain gets no other', async () => {
  await mkdir(join(dir, 'data'));
  await writeFile(join(dir, 'data', 'key.sealed'), 'sealed');
  await expect(load()).rejects.toMatchObject({ reason: 'in-keychain' });
  await expect(load({ RELEVO_KEY: Buffer.alloc(32).toString('base64') })).rejects.toMatchObject({ reason: 'in-keychain' });
  expect(await readdir(join(dir, 'data'))).toEqual(['key.sealed']);
});

describe('RELEVO_KEY', () => {
  test('is taken, and no file is made', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    expect(await load({ RELEVO_KEY: key })).toEqual({ bytes: new Uint8Array(32).fill(7), source: 'environment' });
    await expect(stat(file())).rejects.toThrow();
  });

  test.each(['short', Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), `${Buffer.alloc(32).toString('base64')}!`])(
    'is refused when it is not the base64 of 32 bytes (%s)', async (value) => {
      const failed = load({ RELEVO_KEY: value });
      await expect(failed).rejects.toMatchObject({ reason: 'environment-invalid' });
      await expect(failed).rejects.not.toThrow(value);
    },
  );
});
