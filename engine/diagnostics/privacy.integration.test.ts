/** @file Strings that must not leave the computer are planted wherever they can come in; then everything that may leave it is read. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporarySandbox } from '../../sandbox/testing/temporary-sandbox.ts';
import { startCanaryGateway, type CanaryGateway } from '../../test-support/canary-gateway.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { systemClock } from '../clock.ts';
import type { Engine } from '../engine-types.ts';
import { createFileLogger, type FileLogger } from '../logging/file-logger.ts';
import { openEngine } from '../open-engine.ts';

const canaries = ['Zqxfilename', 'Zqxfolder', 'Zqxnote', 'Zqxtag', 'Zqxwrongpassword', 'Zqxmail', 'Zqxpath', 'Zqxquery', 'Zqxpaciente', 'Zqxservercode', 'ZQXGARCIA', 'ZQXSPINOZA', '1984-05-23', '5512345678'];
/** As a broken or hostile server may write people down: also in capitals, as codes are, and as dates and numbers, as identifiers might be. */
const hostileWords = ['Zqxservercode de Zqxpaciente', 'AUTH_ZQXGARCIA_LOPEZ', 'EZQXSPINOZA', '1984-05-23', '5512345678'];
let dir: string;
let backend: Awaited<ReturnType<typeof temporarySandbox>>;
let gateway: CanaryGateway;
let log: FileLogger;
let engine: Engine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-privacy-'));
  backend = await temporarySandbox();
  gateway = await startCanaryGateway(backend.sandbox.ready.gateway);
  log = createFileLogger({ dir: join(dir, 'data', 'logs'), level: 'debug', clock: systemClock });
  engine = await openEngine({ dataDir: join(dir, 'data'), key: { bytes: new Uint8Array(32).fill(5), source: 'environment' }, kind: 'app', log, version: '1.2.3' });
}, 60_000);
afterAll(async () => {
  await engine?.close();
  await log?.close();
  await gateway?.close();
  await backend?.dispose();
  await rm(dir, { recursive: true, force: true });
}, 60_000);

async function allThatLeaves(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  texts.set('doctor', JSON.stringify(await engine.calls.checkConnection({})));
  texts.set('doctor --only', JSON.stringify(await engine.calls.checkConnection({ only: 'MEDIA_DOWN' })));
  texts.set('getLog', JSON.stringify(await engine.calls.getLog({ level: 'debug', search: '', limit: 2_000 })));
  const file = join(dir, 'bundle.zip');
  const preview = await engine.calls.previewBundle();
  const { sizeBytes } = await engine.calls.writeBundle({ file });
  const zip = await readFile(file);
  expect(zip.length).toBe(sizeBytes);
  const parts = unzipSync(zip);
  expect(Object.keys(parts).sort()).toEqual(preview.files.map(({ path }) => path).sort());
  expect(preview.files.filter(({ failed }) => failed)).toEqual([]);
  for (const [path, bytes] of Object.entries(parts)) texts.set(path, new TextDecoder().decode(bytes));
  await log.flush();
  for (const name of await readdir(join(dir, 'data', 'logs'))) texts.set(name, await readFile(join(dir, 'data', 'logs', name), 'utf8'));
  return texts;
}

test('neither logs nor bundle nor doctor hold anything of a person or a secret', async () => {
  const { ready } = backend.sandbox;
  const patient = ready.patients[0]!;
  await engine.calls.changeSettings({ gateway: `${gateway.url}/` });
  await Promise.resolve(engine.calls.signIn({ email: 'Zqxmail@clinic.example', password: 'Zqxwrongpassword' })).catch(() => undefined);
  await engine.calls.signIn({ email: ready.email, password: ready.password });
  await engine.calls.searchPatients({ text: 'Zqxpaciente Zqxquery', limit: 5, refresh: true });

  const folder = join(dir, 'Zqxfolder de Ana');
  await mkdir(folder);
  await writeFile(join(folder, 'Zqxfilename.jpg'), await makePhoto({ seed: 'privacy 1' }));
  await writeFile(join(folder, 'Zqxfilename 2.jpg'), await makePhoto({ seed: 'privacy 2' }));
  await writeFile(join(folder, 'Zqxfilename.txt'), 'Zqxfilename no photo');
  const add = (paths: string[]) => engine.calls.addFiles({ batchId: randomUUID(), patientId: patient.id, note: 'Zqxnote', tags: ['Zqxtag'], paths });
  await add([join(folder, 'Zqxfilename.jpg'), join(folder, 'Zqxfilename.txt'), '/nowhere/Zqxpath.jpg']);
  expect((await engine.calls.sync({ timeoutSeconds: 30 })).completed).toBe(1);

  for (const [turn, status] of [500, 503, 404, 302, 401, 500, 503, 401, 404, 502].entries()) {
    gateway.hostile = { status, words: hostileWords[turn % hostileWords.length]! };
    if (turn === 0) await add([join(folder, 'Zqxfilename 2.jpg')]);
    await engine.calls.sync({ timeoutSeconds: 1 });
    await engine.calls.checkConnection({});
  }
  const texts = await allThatLeaves();
  expect(gateway.secrets.size).toBeGreaterThan(3);
  const secrets = [...canaries, ...gateway.secrets, ready.password, ready.email, patient.name, patient.id, ...patient.name.split(' ').filter((word) => word.length > 3), 'eyJ', 'X-Amz'];
  for (const [where, text] of texts) for (const secret of secrets) {
    const at = text.toLowerCase().indexOf(secret.toLowerCase());
    expect(at < 0 ? '' : `${where}: …${text.slice(Math.max(0, at - 60), at + 60)}…`).toBe('');
  }
  // There was something to keep out of it: each part does tell of what happened.
  expect(texts.get('history.json')).toContain('"outcome": "failed"');
  expect(texts.get('log.jsonl')).toContain('upload.failed');
  expect(texts.get('versions.json')).toContain('1.2.3');
  expect(texts.get('network.txt')).not.toContain(new URL(gateway.url).port);
  expect(texts.get('report.md')).not.toContain('HEALTHY');
}, 150_000);
