import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const engineFile = fileURLToPath(new URL('./engine-process.ts', import.meta.url));
let dir: string;
beforeEach(async () => { dir = await mkdtemp(join(tmpdir(), 'relevo-crash-')); });
afterEach(async () => { await rm(dir, { recursive: true, force: true }); });

/** An error as Node and libraries make them: the person's data is in its text, its code, its path and its name. */
const crashes = `
  class ZqxName extends Error { name = 'ZqxName'; }
  const error = () => Object.assign(new ZqxName("ENOENT: open '/media/Zqxpaciente/Zqxfoto.jpg?token=Zqxtoken'"), { code: 'Zqxcode', path: '/media/Zqxpaciente', cause: new Error('Zqxcause') });
  process.on('SIGUSR2', () => { if (process.env.HOW === 'rejection') Promise.reject(error()); else throw error(); });
`;

test.each(['exception', 'rejection'])('a crash (%s) ends the process and writes nothing of anybody', async (how) => {
  const hook = join(dir, 'crash.mjs');
  await writeFile(hook, crashes);
  const child = fork(engineFile, [], {
    execArgv: ['--import', pathToFileURL(hook).href], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], cwd: dir, env: { PATH: process.env.PATH, HOME: dir, HOW: how },
  });
  let written = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (piece: string) => { written += piece; });
  const ready = new Promise<void>((resolve) => { child.on('message', (message: { type?: string }) => { if (message.type === 'ready') resolve(); }); });
  const dataDir = join(dir, 'data');
  child.send({ type: 'start', dataDir, key: { bytes: new Uint8Array(32).fill(9), source: 'environment' }, version: '1.2.3' });
  await ready;
  const ended = once(child, 'close');
  child.kill('SIGUSR2');
  expect((await ended)[0]).toBe(1);
  expect(written).toContain('engine.unexpected');
  const left = await readdir(dir, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(left.filter((entry) => entry.isFile() && entry.name !== 'crash.mjs').map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')));
  expect(left.map(({ name }) => name).filter((name) => /^(?:core|report|.*heapsnapshot)/.test(name))).toEqual([]);
  // Whole words: three letters stand by chance in so many encrypted bytes.
  for (const word of ['ZqxName', 'Zqxpaciente', 'Zqxfoto', 'Zqxtoken', 'Zqxcode', 'Zqxcause']) expect([written, ...texts].join('\n').includes(word), word).toBe(false);
}, 60_000);
