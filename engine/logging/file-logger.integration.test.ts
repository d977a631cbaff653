import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { createFileLogger } from './file-logger.ts';

let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'relevo-log-')); });
afterEach(async () => { await rm(dir, { recursive: true, force: true }); });

async function linesOf(name = 'relevo.log'): Promise<Record<string, unknown>[]> {
  const text = await readFile(join(dir, name), 'utf8');
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('lines are JSON, redacted, at the level asked for; memory keeps all', async () => {
  const log = createFileLogger({ dir, level: 'info', clock: systemClock });
  log.debug('upload.part', { part: 1 });
  log.info('upload.completed', { ms: 12, patientName: 'Ana' });
  await log.close();
  const lines = await linesOf();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'info', event: 'upload.completed', ms: 12, omitted: 1 });
  expect(JSON.stringify(lines)).not.toContain('Ana');
  expect(log.memory.lines().map((line) => line.event)).toEqual(['upload.part', 'upload.completed']);
});

test('files are turned over by size and the oldest goes', async () => {
  const log = createFileLogger({ dir, level: 'debug', clock: systemClock, maxFileBytes: 2000, maxFiles: 3 });
  for (let number = 0; number < 200; number += 1) {
    log.info('tick', { count: number });
    if (number % 5 === 0) await log.flush();
  }
  await log.close();
  expect((await readdir(dir)).sort()).toEqual(['relevo.1.log', 'relevo.2.log', 'relevo.log']);
  const kept = [...await linesOf('relevo.2.log'), ...await linesOf('relevo.1.log'), ...await linesOf()].map((line) => line.count as number);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 200 - kept.length + index));
  for (const name of await readdir(dir)) expect((await stat(join(dir, name))).size).toBeLessThanOrEqual(2000);
});

test('a second run goes on where the first ended', async () => {
  for (const count of [1, 2]) {
    const log = createFileLogger({ dir, level: 'info', clock: systemClock });
    log.info('start', { count });
    await log.close();
  }
  expect((await linesOf()).map((line) => line.count)).toEqual([1, 2]);
});

test('the tail is on the disk after an abrupt exit, each line once', async () => {
  const module = fileURLToPath(new URL('./file-logger.ts', import.meta.url));
  const clock = fileURLToPath(new URL('../clock.ts', import.meta.url));
  const script = `
    const { createFileLogger } = await import(${JSON.stringify(module)});
    const { systemClock } = await import(${JSON.stringify(clock)});
    const log = createFileLogger({ dir: ${JSON.stringify(dir)}, level: 'info', clock: systemClock });
    for (let count = 0; count < 50; count += 1) log.info('tick', { count });
    void log.flush();
    for (let count = 50; count < 100; count += 1) log.info('tick', { count });
    process.exit(3);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  expect((await once(child, 'exit'))[0]).toBe(3);
  expect((await linesOf()).map((line) => line.count)).toEqual(Array.from({ length: 100 }, (_, count) => count));
});

test('a folder that cannot be written to stops nothing', async () => {
  await writeFile(join(dir, 'file'), '');
  const log = createFileLogger({ dir: join(dir, 'file'), level: 'info', clock: systemClock });
  log.error('spool.unwritable', { errno: 'ENOTDIR' });
  await log.close();
  expect(log.memory.lines()).toHaveLength(1);
});

test('memory keeps the latest lines only', () => {
  const log = createFileLogger({ dir, level: 'error', clock: systemClock });
  for (let count = 0; count < 2500; count += 1) log.info('tick', { count });
  const lines = log.memory.lines();
  expect(lines).toHaveLength(2000);
  expect([lines[0]?.fields.count, lines.at(-1)?.fields.count]).toEqual([500, 2499]);
});
