import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

const patience = 180_000;

let dir: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
let cli: TestCommandLine;
let dataDir: string;
let patientId: string;
let round = 0;
let photos = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-cli-'));
  sandbox = await temporarySandbox();
  const { ready } = sandbox.sandbox;
  patientId = ready.patients[0]!.id;
  const first = createTestCommandLine(join(dir, 'signed-in'));
  await first.run(['config', 'set', 'gateway', ready.gateway]);
  await first.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
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
afterEach(async () => { await sandbox.sandbox.faults.reset(); });

/** Adds photos that no other test has. @returns their ids. */
async function addPhotos(count: number): Promise<string[]> {
  const files: string[] = [];
  for (let index = 0; index < count; index += 1) {
    photos += 1;
    const file = join(dir, `${photos}.jpg`);
    await writeFile(file, await makePhoto({ seed: `queue ${photos}` }));
    files.push(file);
  }
  const { documents, exitCode } = await cli.json('added', ['add', '--patient', patientId, ...files]);
  expect(exitCode).toBe(0);
  return documents.map((document) => (document.outcome === 'rejected' ? '' : document.id));
}
const counts = async () => (await cli.json('status', ['status'])).documents[0]!.counts;

test('what cannot be sent waits, and exit code 4 says so', async () => {
  await addPhotos(2);
  await sandbox.sandbox.faults.network({ down: true });
  const cut = await cli.json('sync', ['sync', '--timeout', '4']);
  expect(cut).toMatchObject({ exitCode: 4, documents: [{ completed: 0, waiting: 2, needsAttention: 0, reason: expect.stringMatching(/offline|failure/) as string, oldestFailure: { code: expect.any(String) as string } }] });
  await sandbox.sandbox.faults.network({ down: false });
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 2, waiting: 0 }] });
}, patience);

test('what needs somebody is exit code 3, and retry sends it', async () => {
  const [id] = await addPhotos(1);
  await sandbox.sandbox.faults.set({ where: { service: 'gateway', path: '/media/uploads**' }, effect: { kind: 'status', status: 403 } }, { where: { service: 'gateway', path: '/media/patients/**' }, effect: { kind: 'status', status: 403 } });
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 3, documents: [{ completed: 0, needsAttention: 1, oldestFailure: { code: 'forbidden' } }] });
  const told = 'Your account may not send photos of this patient.';
  expect((await cli.run(['sync'])).stdout).toMatch(new RegExp(`^1 needs attention: relevo status --items\n${told}\n[A-Z].*\\.\n$`));
  expect((await cli.run(['status', '--items'])).stdout).toMatch(new RegExp(`${told} [A-Z].*\\.\n`));
  await sandbox.sandbox.faults.reset();
  expect(await cli.json('item', ['retry', id!])).toMatchObject({ exitCode: 0, documents: [{ item: { id, state: { name: 'queued' } } }] });
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
}, patience);

test('pause, resume and cancel', async () => {
  const [first, second] = await addPhotos(2);
  expect(await cli.json('queue', ['pause'])).toMatchObject({ exitCode: 0, documents: [{ paused: true }] });
  expect((await cli.json('status', ['status'])).documents[0]!.transfer.paused).toBe(true);
  expect((await cli.run(['status'])).stdout).toMatch(/Queue\s+2 queued · paused\n/);
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 4, documents: [{ completed: 0, waiting: 2, reason: 'paused' }] });
  expect((await cli.run(['sync'])).stdout).toContain('2 still wait. The queue is paused: relevo resume');
  await cli.run(['resume']);
  expect((await cli.json('item', ['pause', first!])).documents[0]!.item.state.name).toBe('paused');
  expect((await cli.json('item', ['cancel', second!])).documents[0]!.item.state.name).toBe('cancelled');
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 4, documents: [{ completed: 0, waiting: 1, reason: 'photos-paused' }] });
  expect((await cli.json('status', ['status'])).documents[0]!.transfer.paused).toBe(false);
  expect((await cli.json('item', ['resume', first!])).documents[0]!.item.state.name).toBe('queued');
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
  expect(await cli.json('error', ['cancel', first!])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-possible-now', message: expect.stringMatching(/^\d+\.jpg: sent\. That cannot be done in this state/) as string } }] });
  expect(await cli.json('error', ['retry', '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-found' } }] });
}, patience);

test('a session that has ended is what sync says, with what to do', async () => {
  await addPhotos(1);
  await sandbox.sandbox.faults.set({ where: { service: 'gateway', path: '/**' }, effect: { kind: 'status', status: 401 } });
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 4, documents: [{ completed: 0, waiting: 1, reason: 'session-ended' }] });
  expect((await cli.run(['sync'])).stdout).toBe('1 still waits. The session has ended. Sign in again: relevo login --email E\n');
}, patience);

test('a list of patients that could not be fetched anew is given with a word of that', async () => {
  await cli.run(['patients', '--refresh']);
  await sandbox.sandbox.faults.network({ down: true });
  const old = await cli.run(['patients', '--refresh']);
  expect(old).toMatchObject({ exitCode: 0, stderr: expect.stringMatching(/^The list could not be fetched anew: .+ This is the last one that was\.\n$/) as string });
  expect(old.stdout).toContain(patientId);
  const json = await cli.json('patients', ['patients', '--refresh']);
  expect(json).toMatchObject({ exitCode: 0, documents: [{ notRefreshed: 'network' }] });
  expect(json.documents[0]!.patients.length).toBeGreaterThan(0);
  await sandbox.sandbox.faults.network({ down: false });
  expect(await cli.run(['patients', '--refresh'])).toMatchObject({ exitCode: 0, stderr: '' });
}, patience);

test('a bundle that cannot be written says where', async () => {
  const out = join(dir, 'nowhere', 'support.zip');
  expect(await cli.json('error', ['bundle', out])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-possible-now', message: expect.stringContaining(`${out} cannot be written (ENOENT)`) as string } }] });
  expect((await cli.run(['bundle', dir])).stderr).toContain(`${dir} cannot be written (`);
}, patience);

describe('two at a time', () => {
  test('a second command uses the engine of the first, which stays until it is done', async () => {
    await addPhotos(3);
    await sandbox.sandbox.faults.set({ where: { service: 'gateway', path: '/media/uploads/*/complete' }, effect: { kind: 'delay', ms: 4_000 } });
    const syncing = cli.start(['sync', '--json']);
    const arrived = await sandbox.sandbox.faults.nextRequest((entry) => entry.service === 'spaces' && entry.method === 'PUT');
    expect(arrived.status).toBe(200);
    const [status] = (await cli.json('status', ['status'])).documents;
    expect(status!.counts.uploading + status!.counts.completing).toBeGreaterThan(0);
    const added = await addPhotos(1);
    expect(added).toHaveLength(1);
    const { exitCode } = await syncing.ended;
    expect([0, 4]).toContain(exitCode);
    await sandbox.sandbox.faults.reset();
    expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0 });
    expect(await counts()).toMatchObject({ completed: 4, queued: 0, waiting: 0 });
  }, patience);

  test('many at once each get their answer', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => cli.json('status', ['status'])));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  }, patience);
});

test('Ctrl-C leaves the queue whole, and nothing is sent twice', async () => {
  await addPhotos(3);
  await sandbox.sandbox.faults.set({ where: { service: 'gateway', path: '/media/uploads/*/complete' }, effect: { kind: 'hang' } });
  const before = sandbox.sandbox.store.photos().length;
  const syncing = cli.start(['sync', '--json']);
  await sandbox.sandbox.faults.nextRequest((entry) => entry.service === 'spaces' && entry.method === 'PUT');
  syncing.child.kill('SIGINT');
  const { exitCode, stdout } = await syncing.ended;
  expect(exitCode).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'interrupted' } });
  await sandbox.sandbox.faults.reset();
  expect((await counts()).completed).toBe(0);
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 3 }] });
  expect(sandbox.sandbox.store.photos().length - before).toBe(3);
}, patience);

describe('what cannot go on says why', () => {
  test('wrong usage is 2, in the reader’s language', async () => {
    expect(await cli.json('error', ['sync', '--nonsense'])).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'usage', message: expect.stringContaining('There is no option --nonsense.') as string } }] });
    const spanish = await createTestCommandLine(dataDir, { LANG: 'es_MX' }).run(['add', 'x.jpg']);
    expect(spanish).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('Falta la opción --patient') as string });
    const wrong = [[], ['nonsense'], ['config', 'set', 'gateway', 'not a url'], ['config', 'set', 'colour', 'red'], ['retry', 'x'], ['login', '--email', 'a@b']];
    const runs = await Promise.all(wrong.map((args) => cli.run(args)));
    expect(runs.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 2));
    expect(await cli.run(['add', '--help'])).toMatchObject({ exitCode: 0, stderr: '' });
  }, patience);

  test('a data folder whose key is damaged is left as it is', async () => {
    await chmod(join(dataDir, 'data.key'), 0o600);
    await writeFile(join(dataDir, 'data.key'), 'damaged');
    expect(await cli.json('error', ['status'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'key-file-damaged' } }] });
    expect(await readFile(join(dataDir, 'data.key'), 'utf8')).toBe('damaged');
  }, patience);

  test('another key than the folder’s opens nothing and breaks nothing', async () => {
    await addPhotos(1);
    const other = createTestCommandLine(dataDir, { RELEVO_KEY: Buffer.alloc(32, 1).toString('base64') });
    expect(await other.json('error', ['status'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'database-wrong-key' } }] });
    expect((await counts()).queued).toBe(1);
  }, patience);
});

test('a sandbox that is not understood says so as every command does', async () => {
  expect(await cli.json('error', ['sandbox', '--port', 'x'])).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'usage', message: expect.stringContaining('--port') as string } }] });
}, patience);

test('the sandbox says where it is and ends when asked', async () => {
  const started = cli.start(['sandbox', '--port', '0', '--contract', 'heartguard', '--data-dir', join(dir, 'sandbox')]);
  const [line] = await once(started.child.stdout, 'data') as [string];
  expect(JSON.parse(line)).toMatchObject({ gateway: expect.stringMatching(/^http:/) as string, patients: expect.any(Array) as unknown[] });
  started.child.kill('SIGTERM');
  expect((await started.ended).exitCode).toBe(0);
}, patience);
