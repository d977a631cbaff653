/** @file The app started with a command in place of its window, as the launcher of an installed app does, on a machine without a display. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { z } from 'zod';
import { electronRuntime, launchOptions } from '../../build/electron-runtime.mjs';
import { checkout } from '../../build/paths.mjs';
import { jsonDocuments } from '../../cli/json-output.ts';
import { cleanEnvironment } from './app.ts';

export interface Told { code: number | null; stdout: string; stderr: string }
export interface StartedCommand { child: ChildProcess; ended: Promise<Told> }
interface CommandOptions { /** Empty by default; undefined leaves it open. */ stdin?: string | undefined; env?: Record<string, string> }

/** What a process that runs a command is started with. */
export async function commandSpawn(dataDir: string, args: string[], env: Record<string, string> = {}): Promise<{ path: string; args: string[]; env: Record<string, string> }> {
  const runtime = await electronRuntime(() => undefined);
  const options = launchOptions(runtime);
  // Playwright's wish for colours would have a Node say that it does not go with others.
  const { DISPLAY: _x11, WAYLAND_DISPLAY: _wayland, FORCE_COLOR: _colours, ...environment } = cleanEnvironment();
  return {
    path: runtime.path, args: [...options.args, '--ozone-platform=headless', '--log-level=3', checkout, '--', ...args],
    env: { ...environment, ...options.env, LANG: 'en_US.UTF-8', RELEVO_DATA_DIR: dataDir, ...env },
  };
}

/** At the head of a process group of its own, as a terminal gives every command one. */
export async function startCommand(dataDir: string, args: string[], { env = {}, ...options }: CommandOptions = {}): Promise<StartedCommand> {
  const start = await commandSpawn(dataDir, args, env);
  const child = spawn(start.path, start.args, { detached: true, stdio: 'pipe', env: start.env });
  const told: Told = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (piece: string) => { told.stdout += piece; });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => { told.stderr += piece; });
  child.stdin.on('error', () => undefined);
  const stdin = 'stdin' in options ? options.stdin : '';
  if (stdin !== undefined) child.stdin.end(stdin);
  return { child, ended: new Promise((resolve) => { child.once('close', (code) => resolve({ ...told, code })); }) };
}

export async function runCommand(dataDir: string, args: string[], options?: CommandOptions): Promise<Told> {
  return (await startCommand(dataDir, args, options)).ended;
}

/** With `--json`: its exit code and documents, each held to its schema, and nothing beside them. */
export async function commandJson<Name extends keyof typeof jsonDocuments>(name: Name, dataDir: string, args: string[], options?: CommandOptions):
  Promise<{ code: number | null; documents: z.output<(typeof jsonDocuments)[Name]>[] }> {
  const { code, stdout, stderr } = await runCommand(dataDir, [...args, '--json'], options);
  if (stderr !== '') throw new Error(`${args.join(' ')} said beside its result:\n${stderr}`);
  return { code, documents: stdout.split('\n').filter(Boolean).map((line) => jsonDocuments[name].parse(JSON.parse(line)) as never) };
}
