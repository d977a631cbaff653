/** @file A window that somebody left: it shows and tells nothing of patients, and sending goes on behind it. */
import { ask } from './harness/ask.ts';
import { makePhotos } from './harness/card.ts';
import { listen } from './harness/listen.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';
import { AddPage } from './pages/add-page.ts';
import { LockPage } from './pages/lock-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';

test('locked, it shows nothing of patients, sends on, stays locked over a restart, and opens without a network', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 12, [0.15, 0.3]);
  const { password, email } = backend.ready;
  const patient = backend.ready.patients[0]!;
  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: 40_000 } });
  const first = await launch({ signedIn: true });
  const { page } = first;
  const shell = new Shell(page);
  await shell.ready();
  const add = new AddPage(page);
  await add.choosePatient(patient.name);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();
  await shell.open('Cola');
  const { value } = await ask(first, 'getQueuePage', {});
  const { id } = (value as { items: { id: string }[] }).items[0]!;
  await expect(new QueuePage(page).rows.first()).toContainText(patient.name);

  const secrets = [...backend.ready.patients.flatMap(({ id: patientId, name }) => [patientId, name]), ...photos.map(({ fileName }) => fileName)];
  await page.keyboard.press('Control+l');
  const lock = new LockPage(page);
  await expect(lock.card).toContainText('Ana Ruiz');
  await expect(lock.card).toContainText(email);
  await expect(lock.password).toBeFocused();
  await expect(page.getByText(/^\d+ fotos? se siguen? enviando solas?\.$/)).toBeVisible();
  await picture(first, 'locked');
  const heard = await listen(first);
  const shown = await page.evaluate(() => document.documentElement.outerHTML + document.title);
  for (const secret of secrets) expect(shown).not.toContain(secret);
  await expect(page.locator('img')).toHaveCount(0);
  for (const [method, input] of [['getQueuePage', {}], ['getUpload', { id }], ['getThumbnail', { id }], ['searchPatients', {}], ['getPresentPhoto', { patientId: patient.id }], ['getLog', {}], ['previewBundle', undefined], ['cancelUpload', { id }]] as const) {
    expect(await ask(first, method, input), method).toEqual({ ok: false, code: 'locked' });
  }

  await lock.unlock('not this one');
  await expect(page.getByRole('alert')).toContainText('La contraseña no es correcta.');
  await expect(lock.password).toBeFocused();
  await picture(first, 'locked-wrong');
  await backend.faults.clear();
  await expect(page.getByText('Todas las fotos se han enviado.')).toBeVisible({ timeout: 40_000 });
  await expectStoredOnce(backend, photos);
  // The queue's counts came all the while, and nothing else.
  expect(heard.some((message) => message.includes('"counts"'))).toBe(true);
  for (const secret of [...secrets, id]) expect(heard.join('\n')).not.toContain(secret);
  await first.kill();

  const second = await launch();
  const again = new LockPage(second.page);
  await expect(again.card).toContainText('Ana Ruiz');
  expect(await ask(second, 'getQueuePage', {})).toEqual({ ok: false, code: 'locked' });
  await backend.faults.network({ down: true });
  await expect(again.password).toBeFocused();
  await again.unlock(password);
  await new Shell(second.page).ready();
  await new Shell(second.page).open('Cola');
  await expect(new QueuePage(second.page).row(photos[0]!.fileName)).toContainText(patient.name);
});
