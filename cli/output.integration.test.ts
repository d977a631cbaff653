/** @file What becomes of a result that cannot be written. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let dir: string;
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-output-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const environment = () => ({ PATH: process.env.PATH, HOME: dir, LANG: 'en_US.UTF-8', RELEVO_DATA_DIR: join(dir, 'data') });
const main = join(import.meta.dirname, 'main.ts');

test.runIf(existsSync('/dev/full')).each([[['status', '--json']], [['--version']], [['sync', '--nonsense', '--json']]])('a disk that is full has not kept it, and no script takes it for done: %s', async (args) => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [main, ...args], { env: environment(), stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let told = '';
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => { told += piece; });
  const [exitCode] = await once(child, 'close') as [number];
  expect({ exitCode, told }).toEqual({ exitCode: 1, told: expect.stringMatching(/^The result could not be written \(ENOSPC\)\./) as string });
  expect(told.trim().split('\n')).toHaveLength(1);
}, 60_000);

test('whoever closes the pipe is told nothing', async () => {
  const child = spawn(process.execPath, [main, 'status'], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stdout!.destroy();
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => { told += piece; });
  await once(child, 'close');
  expect(told).toBe('');
}, 60_000);
