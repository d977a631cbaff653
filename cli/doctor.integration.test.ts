import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unzipSync } from 'fflate';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import { createTestCommandLine } from './testing-command-line.ts';

const patience = 120_000;
let dir: string;
let sandbox: Awaited<ReturnType<typeof temporarySandbox>>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-doctor-'));
  sandbox = await temporarySandbox();
}, patience);
afterAll(async () => {
  await sandbox?.dispose();
  await rm(dir, { recursive: true, force: true });
}, patience);

test('doctor says what is wrong in words and by its exit code, without anybody signed in, alone or beside a running engine', async () => {
  const { ready, services } = sandbox.sandbox;
  const cli = createTestCommandLine(join(dir, 'data'));
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  expect(await cli.json('doctor', ['doctor'])).toMatchObject({ exitCode: 0, stderr: '', documents: [{ schema_version: 1, diagnosis: { code: 'HEALTHY', severity: 'ok' } }] });

  await services.media.stop();
  const broken = await cli.run(['doctor']);
  expect(broken).toMatchObject({ exitCode: 3, stderr: '' });
  expect(broken.stdout).toMatch(/^MEDIA_DOWN: .+\.\nTo do: .+\nFor support: .+\nEvidence:\n {2}L5 media {2}http .*503/);
  expect(broken.stdout).toContain('Key: key file in the data folder');
  const inSpanish = await createTestCommandLine(join(dir, 'data'), { LANG: 'es_ES.UTF-8' }).run(['doctor']);
  expect(inSpanish.stdout).toMatch(/\nQué hacer: .+\nPara soporte: .+\nEvidencia:\n/);
  expect(await cli.json('doctor', ['doctor', '--only', 'media_down'])).toMatchObject({ exitCode: 3, documents: [{ diagnosis: { code: 'MEDIA_DOWN' } }] });
  expect(await cli.json('doctor', ['doctor', '--only', 'CLOCK_SKEW'])).toMatchObject({ exitCode: 0, documents: [{ diagnosis: { code: 'HEALTHY' } }] });
  expect(await cli.json('error', ['doctor', '--only', 'NOPE'])).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'usage' } }] });
  await services.media.start();

  // Two at once: the second asks the first's engine.
  const both = await Promise.all([cli.json('doctor', ['doctor']), cli.json('doctor', ['doctor'])]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
}, patience);

test('doctor without a server to look at says so, and does not call that well', async () => {
  const unset = join(dir, 'unset');
  const english = await createTestCommandLine(unset).run(['doctor']);
  expect(english).toMatchObject({ exitCode: 5, stderr: '' });
  expect(english.stdout).toMatch(/^INCONCLUSIVE: The address of the server is missing\.\nTo do: .*relevo config set gateway .*\n/);
  expect(english.stdout).toContain('http not run: no gateway is set');
  const spanish = await createTestCommandLine(unset, { LANG: 'es_ES.UTF-8' }).run(['doctor']);
  expect(spanish.stdout).toMatch(/^INCONCLUSIVE: Falta la dirección del servidor\.\nQué hacer: .*relevo config set gateway .*\n/);
  expect(await createTestCommandLine(unset).json('doctor', ['doctor', '--only', 'CLOCK_SKEW'])).toMatchObject({ exitCode: 5, documents: [{ diagnosis: { code: 'INCONCLUSIVE' } }] });
}, patience);

test('doctor says that photos which wait are safe, once, whatever is wrong', async () => {
  const { ready, services } = sandbox.sandbox;
  const cli = createTestCommandLine(join(dir, 'waiting'));
  await cli.run(['config', 'set', 'gateway', ready.gateway]);
  await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
  expect((await cli.run(['doctor'])).stdout).not.toContain('safe');
  for (const name of ['one', 'two']) await writeFile(join(dir, `${name}.jpg`), await makePhoto({ seed: name }));
  await services.gateway.stop();
  try {
    await cli.run(['add', '--patient', ready.patients[0]!.id, join(dir, 'one.jpg')]);
    expect((await cli.run(['doctor'])).stdout).toMatch(/^GATEWAY_DOWN: .+\nTo do: .+\n1 photo to send, safe on this computer\.\nFor support: /);
    await cli.run(['add', '--patient', ready.patients[0]!.id, join(dir, 'two.jpg')]);
    const spanish = await createTestCommandLine(join(dir, 'waiting'), { LANG: 'es_ES.UTF-8' }).run(['doctor']);
    expect(spanish.stdout).toContain('\nHay 2 fotos por enviar, a salvo en este equipo.\nPara soporte: ');
  } finally {
    await services.gateway.start();
  }
}, patience);

test('bundle writes a zip, says what is in it, and says why where it cannot be written', async () => {
  const cli = createTestCommandLine(join(dir, 'data'));
  const file = join(dir, 'out.zip');
  const { exitCode, documents: [made] } = await cli.json('bundle', ['bundle', file]);
  expect(exitCode).toBe(0);
  const zip = await readFile(file);
  expect(made).toMatchObject({ file, sizeBytes: zip.length });
  expect(Object.keys(unzipSync(zip)).sort()).toEqual(['collectors.json', 'doctor.json', 'history.json', 'log.jsonl', 'network.txt', 'queue.json', 'report.md', 'settings.json', 'versions.json']);
  expect(made!.leftOut).toContain('patients');
  const text = await cli.run(['bundle', join(dir, 'again.zip')]);
  expect(text.stdout).toMatch(/Left out: patients[\s\S]*Written: .*again\.zip/);
  expect(await cli.json('error', ['bundle', join(dir, 'nowhere', 'x.zip')])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'not-possible-now' } }] });
}, patience);
