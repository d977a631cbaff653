import { writeFile } from 'node:fs/promises';
import { ask } from './harness/ask.ts';
import { makePhotos } from './harness/card.ts';
import { expect, test } from './harness/test.ts';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { Shell } from './pages/shell.ts';

test('own keys: a wrong secret is shown where it fails and cannot be saved; the right one is, and photos go past the server', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 2, [0.2, 0.4]);
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = backend.spaces;
  const administratorFile = `${folder}/administrator.json`;
  await writeFile(administratorFile, JSON.stringify({ fixed: { ownKeysInWindow: true } }));
  const app = await launch({ signedIn: true, env: { RELEVO_ADMIN_SETTINGS: administratorFile } });
  const { page } = app;
  const shell = new Shell(page);
  await shell.ready();
  const settings = new SettingsPage(page);
  await settings.open('Almacén propio');
  await settings.button('Configurar').click();
  await settings.field('Dirección del almacén').fill(endpoint);
  await settings.field('Bucket').fill(bucket);
  await settings.field('Región').fill(region);
  await settings.field('Identificador de la clave').fill(accessKeyId);
  await settings.field('Clave secreta').fill('not-the-secret');
  await settings.section.getByRole('switch', { name: 'Bucket en la ruta' }).press('Space');
  await expect(settings.button('Guardar y usar')).toBeDisabled();
  await settings.button('Probar').click();
  const steps = settings.section.getByRole('list', { name: 'Probar' }).getByRole('listitem');
  await expect(steps).toHaveText([/^Escribir un archivo de pruebaFallaLa clave secreta no es la de este identificador\./, 'LeerloNo se probó', 'BorrarloNo se probó']);
  await expect(settings.button('Guardar y usar')).toBeDisabled();
  await picture(app, 'own-keys-refused');

  await settings.field('Clave secreta').fill(secretAccessKey);
  await settings.button('Probar').click();
  await expect(steps).toHaveText(['Escribir un archivo de pruebaBien', 'LeerloBien', 'BorrarloBien']);
  await picture(app, 'own-keys-passed');
  await settings.button('Guardar y usar').click();
  await expect(settings.section.getByText(`Las fotos van a «${bucket}» en ${new URL(endpoint).host}.`)).toBeVisible();
  // The secret went one way: nothing that the window can ask for gives it back.
  expect((await ask(app, 'getOwnKeys')).value).toEqual({ ownKeys: { endpoint, region, bucket, accessKeyId, pathStyle: true } });
  expect(await backend.store.objects({ hash: false })).toEqual([]);
  await settings.open('Servidor');
  await expect(settings.section.getByText('Van directas al almacén de su clínica, sin pasar por el servidor.')).toBeVisible();

  await shell.open('Añadir');
  const add = new AddPage(page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();
  await shell.open('Cola');
  await expect(new QueuePage(page).allSent).toBeVisible({ timeout: 30_000 });
  expect((await backend.store.objects()).map(({ sha256 }) => sha256).sort()).toEqual(photos.map(({ sha256 }) => sha256).sort());
  expect(backend.store.photos()).toEqual([]);

  await settings.open('Almacén propio');
  await settings.button('Dejar de usarlo').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Dejar de usarlo' }).click();
  await expect(settings.button('Configurar')).toBeVisible();
});

test('without an administrator’s leave a window sends no photo to a store of its own', async ({ backend, launch, picture }) => {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = backend.spaces;
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const settings = new SettingsPage(app.page);
  await settings.open('Almacén propio');
  await expect(settings.section.getByText('En este equipo solo lo cambia su administrador.')).toBeVisible();
  await expect(settings.button('Configurar')).toHaveCount(0);
  await picture(app, 'own-keys-by-administrator');
  const keys = { endpoint, region, bucket, accessKeyId, secretAccessKey, pathStyle: true };
  for (const call of ['testOwnKeys', 'saveOwnKeys'] as const) expect(await ask(app, call, keys)).toMatchObject({ ok: false, code: 'set-by-administrator' });
  expect(await ask(app, 'changeSettings', { ownKeysInWindow: true })).toMatchObject({ ok: false, code: 'set-by-administrator' });
});
