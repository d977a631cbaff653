import { mkdir, readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import type { RelevoApp } from './harness/app.ts';
import { makePhotos } from './harness/card.ts';
import { speak } from './harness/language.ts';
import { expect, test } from './harness/test.ts';
import { saidWithoutNetwork } from './harness/without-network.ts';
import { AddPage } from './pages/add-page.ts';
import { ConnectionPage } from './pages/connection-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { SupportPage } from './pages/support-page.ts';

/** Checks in Spanish, then shows the same in English; a picture of each. */
async function checkInBoth(app: RelevoApp, picture: (app: RelevoApp, name: string) => Promise<void>, name: string, says: { es: string; en: string; chip: { es: string; en: string } }): Promise<ConnectionPage> {
  const spanish = new ConnectionPage(app.page);
  await spanish.open();
  await spanish.check();
  await expect(spanish.sentence).toHaveText(says.es);
  await expect(spanish.chip).toHaveText(says.chip.es);
  await picture(app, `${name}-es`);
  await speak(app.page, 'English');
  const english = new ConnectionPage(app.page, 'en');
  await english.open();
  await expect(english.sentence).toHaveText(says.en);
  await expect(english.chip).toHaveText(says.chip.en);
  await picture(app, `${name}-en`);
  await speak(app.page, 'Español');
  await spanish.open();
  return spanish;
}

async function addPhotos(app: RelevoApp, folder: string, count: number, patient: string): Promise<string[]> {
  const photos = await makePhotos(`${folder}/card-${count}`, count, [0.2, 0.6]);
  const add = new AddPage(app.page);
  await new Shell(app.page).open('Añadir');
  await add.choosePatient(patient);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe.first()).toBeVisible();
  await expect(add.saved(count, count).first()).toBeVisible();
  return photos.map(({ fileName }) => fileName);
}

test('everything works: the panel says so, step by step, and what it rests on can be copied', async ({ folder, backend, launch, picture }) => {
  const app = await launch({ signedIn: true });
  const shell = new Shell(app.page);
  await shell.ready();
  await addPhotos(app, folder, 2, backend.ready.patients[0]!.name);
  await shell.open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  const connection = await checkInBoth(app, picture, 'healthy', { es: 'Todo funciona.', en: 'Everything works.', chip: { es: 'Conectado', en: 'Connected' } });
  await expect(connection.steps).toHaveCount(8);
  await expect(connection.steps.filter({ hasText: 'Falla' })).toHaveCount(0);
  await expect(connection.steps.filter({ hasText: 'El servidor responde' })).toContainText('Bien');
  const evidence = await connection.openEvidence();
  await evidence.getByRole('button', { name: 'Copiar' }).click();
  await expect(evidence.getByRole('button', { name: 'Copiado' })).toBeVisible();
  const copied = await app.electron.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied).toMatch(/^L0 computer/);
  expect(copied).toMatch(/L5 gateway {2}http +ok/);
  await picture(app, 'healthy-evidence');
});

test('media cannot reach Spaces: the cut is drawn there, and a waiting photo leads to it', async ({ folder, backend, launch, picture }) => {
  const app = await launch({ signedIn: true });
  const shell = new Shell(app.page);
  await shell.ready();
  const patient = backend.ready.patients[0]!.name;
  await addPhotos(app, folder, 1, patient);
  await shell.open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  await backend.services.spaces.stop();
  backend.faults.media({ spacesUnreachable: 'refused' });
  // The first of the two is the photo that was sent before.
  const waiting = (await addPhotos(app, folder, 2, patient))[1];
  const connection = await checkInBoth(app, picture, 'spaces-down', {
    es: 'El almacén de fotos no responde.', en: 'Photo storage is not responding.', chip: { es: 'Fallo del almacén', en: 'Storage fault' },
  });
  await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(900, 600));
  await picture(app, 'spaces-down-900x600');
  await shell.open('Cola');
  await new QueuePage(app.page).row(waiting!).click();
  const drawer = app.page.getByRole('dialog');
  await expect(drawer.getByText('Lo que lo explica: El almacén de fotos no responde.')).toBeVisible();
  await picture(app, 'photo-leads-to-connection');
  await drawer.getByRole('button', { name: 'Ver conexión' }).click();
  await expect(connection.sentence).toBeVisible();
});

test('a captive portal: the panel asks to accept the network’s page', async ({ backend, launch, picture }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  await backend.faults.set({ where: { service: 'gateway' }, effect: { kind: 'status', status: 302, body: '', headers: { location: 'http://acceso.hotel.example/entrar' } } });
  await checkInBoth(app, picture, 'captive-portal', {
    es: 'Esta red pide iniciar sesión en una página.', en: 'This network wants you to sign in on a web page.', chip: { es: 'Fallo en la red', en: 'Network fault' },
  });
});

// Network namespaces are Linux’s.
if (process.platform === 'linux') test('no network at all: the cut is drawn at this computer', async ({ folder }, testInfo) => {
  await mkdir(testInfo.outputDir, { recursive: true });
  const said = await saidWithoutNetwork(`${folder}/offline`, testInfo.outputDir);
  expect(said).toEqual({
    es: { sentence: 'Este equipo no tiene red.', chip: 'Sin red', cut: true },
    en: { sentence: 'This computer has no network.', chip: 'No network', cut: true },
  });
});

test('support: what the report holds is seen before it is saved, and the log can be searched', async ({ folder, backend, launch, picture }) => {
  const app = await launch({ signedIn: true });
  const shell = new Shell(app.page);
  await shell.ready();
  const patient = backend.ready.patients[0]!.name;
  const photos = await addPhotos(app, folder, 2, patient);
  await shell.open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible();
  await shell.open('Soporte');
  const support = new SupportPage(app.page);
  await expect(support.files.first()).toBeVisible({ timeout: 60_000 });
  await expect(support.leftOut).toHaveCount(8);
  await expect(support.lines.first()).toBeVisible();
  await picture(app, 'support-es');
  await support.search('zzz-nothing-says-this');
  await expect(app.page.getByText('Nada que mostrar con este filtro')).toBeVisible();
  const file = `${folder}/informe.zip`;
  await app.electron.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
  await support.save.click();
  await expect(app.page.getByText('Informe guardado. Envíelo a soporte.')).toBeVisible({ timeout: 60_000 });
  const inside = Object.entries(unzipSync(await readFile(file))).map(([path, bytes]) => `${path}\n${strFromU8(bytes)}`).join('\n');
  expect(inside).toContain('HEALTHY');
  for (const secret of [patient, backend.ready.password, backend.ready.email, ...photos]) expect(inside).not.toContain(secret);
  await picture(app, 'support-saved');
});
