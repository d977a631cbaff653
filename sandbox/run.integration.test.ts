import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runSandboxCommand } from './run.ts';
import type { Ready } from './sandbox.ts';

const script = `import { runSandboxCommand } from ${JSON.stringify(fileURLToPath(new URL('run.ts', import.meta.url)))}; process.exitCode = await runSandboxCommand(process.argv.slice(1));`;

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--input-type=module', '--eval', script, '--', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function readyLine(child: ChildProcess): Promise<Ready> {
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return JSON.parse(line) as Ready;
}

async function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: number; out: string; error: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runSandboxCommand(args, { env, stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, out: await text(stdout), error: await text(stderr) };
}

it('prints one JSON line, serves, and ends with 0 on SIGTERM', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'relevo-sandbox-test-'));
  const child = start('--data-dir', dataDir, '--contract', 'heartguard');
  const ended = once(child, 'exit');
  try {
    const ready = await readyLine(child);
    expect(Object.keys(ready)).toEqual(['gateway', 'email', 'password', 'patients', 'spaces', 'control']);
    expect(ready.patients).toHaveLength(14);
    expect((await fetch(`${ready.gateway}/health/`)).status).toBe(200);
    expect((await fetch(`${ready.gateway}/media/capabilities`)).status).toBe(404);
    expect((await fetch(`${ready.control}/faults`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await readdir(dataDir)).toEqual(['sandbox']);
  } finally {
    child.kill('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
});

it('ends with 1, leaving nothing behind, when its port is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const child = start('--port', String((taken.address() as AddressInfo).port));
  try {
    expect(await once(child, 'exit')).toEqual([1, null]);
  } finally {
    child.kill('SIGKILL');
    taken.close();
  }
});

it('ends when its standard input does, if asked to', async () => {
  const child = start('--until-stdin-closes');
  const ended = once(child, 'exit');
  try {
    await readyLine(child);
    child.stdin!.end();
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

it.each([
  [['--contract', 'other'], '--contract'],
  [['--port', 'x'], '--port'],
  [['--unknown'], '--unknown'],
  [['--spaces', 'env'], 'SPACES_ENDPOINT, SPACES_REGION, SPACES_BUCKET, SPACES_ACCESS_KEY, SPACES_SECRET_KEY'],
])('explains wrong usage: %s', async (args, named) => {
  const { code, out, error } = await run(args);
  expect([code, out]).toEqual([2, '']);
  expect(error).toContain(named);
  expect(error).toContain('Usage: relevo sandbox');
});

it('says when the Spaces it was given do not answer, and never their key', async () => {
  const env = { SPACES_ENDPOINT: 'http://127.0.0.1:9', SPACES_REGION: 'r', SPACES_BUCKET: 'b', SPACES_ACCESS_KEY: 'key', SPACES_SECRET_KEY: 'the-secret' };
  const { code, error } = await run(['--spaces', 'env'], env);
  expect(code).toBe(1);
  expect(error).toContain('Spaces at http://127.0.0.1:9 do not give the bucket b');
  expect(error).not.toContain('the-secret');
});

it('tells what is wrong as JSON where that is asked for, as every command does', async () => {
  for (const args of [['--port', 'x', '--json'], ['--nonsense', '--json'], ['--spaces', 'env', '--json'], ['--data-dir', '', '--json']]) {
    const { code, out, error } = await run(args);
    expect({ code, error }).toEqual({ code: 2, error: '' });
    expect(JSON.parse(out)).toEqual({ schema_version: 1, error: { code: 'usage', message: expect.any(String) as string } });
  }
  expect(await run(['--data-dir', ''])).toMatchObject({ code: 2, out: '', error: expect.stringContaining('--data-dir: is empty') as string });
  expect(await run([], { RELEVO_DATA_DIR: '' })).toMatchObject({ code: 2, error: expect.stringContaining('RELEVO_DATA_DIR: is empty') as string });
});
