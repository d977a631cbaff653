/** @file What is not understood is refused before anything is touched: exit code 2, what was wrong by its name, and what is allowed. */
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

const patience = 120_000;

let dir: string;
/** Where the command is called: somebody's folder, with a photo in it. */
let cwd: string;
let cli: TestCommandLine;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'relevo-usage-'));
  cwd = join(dir, 'somewhere');
  await mkdir(cwd);
  await chmod(cwd, 0o755);
  await writeFile(join(cwd, 'IMG_1.jpg'), '');
  cli = createTestCommandLine(join(dir, 'data'));
});
afterEach(async () => { await rm(dir, { recursive: true, force: true }); });

async function untouched(mode = 0o755): Promise<void> {
  expect(await readdir(cwd)).toEqual(['IMG_1.jpg']);
  expect((await stat(cwd)).mode & 0o777).toBe(mode);
}

describe('an empty path is nobody’s wish', () => {
  test.each([
    ['PATH', ['add', '--patient', 'P', '']], ['PATH', ['add', '--patient', 'P', 'IMG_1.jpg', '']], ['--data-dir', ['status', '--data-dir', '']],
    ['--data-dir', ['--data-dir=', 'status']], ['--to', ['recover', '--to', '']], ['OUT.ZIP', ['bundle', '']], ['--data-dir', ['sandbox', '--data-dir', '']],
  ])('%s: %s', async (name, args) => {
    expect(await cli.json('error', args, { cwd })).toMatchObject({ exitCode: 2, documents: [{ error: { code: 'usage', message: expect.stringContaining(`The value of ${name} is empty.`) as string } }] });
    await untouched();
    expect(await readdir(dir)).toEqual(['somewhere']);
  }, patience);

  test('nor in RELEVO_DATA_DIR, and an empty HOME is no place', async () => {
    const unset = createTestCommandLine('', { HOME: dir });
    expect(await unset.run(['status'], { cwd })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('The value of RELEVO_DATA_DIR is empty.') as string });
    expect(await unset.run(['sandbox'], { cwd })).toMatchObject({ exitCode: 2 });
    await untouched();
  }, patience);
});

test('a folder that others use too is refused, and neither closed nor locked', async () => {
  await chmod(cwd, 0o777);
  for (const named of [createTestCommandLine(cwd, { HOME: dir }), createTestCommandLine(cwd, { HOME: dir, RELEVO_KEY: Buffer.alloc(32, 1).toString('base64') })]) {
    expect(await named.json('error', ['status'])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'data-folder-foreign', message: expect.stringContaining(cwd) as string } }] });
    await untouched(0o777);
  }
  expect(await cli.run(['status', '--data-dir', '.'], { cwd })).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('holds other files and is used by others too') as string });
  await untouched(0o777);
}, patience);

describe('what is not allowed is named, with what is', () => {
  const long = (length: number): string => 'x'.repeat(length);
  const add = (...more: string[]): string[] => ['add', '--patient', 'P', ...more, 'IMG_1.jpg'];
  test.each([
    ['--note', 'At most 2000 characters', add('--note', long(2001))],
    ['--tag', 'At most 100 characters', add('--tag', long(101))],
    ['--tag', 'may be given at most 20 times', add(...Array.from({ length: 21 }, (_, index) => ['--tag', `t${index}`]).flat())],
    ['--patient', 'is empty', ['add', '--patient', '', 'IMG_1.jpg']],
    ['--email', 'is empty', ['login', '--email', '', '--password-stdin']],
    ['--priority', 'Allowed: high, normal, low.', add('--priority', 'urgent')],
    ['--timeout', 'more than 0 and at most 86400', ['sync', '--timeout', '0']],
    ['--limit', 'from 1 to 1000', ['patients', '--limit', '']],
    ['language', 'Allowed: es, en.', ['config', 'set', 'language', 'fr']],
    ['concurrency', 'from 1 to 16', ['config', 'set', 'concurrency', '99']],
    ['removeLocation', 'Allowed: true, false.', ['config', 'set', 'removeLocation', 'perhaps']],
    ['gateway', 'https:// or http://', ['config', 'set', 'gateway', 'clinic']],
    ['KEY', 'gateway, language', ['config', 'set', 'colour', 'red']],
  ])('%s: %s', async (name, allowed, args) => {
    const { exitCode, stderr } = await cli.run(args, { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(name);
    expect(stderr).toContain(allowed);
  }, patience);

  test.each([
    ['relevo', ['nonsense']], ['relevo', ['--nonsense']], ['relevo add', ['add', '--nonsense']], ['relevo config set', ['config', 'set', 'x']], ['relevo config', ['config', 'nonsense']],
    ['relevo sync', ['--data-dir', 'add', 'sync', '--timeout', '0']], ['relevo retry', ['retry', 'x']],
  ])('the hint leads to the help of %s', async (command, args) => {
    expect((await cli.run(args, { cwd })).stderr).toMatch(new RegExp(`: ${command} --help\\n$`));
  }, patience);
});
