/** @file What becomes of the photos when the disk or what lies on it fails: the command line as real processes on real damage. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../engine/queue/database.ts';
import { loadDataKey } from '../engine/data-folder/data-key.ts';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

const patience = 180_000;

let dir: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
let cli: TestCommandLine;
let dataDir: string;
let round = 0;
let patientId: string;

async function signIn(): Promise<void> {
  const { ready } = sandbox.sandbox;
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  expect(await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password })).toMatchObject({ exitCode: 0 });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-disk-'));
  sandbox = await temporarySandbox();
  patientId = sandbox.sandbox.ready.patients[0]!.id;
  cli = createTestCommandLine(join(dir, 'signed-in'));
  await signIn();
}, patience);
afterAll(async () => {
  await sandbox?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);
beforeEach(async () => {
  round += 1;
  dataDir = join(dir, `data-${round}`);
  await cp(join(dir, 'signed-in'), dataDir, { recursive: true });
  cli = createTestCommandLine(dataDir);
});

/** Photos that no other test has, all of the same name. @returns their SHA-256 in the order added. */
async function addPhotos(count: number): Promise<string[]> {
  const photos: { file: string; sha256: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const folder = join(dir, `card-${round}-${index}`);
    await mkdir(folder, { recursive: true });
    const bytes = await makePhoto({ seed: `disk ${round} ${index}`, width: 160, height: 120, sizeBytes: 600_000 });
    await writeFile(join(folder, 'IMG_1.jpg'), bytes);
    photos.push({ file: join(folder, 'IMG_1.jpg'), sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  expect(await cli.json('added', ['add', '--patient', patientId, ...photos.map(({ file }) => file)])).toMatchObject({ exitCode: 0 });
  return photos.map(({ sha256 }) => sha256);
}

async function overwrite(file: string, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(100, 0x5a), 0, 100, position);
  await handle.close();
}

const status = async () => (await cli.json('status', ['status'])).documents[0]!;
const sealed = async (): Promise<string[]> => (await readdir(join(dataDir, 'spool'))).filter((name) => name.endsWith('.photo'));

describe('a damaged queue', () => {
  test('is set aside, the sealed photos come back, and what had arrived is not sent again', async () => {
    await addPhotos(2);
    // As if the process had died between the answer and the destroying of the copies.
    const copies = await sealed();
    const kept = join(dir, `kept-${round}`);
    await cp(join(dataDir, 'spool'), kept, { recursive: true });
    expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 2 }] });
    const arrived = sandbox.sandbox.store.photos().length;
    round += 100;
    const added = await addPhotos(3);
    for (const copy of copies) await copyFile(join(kept, copy), join(dataDir, 'spool', copy));
    const damaged = join(dataDir, 'queue.db');
    await overwrite(damaged, 4096 * 3 + 50);
    const bytes = await readFile(damaged);

    const told = await cli.run(['status']);
    expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The queue was damaged and was made anew from the sealed photos') as string });
    const [aside] = (await readdir(dataDir)).filter((name) => /^queue\.db\.aside-[\dT]+$/.test(name));
    expect(Buffer.compare(await readFile(join(dataDir, aside!)), bytes)).toBe(0);

    await signIn();
    expect(await status()).toMatchObject({ counts: { queued: 5 } });
    expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 5, waiting: 0, needsAttention: 0 }] });
    const photos = sandbox.sandbox.store.photos();
    expect(photos.length - arrived).toBe(3);
    expect(photos.map((photo) => photo.sha256)).toEqual(expect.arrayContaining(added));
    expect(await sealed()).toEqual([]);
  }, patience);

  test('with another key, or of a newer version, is left as it is, and the photos can be had all the same', async () => {
    const added = await addPhotos(2);
    const file = join(dataDir, 'queue.db');
    const before = await readFile(file);
    const wrong = await createTestCommandLine(dataDir, { RELEVO_KEY: Buffer.alloc(32, 7).toString('base64') }).json('error', ['status']);
    expect(wrong).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'database-wrong-key', message: expect.stringContaining('Nothing is damaged') as string } }] });
    expect(Buffer.compare(await readFile(file), before)).toBe(0);

    const database = openDatabase({ file, key: (await loadDataKey({ dataDir, environment: {} })).bytes });
    database.pragma('user_version = 99');
    database.close();
    expect(await cli.json('error', ['status'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'database-newer-version', message: expect.stringContaining('Update Relevo') as string } }] });
    const spanish = await createTestCommandLine(dataDir, { LANG: 'es_ES' }).run(['sync']);
    expect(spanish).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Actualice Relevo') as string });
    expect(existsSync(file)).toBe(true);

    const to = join(dir, `out-${round}`);
    const { exitCode, documents: [result] } = await cli.json('recovered', ['recover', '--to', to]);
    expect({ exitCode, recovered: result!.recovered, damaged: result!.damaged }).toEqual({ exitCode: 0, recovered: 2, damaged: 0 });
    for (const photo of result!.photos) expect(createHash('sha256').update(await readFile(join(to, photo.file!))).digest('hex')).toBe(photo.sha256);
    expect(result!.photos.map((photo) => photo.sha256).toSorted()).toEqual(added.toSorted());
  }, patience);
});

describe('recover', () => {
  test('gives each photo its name, replaces nothing, says which is damaged, and needs no database', async () => {
    await addPhotos(3);
    const [first] = await sealed();
    await overwrite(join(dataDir, 'spool', first!), 300_000);
    await rm(join(dataDir, 'queue.db'));
    const to = join(dir, `out-${round}`);
    await mkdir(to);
    await writeFile(join(to, 'IMG_1.jpg'), 'somebody’s own');
    const { exitCode, documents: [result] } = await cli.json('recovered', ['recover', '--to', to]);
    expect({ exitCode, recovered: result!.recovered, damaged: result!.damaged }).toEqual({ exitCode: 3, recovered: 2, damaged: 1 });
    expect((await readdir(to)).toSorted()).toEqual(['IMG_1 (2).jpg', 'IMG_1 (3).jpg', 'IMG_1.jpg', 'index.json']);
    expect(await readFile(join(to, 'IMG_1.jpg'), 'utf8')).toBe('somebody’s own');
    const index = JSON.parse(await readFile(join(to, 'index.json'), 'utf8')) as { photos: unknown[] };
    expect(index.photos).toHaveLength(3);
    expect(index.photos).toContainEqual(expect.objectContaining({ id: first!.replace('.photo', ''), verified: false, reason: 'damaged', patientId }));
    const people = await cli.run(['recover', '--to', join(dir, `out-${round}-b`)]);
    expect(people).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(/not recovered: IMG_1\.jpg .*: the copy is damaged[\s\S]*2 photos in/) as string });
    expect(await sealed()).toHaveLength(3);
  }, patience);

  test('says that there was nothing, and warns of no photos that are not there', async () => {
    const told = await cli.run(['recover', '--to', join(dir, `out-${round}`)]);
    expect(told).toMatchObject({ exitCode: 0, stdout: 'No photo was recovered: none is kept in the data folder. Nothing was removed from it.\n' });
  }, patience);

  test('makes no key where there is none', async () => {
    await addPhotos(1);
    await rm(join(dataDir, 'data.key'));
    expect(await cli.json('error', ['recover', '--to', join(dir, `out-${round}`)])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'key-missing' } }] });
    expect(existsSync(join(dataDir, 'data.key'))).toBe(false);
  }, patience);
});

describe('the key', () => {
  const other = (): TestCommandLine => createTestCommandLine(dataDir, { RELEVO_KEY: Buffer.alloc(32, 7).toString('base64') });
  const untouched = async (work: () => Promise<unknown>): Promise<void> => {
    const before = (await readdir(dataDir, { recursive: true })).filter((name) => !/^(lock|logs|socket)/.test(name)).toSorted();
    const queue = await readFile(join(dataDir, 'queue.db')).catch(() => undefined);
    await work();
    expect((await readdir(dataDir, { recursive: true })).filter((name) => !/^(lock|logs|socket)/.test(name)).toSorted()).toEqual(before);
    expect(await readFile(join(dataDir, 'queue.db')).catch(() => undefined)).toEqual(queue);
  };

  test('is not made anew beside photos, with or without the queue, and once it is back everything is there', async () => {
    await addPhotos(1);
    const key = await readFile(join(dataDir, 'data.key'));
    await rm(join(dataDir, 'data.key'));
    const missing = { exitCode: 1, documents: [{ error: { code: 'key-missing', message: expect.stringContaining('Put data.key back, or set RELEVO_KEY') as string } }] };
    await untouched(async () => { expect(await cli.json('error', ['status'])).toMatchObject(missing); });
    await rm(join(dataDir, 'queue.db'));
    await untouched(async () => { expect(await cli.json('error', ['sync'])).toMatchObject(missing); });
    await writeFile(join(dataDir, 'data.key'), key, { mode: 0o600 });
    await signIn();
    expect(await status()).toMatchObject({ counts: { queued: 1 } });
  }, patience);

  test('that is wrong is known by the photos where nothing else tells, and touches nothing', async () => {
    await addPhotos(1);
    const wrong = { exitCode: 1, documents: [{ error: { code: 'database-wrong-key' } }] };
    await rm(join(dataDir, 'queue.db.key-id'));
    await untouched(async () => { expect(await other().json('error', ['status'])).toMatchObject(wrong); });
    expect(await status()).toMatchObject({ counts: { queued: 1 } });
    for (const name of ['queue.db', 'queue.db.key-id']) await rm(join(dataDir, name));
    await untouched(async () => { expect(await other().json('error', ['status'])).toMatchObject(wrong); });
    await signIn();
    expect(await status()).toMatchObject({ counts: { queued: 1 } });
  }, patience);
});

describe('two of them', () => {
  /** Holds the folder as an engine does, without answering; like one that is busy or hangs. */
  async function holder() {
    const script = `const { lockDataFolder } = await import(${JSON.stringify(join(import.meta.dirname, '../engine/data-folder/lock.ts'))});
      await lockDataFolder(${JSON.stringify(dataDir)}, { kind: 'app', pid: process.pid }); process.stdout.write('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  }

  test('the second says who holds the folder, and takes over from one that was killed', async () => {
    await addPhotos(1);
    const child = await holder();
    const message = expect.stringContaining(`the app (process ${child.pid}`) as string;
    const refused = await Promise.all([
      cli.json('error', ['recover', '--to', join(dir, `out-${round}`)]), cli.json('error', ['status']), cli.json('error', ['sync']),
    ]);
    for (const one of refused) expect(one).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'data-folder-in-use', message } }] });
    expect(existsSync(join(dir, `out-${round}`))).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await status()).toMatchObject({ counts: { queued: 1 } });
    expect(await cli.json('recovered', ['recover', '--to', join(dir, `out-${round}`)])).toMatchObject({ exitCode: 0 });
  }, patience);
});
