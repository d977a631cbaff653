import { expect, test } from './harness/test.ts';
import { SettingsPage } from './pages/settings-page.ts';
import { Shell } from './pages/shell.ts';

test('speed, timetable, privacy and proxy are kept over a restart; what an administrator sets is shown and not changed', async ({ launch, picture }) => {
  const first = await launch({ signedIn: true });
  await new Shell(first.page).ready();
  const settings = new SettingsPage(first.page);
  await settings.open('Envío');
  await settings.field('Límite de velocidad').fill('1.250');
  await settings.field('Límite de velocidad').press('Enter');
  await expect(settings.section).toContainText('Equivale a 10 Mbit/s.');
  await settings.button('Añadir un horario').click();
  await settings.section.getByLabel('Hasta las').fill('14.30');
  await settings.button('Viernes').click();
  await settings.button('Aceptar').click();
  await expect(settings.section.getByText('Lun–jue 08:00–14:30: 500 kB/s')).toBeVisible();
  await settings.section.getByRole('radiogroup', { name: 'En una red así' }).getByText('Enviar despacio').click();
  await settings.field('Límite en una red así').fill('80');
  await settings.field('Límite en una red así').press('Enter');
  await picture(first, 'settings-sending');

  await settings.open('Privacidad');
  await settings.section.getByRole('switch', { name: 'Quitar el lugar y la cámara' }).press('Space');
  await settings.section.getByRole('combobox', { name: 'Bloquear si nadie la usa' }).click();
  await first.page.getByRole('option', { name: 'Tras 5 min' }).click();
  await expect(settings.section.getByRole('switch', { name: 'Cola compartida' })).toBeDisabled();
  await expect(settings.section.getByText('Lo fija su administrador')).toBeVisible();
  await picture(first, 'settings-privacy');

  await settings.open('Red');
  await expect(settings.section.getByText('Directamente, sin proxy')).toBeVisible();
  await settings.section.getByRole('radio', { name: 'Este proxy' }).click();
  await settings.field('Dirección del proxy').fill('http://ana:secreto@proxy.clinica.example:3128');
  await settings.button('Guardar').click();
  await expect(settings.section.getByText(/sin usuario ni contraseña$/)).toBeVisible();
  await settings.field('Dirección del proxy').fill('proxy.clinica.example:3128');
  // The backend of this test lies on this computer.
  await settings.field('Direcciones sin proxy').fill('127.0.0.1 *.clinica.example');
  await settings.button('Guardar').click();
  await expect(settings.section.getByText('Guardado')).toBeVisible();
  await settings.button('Indicar').click();
  await settings.field('Usuario').fill('ana');
  await settings.field('Contraseña').fill('secreto');
  await settings.button('Guardar').click();
  await expect(settings.section.getByText('Usuario y contraseña guardados, cifrados en este equipo.')).toBeVisible();
  await picture(first, 'settings-network');
  await first.close();

  const second = await launch();
  await new Shell(second.page).ready();
  const kept = new SettingsPage(second.page);
  await kept.open('Envío');
  await expect(kept.field('Límite de velocidad')).toHaveValue('1250');
  await expect(kept.section.getByText('Lun–jue 08:00–14:30: 500 kB/s')).toBeVisible();
  await expect(kept.field('Límite en una red así')).toHaveValue('80');
  await kept.open('Privacidad');
  await expect(kept.section.getByRole('switch', { name: 'Quitar el lugar y la cámara' })).not.toBeChecked();
  await expect(kept.section.getByRole('combobox', { name: 'Bloquear si nadie la usa' })).toHaveValue('Tras 5 min');
  await kept.open('Red');
  await expect(kept.field('Dirección del proxy')).toHaveValue('http://proxy.clinica.example:3128');
  await expect(kept.field('Direcciones sin proxy')).toHaveValue('127.0.0.1, *.clinica.example');
  await kept.button('Olvidar').click();
  await expect(kept.section.getByText('Solo si el proxy pide usuario y contraseña.')).toBeVisible();
});
