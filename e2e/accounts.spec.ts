/** @file Two nurses at one computer: each sees and sends their own. */
import { ask } from './harness/ask.ts';
import { makePhotos } from './harness/card.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';
import { AddPage } from './pages/add-page.ts';
import { LockPage } from './pages/lock-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { SignInPage } from './pages/sign-in-page.ts';

test('what one leaves stays sealed for her, is neither shown to nor sent by another, and goes out when she is back', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 3, [0.3, 0.6]);
  const { password, gateway, email } = backend.ready;
  const lucia = backend.accounts.find(({ name }) => name === 'Lucía Ferrer')!;
  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: 10_000 } });
  const app = await launch();
  const { page } = app;
  const signIn = new SignInPage(page);
  const shell = new Shell(page);
  await signIn.setServer(gateway);
  await signIn.signIn(email, password);
  await shell.ready();
  const add = new AddPage(page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();

  await shell.signOut('3 fotos sin enviar quedarán selladas para usted en este equipo.');
  await expect(signIn.person('Ana Ruiz')).toContainText('3 fotos le esperan');
  await backend.faults.clear();
  await signIn.signIn(lucia.email, password);
  await shell.ready();
  await shell.open('Cola');
  await expect(page.getByText('Aquí verá sus fotos camino del servidor')).toBeVisible();
  expect(await ask(app, 'getQueuePage', {})).toMatchObject({ ok: true, value: { items: [], total: 0 } });
  expect(backend.store.photos()).toEqual([]);

  // Ana comes back to a window that Lucía has locked.
  await page.getByRole('button', { name: 'Bloquear ahora' }).click();
  const lock = new LockPage(page);
  await expect(lock.card).toContainText('Lucía Ferrer');
  await page.getByRole('button', { name: 'Entrar con otra cuenta' }).click();
  await signIn.person('Ana Ruiz').click();
  await expect(page.getByLabel('Correo electrónico')).toHaveValue(email);
  await picture(app, 'people');
  await signIn.signIn(email, password);
  await shell.ready();
  await shell.open('Cola');
  await expect(new QueuePage(page).allSent).toBeVisible({ timeout: 40_000 });
  await expect(new QueuePage(page).rows).toHaveCount(3);
  await expectStoredOnce(backend, photos);
});
