import { copyFile, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { makePhotos } from './harness/card.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';

test('each bad file is told with its reason, and the good ones beside it arrive', async ({ folder, backend, launch, picture }) => {
  const card = join(folder, 'card');
  const photos = await makePhotos(card, 3, [0.3, 1]);
  const bad = join(folder, 'bad');
  await mkdir(bad);
  await writeFile(join(bad, 'empty.jpg'), '');
  await writeFile(join(bad, 'text.jpg'), 'this is no photo, whatever its name says');
  await symlink(join(bad, 'gone.jpg'), join(bad, 'dangling.jpg'));
  await writeFile(join(bad, 'page.png'), '<!doctype html><p>not a picture');
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.drop([...photos.map(({ path }) => path), ...['empty.jpg', 'text.jpg', 'page.png', 'dangling.jpg'].map((name) => join(bad, name))]);

  await expect(add.rejected).toHaveText('4 archivos no se añadieron');
  const { page } = app;
  await expect(page.getByText('El archivo está vacío.').first()).toBeVisible();
  await expect(page.getByText('El archivo no es una imagen, diga lo que diga su nombre.').first()).toBeVisible();
  await expect(page.getByText('Es un acceso a un archivo que ya no existe.').or(page.getByText('El archivo no existe.')).first()).toBeVisible();
  await expect(add.safe).toBeHidden();
  await picture(app, 'rejected');
  await new Shell(page).open('Cola');
  await expect(new QueuePage(page).allSent).toBeVisible();
  await expectStoredOnce(backend, photos);
});

test('the same photo twice is told and sent once; the same for another patient is sent', async ({ folder, backend, launch }) => {
  const photos = await makePhotos(join(folder, 'card'), 2, [0.3, 0.5]);
  const paths = photos.map(({ path }) => path);
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.chooseFiles(paths);
  await expect(add.safe).toBeVisible();
  await add.chooseFiles(paths);
  await expect(app.page.getByText('2 fotos ya se habían añadido a este paciente y no se envían dos veces.')).toBeVisible();
  await add.choosePatient(backend.ready.patients[1]!.name);
  await add.chooseFiles(paths.slice(0, 1));
  await expect(add.saved(1, 1)).toBeVisible();
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  await expectStoredOnce(backend, [...photos, photos[0]!]);
});

test('a folder is walked, and names of every kind survive', async ({ folder, backend, launch }) => {
  const names = ['cumpleaños 🎉.jpg', '"comillas" y \'apóstrofos\'.jpg', 'dos\nlíneas.jpg', `${'ñ'.repeat(125)}.jpg`];
  const card = join(folder, 'card', 'DCIM', '100CANON');
  await mkdir(card, { recursive: true });
  const photos = await makePhotos(join(folder, 'made'), names.length, [0.3, 0.5]);
  for (const [index, name] of names.entries()) await copyFile(photos[index]!.path, join(card, name));
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.drop([join(folder, 'card')]);
  await expect(add.safe).toBeVisible();
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  await expectStoredOnce(backend, photos);
  expect(backend.store.photos().map(({ fileName }) => fileName).sort()).toEqual([...names].sort());
});

test('a photo over the limit of the contract is refused at once, with the limit named, and nobody is signed out', async ({ folder, backend, launch }) => {
  const [photo] = await makePhotos(join(folder, 'card'), 1, [0.3, 0.3]);
  const large = join(folder, 'large.jpg');
  await writeFile(large, Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
  // Sparse: more than the 1 GB of contract B without filling the disk.
  await truncate(large, 1024 * 1024 * 1024 + 1);
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await add.drop([large, photo!.path]);
  await expect(app.page.getByText(/el servidor acepta hasta 1 GB/).first()).toBeVisible();
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  await expectStoredOnce(backend, [photo!]);
});

test('a thousand files at once', async ({ folder, backend, launch, picture }) => {
  test.setTimeout(180_000);
  const [photo] = await makePhotos(join(folder, 'card'), 1, [0.05, 0.05]);
  const bytes = await readFile(photo!.path);
  const many = join(folder, 'many');
  await mkdir(many);
  // Bytes after a JPEG's end marker are no fault of the photo, and make each another one.
  await Promise.all(Array.from({ length: 1000 }, (_, index) => writeFile(join(many, `IMG_${index}.JPG`), Buffer.concat([bytes, Buffer.from(`#${index}`)]))));
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  const began = performance.now();
  await add.drop([many]);
  await expect(add.safe).toBeVisible({ timeout: 60_000 });
  test.info().annotations.push({ type: 'thousand safe', description: `${Math.round(performance.now() - began)} ms` });
  await picture(app, 'thousand');
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible({ timeout: 120_000 });
  test.info().annotations.push({ type: 'thousand sent', description: `${Math.round(performance.now() - began)} ms` });
  expect(backend.store.photos()).toHaveLength(1000);
});
