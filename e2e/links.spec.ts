/** @file What a link from outside does: it shows a screen, and that is all it can. */
import type { RelevoApp } from './harness/app.ts';
import { startAgain } from './harness/app.ts';
import { ask } from './harness/ask.ts';
import { expect, test } from './harness/test.ts';
import { Shell } from './pages/shell.ts';

/** The section that the sidebar marks as shown. */
const shown = ({ page }: RelevoApp) => page.getByRole('navigation', { name: 'Secciones' }).locator('[aria-current=page]');

test('a link shows the screen that it names, and the patient', async ({ launch, backend }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  for (const [link, name] of [['relevo://queue', 'Cola'], ['relevo://connection', 'Conexión'], ['relevo://settings', 'Ajustes'], ['relevo://support', 'Soporte']] as const) {
    await startAgain(app, [link]);
    await expect(shown(app)).toContainText(name);
  }
  const patient = backend.ready.patients[1]!;
  await startAgain(app, [`relevo://add?patient=${encodeURIComponent(patient.id)}`]);
  await expect(shown(app)).toContainText('Añadir');
  await expect(app.page.getByRole('heading', { level: 2, name: patient.name })).toBeVisible();
  // Shown, and nothing begun.
  expect(backend.store.photos()).toEqual([]);
});

test('a link that starts the app waits until somebody has signed in', async ({ launch }) => {
  const app = await launch({ signedIn: true, appArgs: ['relevo://support'] });
  await expect(shown(app)).toContainText('Soporte');
  // Given once: after the page came anew, the person's own way counts.
  await app.page.reload();
  await expect(shown(app)).toContainText('Añadir');
});

test('while the window is locked a link waits', async ({ launch, backend }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  await ask(app, 'lock');
  const locked = app.page.getByRole('heading', { name: 'Relevo está bloqueado' });
  await expect(locked).toBeVisible();
  await startAgain(app, [`relevo://add?patient=${encodeURIComponent(backend.ready.patients[1]!.id)}`]);
  expect(await ask(app, 'searchPatients', {})).toMatchObject({ ok: false, code: 'locked' });
  await expect(locked).toBeVisible();
  expect(await app.page.content()).not.toContain(backend.ready.patients[1]!.name);
  await app.page.getByLabel('Contraseña', { exact: true }).fill(backend.ready.password);
  await app.page.getByRole('button', { name: 'Desbloquear' }).click();
  await expect(app.page.getByRole('heading', { level: 2, name: backend.ready.patients[1]!.name })).toBeVisible();
});

test('hostile links do nothing, and leave nothing of themselves in the log', async ({ launch, backend }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  await new Shell(app.page).open('Cola');
  const before = app.page.url();
  for (const link of ['relevo://sign-out', 'relevo://settings?gateway=https://zqx.example', 'relevo://add?patient=%00Zqx', 'relevo://add?patient=1&path=/etc/passwd', 'relevo://queue/../settings', `relevo://${'Zqx'.repeat(1000)}`, 'relevo:javascript:Zqx']) {
    await startAgain(app, [link]);
  }
  // An id that nobody has is no patient, and is not made one.
  await startAgain(app, ['relevo://add?patient=Zqx']);
  await expect(shown(app)).toContainText('Añadir');
  await expect(app.page.getByRole('group', { name: 'Suelte las fotos aquí' })).toBeHidden();
  expect(app.page.url()).toBe(before);
  await expect.poll(() => app.lines.filter((line) => line.includes('link.refused')).length).toBe(7);
  expect(app.lines.join('\n')).not.toContain('Zqx');
  expect(backend.store.photos()).toEqual([]);
});
