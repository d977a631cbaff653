/** @file What lies on the disk after a working day, read byte by byte as a thief of the disk would. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePhotos } from '../test-support/photos.ts';
import type { WrittenPhoto } from '../test-support/photos.ts';
import type { RelevoApp } from './harness/app.ts';
import { expect, test } from './harness/test.ts';
import { tracesIn } from './harness/traces.ts';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { SignInPage } from './pages/sign-in-page.ts';
import { SupportPage } from './pages/support-page.ts';

const size = (megabytes: number) => () => Math.round(megabytes * 1e6);

async function addAll(app: RelevoApp, patient: string, photos: WrittenPhoto[]): Promise<void> {
  await new Shell(app.page).open('Añadir');
  const add = new AddPage(app.page);
  await add.choosePatient(patient);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.saved(photos.length, photos.length).first()).toBeVisible();
}

test('after a working day with a crash in it, nothing on the disk shows a photo, a person or a secret', async ({ folder, backend, launch }) => {
  test.setTimeout(180_000);
  const { ready } = backend;
  const [first, second] = ready.patients;
  const card = join(folder, 'card');
  const sent = (await Promise.all((['jpeg', 'png', 'webp'] as const).map((format) => writePhotos(card, 2, { seed: format, format, prefix: `Zqxfoto-${format}-`, sizeOf: size(0.6) })))).flat();
  const left = await writePhotos(card, 6, { seed: 'left', prefix: 'Zqxpendiente-', sizeOf: size(2) });
  // All that the app could write to lies in this folder: its data, its temporary files, and what it takes for the person's home.
  const wrote = join(folder, 'wrote');
  for (const name of ['home', 'temporary']) await mkdir(join(wrote, name), { recursive: true });
  const start = (): Promise<RelevoApp> => launch({ dataDir: join(wrote, 'data'), env: { HOME: join(wrote, 'home'), TMPDIR: join(wrote, 'temporary'), XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '' } });
  const secrets = {
    'a patient’s name': ready.patients.map(({ name }) => name),
    'a patient’s number': [first!.id, second!.id],
    'the e-mail address': backend.accounts.map(({ email }) => email),
    'the nurse’s name': backend.accounts.map(({ name }) => name),
    'the password': [ready.password],
    'a photo’s file name': ['Zqxfoto', 'Zqxpendiente'],
    'a search': ['Zqxbuscado'],
  };
  const photos = await Promise.all([...sent, ...left].map(({ path }) => readFile(path)));

  const app = await start();
  const signIn = new SignInPage(app.page);
  await signIn.setServer(ready.gateway);
  // Somebody mistypes first.
  await signIn.signIn(ready.email, `${ready.password}Zqx`);
  await expect(app.page.getByRole('alert').first()).toBeVisible();
  await signIn.signIn(ready.email, ready.password);
  await new Shell(app.page).ready();
  await addAll(app, first!.name, sent);
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible({ timeout: 60_000 });
  await expect(app.page.locator('img[src^="blob:"]').first()).toBeVisible();

  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: 600_000 } });
  const underWay = backend.faults.nextRequest(({ service, method }) => service === 'spaces' && method === 'PUT');
  await addAll(app, second!.name, left);
  await new Shell(app.page).open('Soporte');
  const support = new SupportPage(app.page);
  await support.search('Zqxbuscado');
  await expect(support.files.first()).toBeVisible();
  await underWay;
  await app.kill();
  expect(await tracesIn(wrote, secrets, photos)).toEqual([]);

  const again = await start();
  await new Shell(again.page).ready();
  await new Shell(again.page).open('Cola');
  await expect(new QueuePage(again.page).row(left[0]!.fileName)).toBeVisible();
  await again.close();
  expect(await tracesIn(wrote, secrets, photos)).toEqual([]);
  // There was something to be found.
  expect((await readFile(join(wrote, 'data', 'queue.db'))).length).toBeGreaterThan(10_000);

  // The eye that looks: each of these it must see.
  const planted: [string, Buffer][] = [
    ['a piece of a photo', photos[0]!.subarray(photos[0]!.length / 2, photos[0]!.length / 2 + 60_000)],
    ['a patient’s name', Buffer.from(`x${first!.name.normalize('NFD').toLowerCase()}x`, 'utf16le')],
    ['the e-mail address', Buffer.from(`{"email":"${ready.email}"}`)],
    ['a token', Buffer.from(`Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9m`)],
    ['a PNG', photos[2]!.subarray(0, 40)],
    ['a WebP', photos[4]!.subarray(0, 40)],
    ['EXIF', photos[0]!.subarray(6, 60)],
  ];
  for (const [what, bytes] of planted) {
    const file = join(wrote, 'data', 'window', 'planted');
    await writeFile(file, Buffer.concat([Buffer.alloc(1000), bytes, Buffer.alloc(1000)]));
    expect((await tracesIn(join(wrote, 'data', 'window'), secrets, photos)).map((trace) => trace.what), what).toContain(what);
  }
});
