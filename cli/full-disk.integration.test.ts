/** @file Commands on a real small disk without a single free byte; see [Note: the reserve]. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporarySandbox } from '../sandbox/testing/temporary-sandbox.ts';
import { writePhotos } from '../test-support/photos.ts';
import { createTestCommandLine, type TestCommandLine } from './testing-command-line.ts';

/** Only root may mount. */
const mayMount = process.platform === 'linux' && process.getuid?.() === 0;
const patience = 120_000;

let dir: string;
let disk: string;
let dataDir: string;
let cli: TestCommandLine;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'relevo-cli-full-'));
  disk = join(dir, 'disk');
  mkdirSync(disk);
  if (mayMount) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk]);
  dataDir = join(disk, 'data');
  cli = createTestCommandLine(dataDir, { HOME: dir });
});
afterEach(() => {
  if (mayMount) execFileSync('umount', ['-l', disk]);
  rmSync(dir, { recursive: true, force: true });
});

/** To the last block. */
function fill(): void {
  const handle = openSync(join(disk, 'filler'), 'a');
  for (let piece = 4 * 1024 * 1024; piece >= 512;) {
    try { if (writeSync(handle, Buffer.alloc(piece)) < piece) piece /= 2; } catch { piece /= 2; }
  }
  closeSync(handle);
  expect(statfsSync(disk).bavail).toBe(0);
}

test.runIf(mayMount)('a full disk is called full, not unwritable, and nothing is left behind by trying', async () => {
  await cli.run(['status']);
  rmSync(join(dataDir, 'reserve'));
  fill();
  for (const args of [['status'], ['sync'], ['pause']]) expect(await cli.json('error', args)).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'database-disk-full' } }] });
  expect(await cli.json('error', ['status', '--data-dir', join(disk, 'new')])).toMatchObject({ exitCode: 1, documents: [{ error: { code: 'database-disk-full' } }] });
  expect(readdirSync(dataDir).filter((name) => name.endsWith('.partial'))).toEqual([]);
  rmSync(join(disk, 'filler'));
  expect(await cli.run(['status'])).toMatchObject({ exitCode: 0 });
}, patience);

test.runIf(mayMount)('what waits on a full disk is sent all the same, which makes room', async () => {
  const sandbox = await temporarySandbox();
  try {
    const { ready } = sandbox.sandbox;
    await cli.run(['config', 'set', 'gateway', ready.gateway]);
    await cli.run(['login', '--email', ready.email, '--password-stdin'], { stdin: ready.password });
    await writePhotos(join(dir, 'card'), 3, { seed: 'cli full', width: 96, height: 72, sizeOf: () => 700_000 });
    expect(await cli.json('added', ['add', '--patient', ready.patients[0]!.id, join(dir, 'card')])).toMatchObject({ exitCode: 0 });
    fill();
    expect((await cli.json('status', ['status'])).documents[0]).toMatchObject({ counts: { queued: 3 }, disk: { low: true } });
    expect(existsSync(join(dataDir, 'reserve'))).toBe(false);
    expect(await cli.json('sync', ['sync'])).toMatchObject({ exitCode: 0, documents: [{ completed: 3, waiting: 0 }] });
    rmSync(join(disk, 'filler'));
    await cli.run(['status']);
    expect(existsSync(join(dataDir, 'reserve'))).toBe(true);
  } finally {
    await sandbox.dispose();
  }
}, patience);
