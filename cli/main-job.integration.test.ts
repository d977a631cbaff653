import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { createTestCommandLine } from './testing-command-line.ts';

/** Each command is a process of its own, on a computer that may be busy. */
const patience = 180_000;

let dir: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-cli-'));
  sandbox = await temporarySandbox();
}, patience);
afterAll(async () => {
  await sandbox?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test('from a gateway’s address to photos in the store', async () => {
  const { ready, store } = sandbox.sandbox;
  const cli = createTestCommandLine(join(dir, 'data'));
  const photos = join(dir, 'photos');
  await mkdir(join(photos, 'card', 'DCIM'), { recursive: true });
  const good = new Map<string, Buffer>();
  for (const [index, name] of ['one.jpg', 'dos 😀 ñ.jpg', 'card/DCIM/it\'s "three".jpg', 'card/DCIM/four\nlines.png', `${'x'.repeat(251)}.jpg`].entries()) {
    const bytes = await makePhoto({ seed: `cli ${index}`, format: name.endsWith('png') ? 'png' : 'jpeg' });
    good.set(name, bytes);
    await writeFile(join(photos, name), bytes);
  }
  await writeFile(join(photos, 'empty.jpg'), '');
  await writeFile(join(photos, 'text.jpg'), 'no photo at all');
  await writeFile(join(photos, 'again.jpg'), good.get('one.jpg')!);
  await symlink('nowhere', join(photos, 'link.jpg'));
  const patient = ready.patients[0]!;

  expect(await cli.json('settings', ['config', 'set', 'gateway', ready.gateway])).toMatchObject({ exitCode: 0, documents: [{ settings: { gateway: ready.gateway } }] });
  expect(await cli.json('error', ['add', '--patient', patient.id, 'one.jpg'], { cwd: photos })).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-signed-in' } }] });
  expect(await cli.json('error', ['login', '--email', ready.email, '--password-stdin'], { stdin: 'wrong\n' })).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'wrong-credentials' } }] });
  const login = await cli.json('account', ['login', '--email', ready.email, '--password-stdin'], { stdin: `${ready.password}\n` });
  expect(login).toMatchObject({ exitCode: 0, documents: [{ account: { name: 'signedIn', limits: { contract: 'upload-sessions' } } }] });

  const [list] = (await cli.json('patients', ['patients'])).documents;
  expect(new Map(list!.patients.map(({ id, name }) => [id, name]))).toEqual(new Map(ready.patients.map(({ id, name }) => [id, name])));
  expect((await cli.json('error', ['add', '--patient', 'nobody', 'one.jpg'], { cwd: photos })).documents[0]!.error.code).toBe('not-found');

  const first = await cli.json('added', ['add', '--patient', patient.id, '--note', 'arm', '--tag', 'a', '--tag', 'b', 'one.jpg', 'dos 😀 ñ.jpg'], { cwd: photos });
  expect(first).toMatchObject({ exitCode: 0, stderr: '', documents: [{ file: 'one.jpg', outcome: 'queued' }, { file: 'dos 😀 ñ.jpg', outcome: 'queued' }] });

  const given = ['empty.jpg', 'card', 'text.jpg', 'again.jpg', 'missing.jpg', `${'x'.repeat(251)}.jpg`, 'link.jpg'];
  const second = await cli.json('added', ['add', '--patient', patient.id, ...given], { cwd: photos });
  expect(second.exitCode).toBe(3);
  expect(second.documents.map(({ file }) => file.split('/')[0])).toEqual(['empty.jpg', 'card', 'card', 'text.jpg', 'again.jpg', 'missing.jpg', `${'x'.repeat(251)}.jpg`, 'link.jpg']);
  expect(second.documents.map((one) => (one.outcome === 'rejected' ? one.code : one.outcome)))
    .toEqual(['empty', 'queued', 'queued', 'not-an-image', 'duplicate', 'not-found', 'queued', 'dangling-link']);
  expect(second.documents[0]!.message).toMatch(/^The file is empty\./);
  const [firstAdded] = first.documents;
  const firstId = firstAdded?.outcome === 'queued' ? firstAdded.id : '';
  expect(second.documents[4]).toMatchObject({ outcome: 'duplicate', id: firstId });

  const ways = ['./one.jpg', 'one.jpg', '../photos/one.jpg', 'card/', './card'];
  const again = await cli.json('added', ['add', '--patient', patient.id, ...ways], { cwd: photos });
  expect(again.documents.map(({ file }) => file.replace(/[^/]*$/, ''))).toEqual(['./', '', '../photos/', 'card/DCIM/', 'card/DCIM/', './card/DCIM/', './card/DCIM/']);

  const synced = await cli.json('sync', ['sync']);
  expect(synced).toMatchObject({ exitCode: 0, stderr: '', documents: [{ completed: 5, waiting: 0, needsAttention: 0, bytes: [...good.values()].reduce((sum, bytes) => sum + bytes.length, 0) }] });
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 0 }] });

  const [status] = (await cli.json('status', ['status', '--items'])).documents;
  expect(status).toMatchObject({ counts: { completed: 5, queued: 0 }, keySource: 'key-file', itemsTotal: 5, uploads: { completed: 5 } });
  const objects = new Map((await store.objects()).map((object) => [object.key, object.sha256]));
  for (const item of status!.items!) {
    const name = [...good.keys()].find((path) => path.endsWith(item.fileName))!;
    expect(item.sha256).toBe(sha256(good.get(name)!));
    expect(item.state.name === 'completed' && objects.get(item.state.photo.objectKey)).toBe(item.sha256);
  }
  expect(store.photos().find((photo) => photo.fileName === 'one.jpg')).toMatchObject({ patientId: patient.id, note: 'arm', tags: ['a', 'b'] });
  expect(await store.unfinishedUploads()).toEqual([]);

  const text = await cli.run(['status', '--items']);
  expect(text.stdout).toContain('5 sent');
  expect(text.stdout).toContain('four\\u{a}lines.png');
  expect((await cli.json('account', ['logout'])).documents[0]!.account.name).toBe('signedOut');
  const log = await readFile(join(dir, 'data', 'logs', 'relevo.log'), 'utf8');
  for (const secret of [ready.password, ready.email, patient.name, patient.id, 'one.jpg', 'eyJ']) expect(log).not.toContain(secret);
}, patience);

describe('on contract A', () => {
  test('a photo over 5 MB is rejected with the limit named, a smaller one arrives, and nobody is signed out', async () => {
    const old = await temporarySandbox({ contract: 'heartguard' });
    try {
      const { ready, store } = old.sandbox;
      const cli = createTestCommandLine(join(dir, 'data-a'), { LANG: 'es_ES.UTF-8' });
      const large = await makePhoto({ seed: 'six', sizeBytes: 6 * 1024 * 1024 });
      const small = await makePhoto({ seed: 'three', sizeBytes: 3 * 1024 * 1024 });
      await writeFile(join(dir, 'six.jpg'), large);
      await writeFile(join(dir, 'three.jpg'), small);
      await cli.run(['config', 'set', 'gateway', ready.gateway]);
      await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
      const added = await cli.json('added', ['add', '--patient', ready.patients[0]!.id, join(dir, 'six.jpg'), join(dir, 'three.jpg')]);
      expect(added).toMatchObject({ exitCode: 3, documents: [{ outcome: 'rejected', code: 'too-large', message: expect.stringContaining('acepta hasta 5 MB') as string }, { outcome: 'queued' }] });
      expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
      expect(await store.sha256(store.profilePhotos()[0]!.objectKey)).toBe(sha256(small));
      expect((await cli.json('status', ['status'])).documents[0]!.account.name).toBe('signedIn');
    } finally {
      await old.dispose();
    }
  }, patience);
});

test('signing in is enough to add photos without a network afterwards', async () => {
  const { ready, faults } = sandbox.sandbox;
  const cli = createTestCommandLine(join(dir, 'offline'));
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: `${ready.password}\n` });
  await writeFile(join(dir, 'offline.jpg'), await makePhoto({ seed: 'offline' }));
  await faults.network({ down: true });
  try {
    expect(await cli.json('added', ['add', '--patient', ready.patients[0]!.id, join(dir, 'offline.jpg')])).toMatchObject({ exitCode: 0, documents: [{ outcome: 'queued' }] });
  } finally {
    await faults.network({ down: false });
  }
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
}, patience);
