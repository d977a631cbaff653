/** @file A server that keeps one photo of each patient: nobody loses the present one unasked. */
import { makePhotos } from './harness/card.ts';
import { expect, test } from './harness/test.ts';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';

test.use({ contract: 'heartguard' });

test('before a photo is replaced, the present one is shown beside the new one; it can be kept', async ({ folder, backend, launch, picture }) => {
  const [present, fresh] = await makePhotos(`${folder}/card`, 2, [0.3, 0.5]);
  const app = await launch({ signedIn: true });
  const { page } = app;
  const shell = new Shell(page);
  await shell.ready();
  const add = new AddPage(page);
  const queue = new QueuePage(page);
  const patient = backend.ready.patients[0]!;
  const dialog = page.getByRole('dialog');
  const sent = (): Promise<(string | undefined)[]> => Promise.all(backend.store.profilePhotos().filter((photo) => photo.present).map(({ objectKey }) => backend.store.sha256(objectKey)));

  await add.choosePatient(patient.name);
  await add.chooseFiles([present!.path]);
  await expect(add.safe).toBeVisible();
  await expect(dialog).toHaveCount(0);
  await shell.open('Cola');
  await expect(queue.allSent).toBeVisible({ timeout: 30_000 });
  expect(await sent()).toEqual([present!.sha256]);

  await shell.open('Añadir');
  await add.chooseFiles([fresh!.path]);
  await expect(dialog).toContainText(`¿Sustituir la foto de ${patient.name}?`);
  const widthOf = (alt: string): Promise<number> => dialog.getByAltText(alt).evaluate(async (image: HTMLImageElement) => image.decode().then(() => image.naturalWidth));
  expect(await widthOf(`La foto que ${patient.name} tiene ahora`)).toBeGreaterThan(0);
  expect(await widthOf('La foto que se va a añadir')).toBeGreaterThan(0);
  await picture(app, 'replace');
  await dialog.getByRole('button', { name: 'Conservar la actual' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await sent()).toEqual([present!.sha256]);

  await add.chooseFiles([fresh!.path]);
  await dialog.getByRole('button', { name: 'Sustituir' }).click();
  await shell.open('Cola');
  await expect(queue.row(fresh!.fileName)).toContainText('Enviada', { timeout: 30_000 });
  expect(await sent()).toEqual([fresh!.sha256]);

  // Where it cannot be seen it is asked all the same, and of several it is said which will remain.
  await backend.faults.network({ down: true });
  await shell.open('Añadir');
  await add.chooseFiles([present!.path, fresh!.path]);
  await expect(dialog).toContainText('No se puede mostrar ahora');
  await expect(dialog).toContainText('Ha elegido 2 fotos: solo quedará la última.');
  await picture(app, 'replace-unknown');
  await dialog.getByRole('button', { name: 'Cancelar' }).click();
  await expect(dialog).toHaveCount(0);
});
