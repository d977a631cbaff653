/**
 * @file Closing the window. The system's question cannot be clicked from outside, so it is answered for the person where main asks it. Of the
 * ways in [Note: closing with photos left] this is Linux's: elsewhere the app goes on in the tray or the dock without asking.
 */
import { AddPage } from './pages/add-page.ts';
import { Shell } from './pages/shell.ts';
import { gone, isAlive } from './harness/app.ts';
import type { RelevoApp } from './harness/app.ts';
import { makePhotos } from './harness/card.ts';
import { expect, test } from './harness/test.ts';

const KEEP_SENDING = 0;
const CLOSE_ANYWAY = 1;

/** Closes the window as its own button does, and answers what is asked. Gives the question, or undefined if none was. */
async function closeAndAnswer(app: RelevoApp, response: number): Promise<string | undefined> {
  return app.electron.evaluate(async ({ BrowserWindow, dialog }, answer) => {
    const window = BrowserWindow.getAllWindows()[0]!;
    const asked = new Promise<string | undefined>((resolve) => {
      const ask = async (_window: unknown, { message }: { message: string }): Promise<{ response: number; checkboxChecked: boolean }> => {
        resolve(message);
        return { response: answer, checkboxChecked: false };
      };
      (dialog as unknown as { showMessageBox: typeof ask }).showMessageBox = ask;
      window.once('closed', () => resolve(undefined));
    });
    window.close();
    return asked;
  }, response);
}

test('with everything sent it just ends, engine and all', async ({ launch }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const engine = await app.enginePid();
  const ended = new Promise((resolve) => { app.electron.process().once('exit', resolve); });
  await closeAndAnswer(app, CLOSE_ANYWAY).catch(() => undefined);
  expect(await ended).toBe(0);
  await gone(engine);
});

test('with photos left it asks: it goes on sending, or ends and keeps them', async ({ folder, backend, launch }) => {
  const photos = await makePhotos(`${folder}/card`, 3, [0.3, 0.6]);
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  await backend.faults.network({ down: true });
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();

  expect(await closeAndAnswer(app, KEEP_SENDING)).toBe('Quedan 3 fotos por enviar.');
  const engine = await app.enginePid();
  expect(isAlive(engine)).toBe(true);
  expect(await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);

  const ended = new Promise((resolve) => { app.electron.process().once('exit', resolve); });
  expect(await closeAndAnswer(app, CLOSE_ANYWAY)).toBe('Quedan 3 fotos por enviar.');
  expect(await ended).toBe(0);
  await gone(engine);

  await backend.faults.network({ down: false });
  const again = await launch();
  await new Shell(again.page).ready();
  await expect.poll(() => backend.store.photos().length, { timeout: 30_000 }).toBe(3);
});
