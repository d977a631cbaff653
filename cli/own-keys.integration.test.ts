import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../sandbox/testing/client.ts';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { localHost } from './local-host.ts';
import { runCommandLine } from './run.ts';
import { createTestCommandLine } from './testing-command-line.ts';

/** Each command is a process of its own, on a computer that may be busy. */
const patience = 180_000;

let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-own-keys-'));
  backend = await temporarySandbox();
}, patience);
afterAll(async () => {
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

test('own keys are tested, kept sealed, used, and removed', async () => {
  const { ready, store, spaces } = backend.sandbox;
  const cli = createTestCommandLine(join(dir, 'data'));
  const set = (...more: string[]): string[] => ['own-keys', 'set', '--endpoint', spaces.endpoint, '--region', spaces.region, '--bucket', spaces.bucket, '--key-id', spaces.accessKeyId, '--path-style', ...more];
  expect(await cli.json('error', set('--secret-stdin'), { stdin: spaces.secretAccessKey })).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'no-gateway' } }] });
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });

  const wrong = await cli.json('ownKeysTest', set('--secret-stdin'), { stdin: 'ZqxWrongSecret\n' });
  expect(wrong).toMatchObject({ exitCode: 1, documents: [{ passed: false, saved: false, steps: [{ step: 'write', outcome: 'failed', failure: { detail: 'SignatureDoesNotMatch' } }, { outcome: 'not-tried' }, { outcome: 'not-tried' }] }] });
  const told = await cli.run(set('--secret-stdin'), { stdin: 'ZqxWrongSecret\n' });
  expect([told.exitCode, told.stdout]).toEqual([1, expect.stringMatching(/^write +fails +The secret key is not the one of this identifier\. [\s\S]*nothing was kept/)]);
  expect(await cli.json('ownKeys', ['own-keys', 'show'])).toMatchObject({ exitCode: 0, documents: [{ ownKeys: null }] });
  expect(await cli.json('error', ['own-keys', 'test'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-found' } }] });
  expect(await cli.json('error', set())).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'invalid-input' } }] });
  expect(await cli.json('error', ['own-keys', 'set', '--endpoint', 'nonsense', '--region', 'r', '--bucket', 'bbb', '--key-id', 'k', '--secret-stdin'], { stdin: 'x' })).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'usage' } }] });

  expect(await cli.json('ownKeysTest', set('--secret-stdin'), { stdin: `${spaces.secretAccessKey}\n` })).toMatchObject({ exitCode: 0, stderr: '', documents: [{ passed: true, saved: true }] });
  const [shown] = (await cli.json('ownKeys', ['own-keys', 'show'])).documents;
  expect(shown).toEqual({ schema_version: 1, ownKeys: { endpoint: spaces.endpoint, region: spaces.region, bucket: spaces.bucket, accessKeyId: spaces.accessKeyId, pathStyle: true } });
  expect((await cli.run(['own-keys', 'show'])).stdout).toContain(spaces.bucket);
  expect(await cli.json('ownKeysTest', ['own-keys', 'test'])).toMatchObject({ exitCode: 0, documents: [{ passed: true }] });
  // The secret in use need not be given again.
  expect(await cli.json('ownKeysTest', set())).toMatchObject({ exitCode: 0, documents: [{ saved: true }] });

  const photo = await makePhoto({ seed: 'own keys', sizeBytes: 9 * 1024 * 1024 });
  await writeFile(join(dir, 'one.jpg'), photo);
  const [added] = (await cli.json('added', ['add', '--patient', ready.patients[0]!.id, join(dir, 'one.jpg')])).documents;
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
  const [status] = (await cli.json('status', ['status', '--items'])).documents;
  expect(status).toMatchObject({ account: { limits: { contract: 'own-keys' } } });
  const key = `relevo/${ready.patients[0]!.id}/${added?.outcome === 'queued' ? added.id : ''}.jpg`;
  expect(await store.objects({ prefix: 'relevo' })).toMatchObject([{ key, sha256: status!.items![0]!.sha256 }]);
  expect(store.photos()).toEqual([]);
  expect((await cli.run(['doctor'])).stdout).toMatch(/Way to the store: own keys, since .+\.\nThe server was asked .+: uploads in parts\./);

  expect(await cli.json('ownKeys', ['own-keys', 'remove'])).toMatchObject({ exitCode: 0, documents: [{ ownKeys: null }] });
  await writeFile(join(dir, 'two.jpg'), await makePhoto({ seed: 'through' }));
  await cli.run(['add', '--patient', ready.patients[0]!.id, join(dir, 'two.jpg')]);
  expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 1 }] });
  expect([store.photos().length, (await store.objects({ prefix: 'relevo' })).length]).toEqual([1, 1]);
  for (const name of await readdir(join(dir, 'data', 'logs'))) expect(await readFile(join(dir, 'data', 'logs', name), 'utf8')).not.toContain('ZqxWrongSecret');
}, patience);

test('where the server keeps one photo of each patient, a person is asked before theirs is replaced, and a script is told', async () => {
  const old = await temporarySandbox({ contract: 'heartguard' });
  const environment = { RELEVO_DATA_DIR: join(dir, 'data-a'), LANG: 'en_US.UTF-8' };
  try {
    const { ready } = old.sandbox;
    const patient = ready.patients[0]!.id;
    const cli = createTestCommandLine(join(dir, 'data-a'));
    for (const name of ['first', 'second', 'third']) await writeFile(join(dir, `${name}.jpg`), await makePhoto({ seed: name, width: 96, height: 72 }));
    await cli.run(['config', 'set', 'gateway', ready.gateway]);
    await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
    await cli.run(['patients']);
    expect(await cli.json('added', ['add', '--patient', patient, join(dir, 'first.jpg')])).toMatchObject({ exitCode: 0, stderr: '' });

    const nurse = await TestClient.signIn(old.sandbox);
    await nurse.sendPhoto(patient, await makePhoto({ seed: 'there', width: 96, height: 72 }));
    const script = await cli.json('added', ['add', '--patient', patient, join(dir, 'second.jpg'), join(dir, 'first.jpg')]);
    expect(script).toMatchObject({ exitCode: 0, documents: [{ outcome: 'queued' }, { outcome: 'duplicate' }] });
    expect(script.stderr).toMatch(/of several, only the last[\s\S]+the new one will replace it/);

    const onTerminal = async (answer: string, ...more: string[]): Promise<{ exitCode: number; text: string }> => {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      let text = '';
      stdout.on('data', (piece: Buffer) => { text += piece.toString(); });
      // What is typed is typed when it was asked for.
      stderr.on('data', (piece: Buffer) => {
        text += piece.toString();
        if (piece.toString().includes('(y/n)')) stdin.write(answer);
      });
      const io = { stdin: Object.assign(stdin, { isTTY: true }), stdout, stderr: Object.assign(stderr, { isTTY: true, columns: 80 }), environment, signal: new AbortController().signal };
      return { exitCode: await runCommandLine(['add', '--patient', patient, join(dir, 'third.jpg'), ...more], io, localHost), text };
    };
    const refused = await onTerminal('n\r');
    expect([refused.exitCode, refused.text]).toEqual([1, expect.stringContaining('Nothing was added.')]);
    expect((await cli.json('status', ['status'])).documents[0]!.counts.queued).toBe(2);
    const agreed = await onTerminal('y\r');
    expect([agreed.exitCode, agreed.text]).toEqual([0, expect.stringContaining('1 photo added')]);
    const unasked = await onTerminal('', '--yes');
    expect([unasked.exitCode, unasked.text]).toEqual([0, expect.not.stringContaining('(y/n)')]);
  } finally {
    await old.dispose();
  }
}, patience);
