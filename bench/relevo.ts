/** @file Relevo as a script would use it: one command that takes the photos in, one that sends them. */
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout } from '../build/paths.mjs';
import { SetupError, run } from '../build/processes.mjs';
import type { SandboxProcess } from '../build/sandbox-process.ts';
import { measured, type Cost } from './measured.ts';

const commandLine = join(checkout, 'cli', 'main.ts');
const statusSchema = z.object({ counts: z.object({ completed: z.number() }) });

export interface RelevoCost {
  /** Read, recognised, hashed, sealed and on the disk. */
  add: Cost;
  /** Sent, verified, and the sealed copies destroyed. */
  sync: Cost;
}

/** One card, on a data folder of its own, and proof that all of it has arrived. */
export async function relevoSend(card: string, files: number, { ready }: SandboxProcess, patient: number, folder: string): Promise<RelevoCost> {
  const env = { ...process.env, RELEVO_DATA_DIR: join(folder, `data-${patient}`), RELEVO_KEY: randomBytes(32).toString('base64') };
  const relevo = async (...args: string[]): Promise<string> => {
    const { code, output } = await run(process.execPath, [commandLine, ...args], { env });
    if (code !== 0) throw new SetupError(`relevo ${args[0]} ended with ${code}:\n${output}`);
    return output;
  };
  await relevo('config', 'set', 'gateway', ready.gateway);
  await signIn(ready, env);
  const add = await measured(process.execPath, [commandLine, 'add', '--json', '--patient', ready.patients[patient % ready.patients.length]!.id, card], env);
  const sync = await measured(process.execPath, [commandLine, 'sync', '--json'], env);
  const { counts } = statusSchema.parse(JSON.parse(await relevo('status', '--json')));
  if (counts.completed !== files) throw new SetupError(`relevo sent ${counts.completed} of ${files} photos`);
  return { add, sync };
}

async function signIn({ email, password }: SandboxProcess['ready'], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(process.execPath, [commandLine, 'login', '--email', email, '--password-stdin'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(`${password}\n`);
  const [code] = await once(child, 'exit') as [number | null];
  if (code !== 0) throw new SetupError(`relevo login ended with ${code}`);
}
