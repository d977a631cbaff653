/** @file The sandbox backend as a process of its own, through the same command that a person would type. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { checkout } from './paths.mjs';
import { SetupError, end, endWithUs } from './processes.mjs';

const READY_SECONDS = 30;

const readyLine = z.object({
  gateway: z.url(),
  email: z.string(),
  password: z.string(),
  patients: z.array(z.object({ id: z.string(), name: z.string() })),
});

export interface SandboxProcess {
  ready: z.infer<typeof readyLine>;
  /** Resolves when it has ended, by itself or by `stop`. */
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

/**
 * Starts `relevo sandbox` and waits until it says it is ready.
 * @param dataDir where its accounts, photos and tables lie from one start to the next
 * @param spaces the store (SPACES_*); its own, embedded one where there is none
 * @param more further options of the command
 * @throws {SetupError} if it ends before, or says nothing for 30 s
 */
export async function startSandboxProcess(dataDir: string, spaces?: Record<string, string>, more: string[] = []): Promise<SandboxProcess> {
  const args = ['sandbox', '--data-dir', dataDir, '--spaces', spaces ? 'env' : 'embedded', ...more];
  const child = spawn(process.execPath, [join(checkout, 'cli', 'main.ts'), ...args], { env: { ...process.env, ...spaces }, stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(127));
  });
  const firstLine = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
  const late = AbortSignal.timeout(READY_SECONDS * 1000);
  const line = await Promise.race([
    firstLine,
    ended.then((code) => { throw new SetupError(`The sandbox backend ended at once with exit code ${code}`); }),
    new Promise<never>((_, reject) => late.addEventListener('abort', () => reject(new SetupError(`The sandbox backend was not ready after ${READY_SECONDS} s`)))),
  ]);
  // What it prints later must not fill the pipe.
  child.stdout.resume();
  return { ready: readyLine.parse(JSON.parse(line)), ended, stop: () => end(child) };
}
