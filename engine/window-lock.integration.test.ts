/** @file The lock of the window against the whole engine, on real sockets. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ana, lucia, patience, TestComputer } from './account/testing/computer.ts';
import { makePhoto } from '../test-support/photos.ts';
import { systemClock } from './clock.ts';
import { dataFolderPaths } from './data-folder/data-folder.ts';
import { openDatabase } from './queue/database.ts';
import { windowCalls } from './window-calls.ts';

const computer = TestComputer.forEachTest();

describe('a locked window', () => {
  test('shows nothing of patients, while photos go on being sent; the password opens it without the network, also after a restart', async () => {
    await computer.start();
    await computer.signIn(ana);
    const patientId = (await computer.patientIds())[0]!;
    let window = windowCalls(computer.engine, systemClock);
    const told: string[] = [];
    window.subscribe((event, payload) => told.push(`${event} ${JSON.stringify(payload)}`));
    expect(await window.calls.lock(undefined)).toMatchObject({ name: 'locked' });
    const sent = computer.once('queue', ({ counts: now }) => now.completed === 1);
    const [id] = await computer.add(patientId, 1);
    await sent;
    expect((await computer.calls.getUpload({ id: id! })).item.state.name).toBe('completed');
    const { patientName } = (await computer.calls.getUpload({ id: id! })).item;
    await expect((async () => window.calls.searchPatients({ text: '', limit: 10, refresh: false }))()).rejects.toMatchObject({ code: 'locked' });
    await expect((async () => window.calls.getUpload({ id: id! }))()).rejects.toMatchObject({ code: 'locked' });
    expect(told.join('\n')).toContain('"completed":1');
    expect(told.join('\n')).not.toContain(patientName);
    expect(told.join('\n')).not.toContain(id);
    // Of the same person at the command line nothing is kept back.
    expect(await computer.calls.getAccount()).toMatchObject({ name: 'signedIn' });
    window.close();

    await computer.engine.close();
    await computer.sandbox.faults.network({ down: true });
    await computer.open();
    window = windowCalls(computer.engine, systemClock);
    expect(await window.calls.getAccount(undefined)).toMatchObject({ name: 'locked', person: { name: 'Ana Ruiz' } });
    await expect((async () => window.calls.unlock({ password: 'not hers' }))()).rejects.toMatchObject({ code: 'wrong-credentials' });
    expect(await window.calls.unlock({ password: computer.sandbox.ready.password })).toMatchObject({ name: 'signedIn' });
    expect((await window.calls.searchPatients({ text: '', limit: 10, refresh: false })).total).toBeGreaterThan(0);
    window.close();
  }, patience);

  test('still takes in what was pasted before it fell, under its owner alone: also signed out, also where a colleague has signed in', async () => {
    await computer.start();
    const patientId = await computer.commonPatient();
    await computer.signIn(ana);
    await computer.calls.pauseQueue();
    const window = windowCalls(computer.engine, systemClock);
    const pictures = await Promise.all([1, 2, 3].map((seed) => makePhoto({ seed, width: 160, height: 120 })));
    const paste = (batchId: string, index: number, more: object = { begun: true }): Promise<{ outcome: string }> =>
      (async () => window.calls.addBytes({ batchId, patientId, fileName: `${batchId}.jpg`, bytes: new Uint8Array(pictures[index]!), ...more }))();
    await window.calls.beginBytes({ patientId, batchIds: ['locked', 'out', 'colleague'] });

    await window.calls.lock(undefined);
    expect(await paste('locked', 0)).toMatchObject({ outcome: 'queued' });
    // What was not begun, what was another patient's, and what has come already.
    await expect(paste('locked', 1, {})).rejects.toMatchObject({ code: 'locked' });
    await expect(paste('never', 1)).rejects.toMatchObject({ code: 'not-found' });
    await expect(paste('locked', 1)).rejects.toMatchObject({ code: 'not-found' });
    await expect(paste('out', 1, { begun: true, patientId: 'another' })).rejects.toMatchObject({ code: 'not-found' });
    await expect((async () => window.calls.beginBytes({ patientId, batchIds: ['late'] }))()).rejects.toMatchObject({ code: 'locked' });

    await window.calls.signOut(undefined);
    expect(await paste('out', 1)).toMatchObject({ outcome: 'queued' });
    await window.calls.signIn({ email: lucia, password: computer.sandbox.ready.password });
    expect(await paste('colleague', 2)).toMatchObject({ outcome: 'queued' });
    expect((await computer.page()).items).toEqual([]);
    await computer.calls.signOut();
    await computer.signIn(ana);
    expect((await computer.page()).items.map(({ fileName }) => fileName).sort()).toEqual(['colleague.jpg', 'locked.jpg', 'out.jpg']);
    window.close();
  }, patience);

  test('is left to somebody else who signs in', async () => {
    await computer.start();
    await computer.signIn(ana);
    const window = windowCalls(computer.engine, systemClock);
    await window.calls.lock(undefined);
    expect(await window.calls.signIn({ email: lucia, password: computer.sandbox.ready.password })).toMatchObject({ name: 'signedIn', person: { name: 'Lucía Ferrer' } });
    window.close();
  }, patience);

  test('keeps no password: not in the data folder’s database, nor in its log', async () => {
    const written: string[] = [];
    const tell = (event: string, fields?: object): void => { written.push(`${event} ${JSON.stringify(fields)}`); };
    await computer.start({}, { debug: tell, info: tell, warn: tell, error: tell });
    const { password } = computer.sandbox.ready;
    await computer.signIn(ana);
    await computer.calls.lock(undefined);
    await Promise.resolve(computer.calls.unlock({ password: 'a wrong guess' })).catch(() => undefined);
    await computer.calls.unlock({ password });
    await computer.engine.close();
    const database = openDatabase({ file: dataFolderPaths(join(computer.dir, 'data')).database, key: computer.key });
    const kept = database.prepare<[], string>('SELECT json FROM key_values').pluck().all().join('\n');
    database.close();
    expect(kept).toContain('scrypt');
    expect(written.join('\n')).toContain('window.locked');
    for (const secret of [password, 'a wrong guess']) {
      expect(kept).not.toContain(secret);
      expect(written.join('\n')).not.toContain(secret);
    }
    for (const name of ['Ana Ruiz', ana]) expect(written.join('\n')).not.toContain(name);
  }, patience);
});
