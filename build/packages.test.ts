import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packagesAreCurrent } from './packages.mjs';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relevo-packages-'));
  await mkdir(join(folder, 'node_modules', 'node'), { recursive: true });
  await writeFile(join(folder, 'node_modules', 'node', 'package.json'), '{}');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const wanted = {
  '': { version: '0.1.0' },
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/only-on-windows': { version: '1.0.0', optional: true },
};

async function current(present: Record<string, unknown> | undefined): Promise<boolean> {
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
  if (present) await writeFile(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: present }));
  return packagesAreCurrent(folder);
}

test('what npm recorded is what the lockfile asks for, but for what is not for this system', async () => {
  expect(await current({ 'node_modules/zod': { version: '4.6.7' } })).toBe(true);
});

test('another version, a missing package and an install that was broken off all ask for a new one', async () => {
  expect(await current(undefined)).toBe(false);
  expect(await current({ 'node_modules/zod': { version: '4.6.6' } })).toBe(false);
  expect(await current({})).toBe(false);
});
