/** @file The app as `relevo`: what support does at a clinic's computer, beside the window and without one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from './harness/app.ts';
import { ask } from './harness/ask.ts';
import { makePhotos } from './harness/card.ts';
import { commandJson, commandSpawn, runCommand, startCommand } from './harness/command.ts';
import { expectStoredOnce } from './harness/stored.ts';
import { expect, test } from './harness/test.ts';
import { Shell } from './pages/shell.ts';

test('from the sign-in to the last photo without a window and without a display; wrong usage leaves no trace', async ({ folder, backend }) => {
  const dataDir = join(folder, 'data');
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const env = { TMPDIR: temporary };
  const { gateway, email, password, patients } = backend.ready;
  const photos = await makePhotos(join(folder, 'card'), 4, [0.5, 1]);

  expect((await runCommand(dataDir, ['--version'], { env })).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await commandJson('error', dataDir, ['docter'], { env })).toMatchObject({ code: 2, documents: [{ error: { code: 'usage' } }] });
  expect(await commandJson('error', dataDir, ['sandbox'], { env })).toMatchObject({ code: 2 });
  expect(await readdir(folder)).not.toContain('data');

  expect(await commandJson('settings', dataDir, ['config', 'set', 'gateway', gateway], { env })).toMatchObject({ code: 0 });
  expect(await commandJson('setting', dataDir, ['config', 'get', 'gateway'], { env })).toMatchObject({ code: 0, documents: [{ value: gateway }] });
  const signedIn = await commandJson('account', dataDir, ['login', '--email', email, '--password-stdin'], { env, stdin: `${password}\n` });
  expect(signedIn).toMatchObject({ code: 0, documents: [{ account: { name: 'signedIn' } }] });

  const added = await commandJson('added', dataDir, ['add', '--patient', patients[0]!.id, ...photos.map(({ path }) => path)], { env });
  expect(added.code).toBe(0);
  expect(added.documents.map(({ outcome }) => outcome)).toEqual(photos.map(() => 'queued'));
  // Only `sync` and the window send.
  const waiting = await commandJson('status', dataDir, ['status'], { env });
  expect(waiting.documents[0]).toMatchObject({ counts: { queued: photos.length }, account: { name: 'signedIn' } });
  expect(backend.store.photos()).toEqual([]);

  const recovered = await commandJson('recovered', dataDir, ['recover', '--to', join(folder, 'recovered')], { env });
  expect(recovered).toMatchObject({ code: 0, documents: [{ recovered: photos.length, damaged: 0 }] });
  expect(recovered.documents[0]!.photos.map(({ sha256 }) => sha256).sort()).toEqual(photos.map(({ sha256 }) => sha256).sort());

  expect(await commandJson('sync', dataDir, ['sync'], { env })).toMatchObject({ code: 0, documents: [{ completed: photos.length, waiting: 0 }] });
  await expectStoredOnce(backend, photos);
  // The last one's may be made anew by a process of Chromium's that ends after it.
  expect((await readdir(temporary)).filter((name) => name.startsWith('relevo-command')).length).toBeLessThanOrEqual(1);
});

test('while the window runs its engine answers: nothing is opened twice, and the window shows what a command changed', async ({ launch }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const engine = await app.enginePid();
  const { code, documents: [status] } = await commandJson('status', app.dataDir, ['status']);
  expect(code).toBe(0);
  expect(status).toMatchObject({ account: { name: 'signedIn' } });
  expect(await commandJson('settings', app.dataDir, ['config', 'set', 'concurrency', '3'])).toMatchObject({ code: 0 });
  expect(await ask(app, 'getSettings')).toMatchObject({ value: { concurrency: 3 } });
  expect(isAlive(engine)).toBe(true);
  expect(await app.enginePid()).toBe(engine);
  expect(app.electron.windows()).toHaveLength(1);
  expect(app.lines.filter((line) => line.includes('app.already-running'))).toEqual([]);
});

for (const [signal, by] of [['SIGINT', 'a terminal'], ['SIGTERM', 'a service manager']] as const) test(`a command that is interrupted by ${by} in the middle of sending ends with its engine; the window goes on where it stopped`, async ({ folder, backend, launch }) => {
  const dataDir = join(folder, 'data');
  const { gateway, email, password, patients } = backend.ready;
  await runCommand(dataDir, ['config', 'set', 'gateway', gateway]);
  await runCommand(dataDir, ['login', '--email', email, '--password-stdin'], { stdin: password });
  // One after the other on a slow line, so that there is a middle.
  await runCommand(dataDir, ['config', 'set', 'concurrency', '1']);
  const photos = await makePhotos(join(folder, 'card'), 4, [0.5, 1]);
  await runCommand(dataDir, ['add', '--patient', patients[0]!.id, ...photos.map(({ path }) => path)]);
  await backend.faults.set({ where: { service: 'spaces', method: 'PUT' }, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: 600_000 } });
  const firstStored = backend.faults.nextRequest(({ service, method, status }) => service === 'spaces' && method === 'PUT' && status === 200);
  const sync = await startCommand(dataDir, ['sync', '--json']);
  await firstStored;
  // One that comes meanwhile is answered by the first one's engine.
  const holder = await readFile(join(dataDir, 'lock.json'), 'utf8');
  expect(await commandJson('status', dataDir, ['status'])).toMatchObject({ code: 0, documents: [{ account: { name: 'signedIn' } }] });
  expect(await readFile(join(dataDir, 'lock.json'), 'utf8')).toBe(holder);

  // Ctrl-C, and the end of a service, reach every process of the command.
  const began = performance.now();
  process.kill(-sync.child.pid!, signal);
  const { code, stdout } = await sync.ended;
  test.info().annotations.push({ type: 'ended', description: `${Math.round(performance.now() - began)} ms after ${signal}` });
  expect({ code, told: JSON.parse(stdout) as unknown }).toMatchObject({ code: 130, told: { error: { code: 'interrupted' } } });
  expect(isAlive((JSON.parse(holder) as { pid: number }).pid)).toBe(false);
  // It closed what it had open, and was not torn away by the same signal.
  const logs = await Promise.all((await readdir(join(dataDir, 'logs'))).map((name) => readFile(join(dataDir, 'logs', name), 'utf8')));
  expect(logs.join('').trim().split('\n').at(-1)).toContain('"event":"engine.stopped"');
  expect(backend.store.photos().length).toBeLessThan(photos.length);
  await backend.faults.clear();

  const app = await launch();
  await new Shell(app.page).ready();
  await expect.poll(() => backend.store.photos().length, { timeout: 30_000 }).toBe(photos.length);
  await expectStoredOnce(backend, photos);
});

test('a command whose terminal is gone, with every stream to it, ends', async ({ folder }) => {
  const dataDir = join(folder, 'data');
  expect(await runCommand(dataDir, ['config', 'set', 'gateway', 'https://gateway.example'])).toMatchObject({ code: 0 });
  // It waits for a password. Its parent's death closes all three pipes.
  const { path, args, env } = await commandSpawn(dataDir, ['login', '--email', 'a@example.com', '--password-stdin']);
  const script = `const child = require('node:child_process').spawn(${JSON.stringify(path)}, ${JSON.stringify(args)}, { stdio: 'pipe', detached: true }); console.log(child.pid); setInterval(() => {}, 1000)`;
  const parent = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(parent.stdout, 'data') as [Buffer];
  const pid = Number(said);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  try {
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  } finally {
    if (isAlive(pid)) process.kill(-pid, 'SIGKILL');
  }
});

// Chromium itself does not always survive a SIGTERM to its helpers in the first hundredth of a second; then nothing has begun yet.
for (const [signal, ...delaysMs] of [['SIGINT', 0, 30, 150], ['SIGTERM', 300, 800]] as const) test(`a command hears ${signal} to all of its processes soon after it began, and ends soon`, async ({ folder }) => {
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  for (const afterMs of delaysMs) {
    const login = await startCommand(join(folder, 'data'), ['login', '--email', 'a@example.com', '--password-stdin'], { stdin: undefined, env: { TMPDIR: temporary } });
    // By its profile it can be seen that it listens.
    await expect.poll(async () => (await readdir(temporary)).some((name) => name.startsWith(`relevo-command-${login.child.pid!}-`)), { intervals: [5] }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const began = performance.now();
    process.kill(-login.child.pid!, signal);
    const { code, stderr } = await login.ended;
    const tookMs = Math.round(performance.now() - began);
    test.info().annotations.push({ type: 'ended', description: `${tookMs} ms after ${signal}, ${afterMs} ms into it` });
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted');
    expect(tookMs).toBeLessThan(1_500);
  }
});
