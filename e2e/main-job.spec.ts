import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { SignInPage } from './pages/sign-in-page.ts';
import { makePhotos } from './harness/card.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';

test('a nurse signs in, gives twenty photos to a patient, and they arrive', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 20, [0.5, 4]);
  const app = await launch();
  const { page } = app;
  test.info().annotations.push({ type: 'window shown', description: `${app.shownAfterMs} ms after start` });

  const signIn = new SignInPage(page);
  await expect(signIn.title).toBeVisible();
  await picture(app, 'sign-in');
  await signIn.setServer(backend.ready.gateway);
  await signIn.signIn(backend.ready.email, backend.ready.password);

  const shell = new Shell(page);
  await shell.ready();
  const add = new AddPage(page);
  const patient = backend.ready.patients[0]!;
  await add.choosePatient(patient.name);
  const began = performance.now();
  await add.chooseFiles(photos.slice(0, 10).map(({ path }) => path));
  await expect(add.safe).toBeVisible();
  await add.drop(photos.slice(10).map(({ path }) => path));
  await expect(add.saved(10, 10)).toHaveCount(2);
  await expect(add.safe).toHaveCount(2);
  test.info().annotations.push({ type: 'safe to remove', description: `${Math.round(performance.now() - began)} ms for 20 photos` });
  await picture(app, 'added');

  await shell.open('Cola');
  const queue = new QueuePage(page);
  await expect(queue.allSent).toBeVisible({ timeout: 30_000 });
  test.info().annotations.push({ type: 'all sent', description: `${Math.round(performance.now() - began)} ms for ${photos.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)} bytes` });
  await expect(queue.row(photos[19]!.fileName)).toContainText('Enviada');
  await picture(app, 'queue');

  await expectStoredOnce(backend, photos);
  expect(new Set(backend.store.photos().map(({ patientId }) => patientId))).toEqual(new Set([patient.id]));
});

test('in both languages, light and dark', async ({ folder, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 4, [0.3, 1]);
  const app = await launch({ signedIn: true });
  const { page } = app;
  const shell = new Shell(page);
  await shell.ready();
  const add = new AddPage(page);
  await add.choosePatient('');
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();
  await shell.open('Cola');
  await expect(new QueuePage(page).allSent).toBeVisible();

  const scheme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
  for (const [theme, name] of [['Claro', 'light'], ['Oscuro', 'dark']] as const) {
    await shell.open('Ajustes');
    await page.getByRole('radiogroup', { name: 'Aspecto' }).getByText(theme, { exact: true }).click();
    await expect.poll(scheme).toBe(name);
    await picture(app, `settings-es-${theme}`);
    await shell.open('Cola');
    await picture(app, `queue-es-${theme}`);
    await shell.open('Añadir');
    await picture(app, `add-es-${theme}`);
  }
  await shell.open('Ajustes');
  await page.getByRole('radiogroup', { name: 'Idioma' }).getByText('English', { exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.getByRole('navigation').getByText('Queue', { exact: true }).click();
  await expect(page.getByText('Everything sent').first()).toBeVisible();
  // Choosing a language leaves the rest of the settings alone.
  expect(await scheme()).toBe('dark');
  await picture(app, 'queue-en-dark');
});
