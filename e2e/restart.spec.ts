import { readdir, readlink } from 'node:fs/promises';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { AddPage } from './pages/add-page.ts';
import { QueuePage } from './pages/queue-page.ts';
import { Shell } from './pages/shell.ts';
import { gone, isAlive } from './harness/app.ts';
import type { RelevoApp } from './harness/app.ts';
import { makePhotos } from './harness/card.ts';
import type { WrittenPhoto } from '../test-support/photos.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';

/** As slow as a clinic's line, so that there is a middle to be killed in. */
const lineBytesPerSecond = 600_000;

async function addOnSlowLine(app: RelevoApp, backend: Sandbox, photos: WrittenPhoto[]): Promise<void> {
  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: lineBytesPerSecond } });
  await new Shell(app.page).ready();
  const add = new AddPage(app.page);
  await add.choosePatient(backend.ready.patients[0]!.name);
  const firstStored = backend.faults.nextRequest(({ service, method, status }) => service === 'spaces' && method === 'PUT' && status === 200);
  await add.chooseFiles(photos.map(({ path }) => path));
  await expect(add.safe).toBeVisible();
  await firstStored;
  expect(backend.store.photos().length).toBeLessThan(photos.length);
}

test('the engine is killed in the middle of sending: the window says so, it comes back, everything arrives once', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 12, [1, 3]);
  const app = await launch({ signedIn: true });
  await addOnSlowLine(app, backend, photos);
  const first = await app.enginePid();
  const told = app.page.getByText('Relevo se está recuperando de un error').waitFor();
  process.kill(first, 'SIGKILL');
  const began = performance.now();
  await told;
  await app.nextEngine(first);
  test.info().annotations.push({ type: 'engine back', description: `${Math.round(performance.now() - began)} ms after its death` });
  await backend.faults.clear();
  await new Shell(app.page).open('Cola');
  await expect(new QueuePage(app.page).allSent).toBeVisible({ timeout: 40_000 });
  await picture(app, 'after-engine-death');
  await expectStoredOnce(backend, photos);
});

test('the whole app is killed in the middle of sending: the next start sends the rest by itself, everything arrives once', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 12, [1, 3]);
  const first = await launch({ signedIn: true });
  await addOnSlowLine(first, backend, photos);
  await first.kill();
  await backend.faults.clear();
  expect(backend.store.photos().length).toBeLessThan(photos.length);

  // Without an account in the environment: the session is the one that was kept.
  const second = await launch();
  await new Shell(second.page).ready();
  await new Shell(second.page).open('Cola');
  await expect(new QueuePage(second.page).allSent).toBeVisible({ timeout: 40_000 });
  await picture(second, 'after-app-death');
  await expectStoredOnce(backend, photos);
});

test('main is killed alone: its engine ends by itself and frees the data folder', async ({ folder, backend, launch }) => {
  const photos = await makePhotos(`${folder}/card`, 8, [1, 3]);
  const first = await launch({ signedIn: true });
  await addOnSlowLine(first, backend, photos);
  const engine = await first.enginePid();
  first.electron.process().kill('SIGKILL');
  await gone(engine);
  await backend.faults.clear();
  const second = await launch();
  expect(isAlive(await second.enginePid())).toBe(true);
  await new Shell(second.page).open('Cola');
  await expect(new QueuePage(second.page).allSent).toBeVisible({ timeout: 40_000 });
  await expectStoredOnce(backend, photos);
});

test('the network goes and comes back: nothing is asked of anyone, everything arrives once', async ({ folder, backend, launch, picture }) => {
  const photos = await makePhotos(`${folder}/card`, 12, [1, 3]);
  const app = await launch({ signedIn: true });
  await addOnSlowLine(app, backend, photos);
  await backend.faults.network({ down: true });
  await new Shell(app.page).open('Cola');
  const queue = new QueuePage(app.page);
  await expect(queue.rows.filter({ hasText: 'En espera' }).first()).toBeVisible();
  await picture(app, 'network-down');
  await backend.faults.clear();
  const firstByte = backend.faults.nextRequest(({ service }) => service === 'gateway' || service === 'spaces');
  const began = performance.now();
  await backend.faults.network({ down: false });
  await firstByte;
  test.info().annotations.push({ type: 'first request after the network', description: `${Math.round(performance.now() - began)} ms` });
  await expect(queue.allSent).toBeVisible({ timeout: 40_000 });
  await expectStoredOnce(backend, photos);
});

test('a second start shows the first window instead of opening the data twice', async ({ launch }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  await expect(launch()).rejects.toThrow();
  expect(isAlive(await app.enginePid())).toBe(true);
  expect(app.electron.windows()).toHaveLength(1);
});

// What a process has open is read from /proc.
if (process.platform === 'linux') test('the engine holds nothing open that main has open: a process of Chromium’s that died would not be missed, and nothing drawn', async ({ launch }) => {
  const app = await launch({ signedIn: true });
  const open = async (pid: number): Promise<string[]> => {
    const held = await readdir(`/proc/${pid}/fd`);
    // The streams are meant to be the same.
    const links = await Promise.all(held.filter((fd) => Number(fd) > 2).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    return links.filter((link) => link.startsWith('socket:') || link.startsWith('/dev/shm/'));
  };
  const [ofMain, ofEngine] = await Promise.all([open(app.electron.process().pid!), app.enginePid().then(open)]);
  expect(ofMain.length).toBeGreaterThan(5);
  expect(ofEngine.filter((link) => ofMain.includes(link))).toEqual([]);
});
