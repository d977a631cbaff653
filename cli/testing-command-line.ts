/** @file The command line as a real process on a folder of its own, for this folder's tests. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { jsonDocuments } from './json-output.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  child: ChildProcessWithoutNullStreams;
  ended: Promise<Run>;
}

export interface TestCommandLine {
  start(args: readonly string[], options?: { stdin?: string; cwd?: string }): Started;
  run(args: readonly string[], options?: { stdin?: string; cwd?: string }): Promise<Run>;
  /** With `--json`: its exit code and documents, each checked against the schema. */
  json<Name extends keyof typeof jsonDocuments>(name: Name, args: readonly string[], options?: { stdin?: string; cwd?: string }):
    Promise<{ exitCode: number | null; documents: z.output<(typeof jsonDocuments)[Name]>[]; stderr: string }>;
}

export function createTestCommandLine(dataDir: string, environment: Record<string, string> = {}): TestCommandLine {
  function start(args: readonly string[], { stdin, cwd }: { stdin?: string; cwd?: string } = {}): Started {
    const child = spawn(process.execPath, [main, ...args], {
      cwd, env: { PATH: process.env.PATH, HOME: dataDir, LANG: 'en_US.UTF-8', RELEVO_DATA_DIR: dataDir, ...environment },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => { stdout += piece; });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => { stderr += piece; });
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
    return { child, ended: once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, stdout, stderr })) };
  }
  const run: TestCommandLine['run'] = (args, options) => start(args, options).ended;
  return {
    start,
    run,
    async json(name, args, options) {
      const { exitCode, stdout, stderr } = await run([...args, '--json'], options);
      const documents = stdout.split('\n').filter(Boolean).map((line) => {
        const parsed = jsonDocuments[name].safeParse(JSON.parse(line));
        if (!parsed.success) throw new Error(`${args.join(' ')} (exit code ${exitCode}) is not "${name}": ${line}${stderr}`);
        return parsed.data as never;
      });
      return { exitCode, documents, stderr };
    },
  };
}
