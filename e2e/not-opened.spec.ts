/** @file What the window says where the data cannot be opened: what it is, what it means for the photos, what to do. */
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RelevoApp } from './harness/app.ts';
import { expect, test } from './harness/test.ts';

async function says(app: RelevoApp, ...sentences: string[]): Promise<void> {
  // Three starts are tried before a person is told.
  for (const sentence of sentences) await expect(app.page.getByText(sentence, { exact: false })).toBeVisible({ timeout: 20_000 });
}

test('a data folder that others write to is not used, and the window says so', async ({ folder, launch }) => {
  const dataDir = join(folder, 'everybodys');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'somebody.txt'), 'not ours');
  await chmod(dataDir, 0o777);
  const app = await launch({ dataDir, opens: false });
  await says(app, 'La carpeta de datos elegida es de otros', 'Relevo no ha guardado nada en ella', 'RELEVO_DATA_DIR');
  expect((await readdir(dataDir)).filter((name) => name !== 'window').sort()).toEqual(['somebody.txt']);
});

test('a key that has gone is asked for, no other one is made, and with it back all is as before', async ({ folder, launch, picture }) => {
  const dataDir = join(folder, 'data');
  const before = await launch({ dataDir, env: { RELEVO_KEY: '' } });
  await expect(before.page.getByRole('button', { name: 'Iniciar sesión' })).toBeVisible();
  await before.close();
  await rename(join(dataDir, 'data.key'), join(folder, 'kept.key'));
  const without = await launch({ dataDir, env: { RELEVO_KEY: '' }, opens: false });
  await says(without, 'No se encuentra, o no se puede usar, la clave', 'Las fotos siguen selladas', 'data.key');
  await picture(without, 'key-missing');
  expect(await readdir(dataDir)).not.toContain('data.key');
  // It goes on being tried behind the message.
  await rename(join(folder, 'kept.key'), join(dataDir, 'data.key'));
  await expect(without.page.getByRole('button', { name: 'Iniciar sesión' })).toBeVisible({ timeout: 30_000 });
});
