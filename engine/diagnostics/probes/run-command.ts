import { execFile } from 'node:child_process';

export type CommandOutcome =
  | { name: 'done'; code: number; stdout: string; stderr: string }
  | { name: 'missing' }
  | { name: 'too-slow' };

/** Runs a program without a shell. Never rejects. `limitMs`: after it the program is killed. */
export type RunCommand = (file: string, parameters: readonly string[], limitMs: number) => Promise<CommandOutcome>;

/** Output is read in the C locale, so that the parsers see the words that they know. */
export const runCommand: RunCommand = (file, parameters, limitMs) => new Promise((resolve) => {
  execFile(file, [...parameters], {
    timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 8 * 1024 * 1024, windowsHide: true, shell: false, encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', LANG: 'C', PATH: searchPath() },
  }, (error, stdout, stderr) => {
    if (!error) { resolve({ name: 'done', code: 0, stdout, stderr }); return; }
    const failure = error as NodeJS.ErrnoException & { killed?: boolean; code?: string | number };
    if (failure.code === 'ENOENT' || failure.code === 'EACCES') resolve({ name: 'missing' });
    else if (failure.killed) resolve({ name: 'too-slow' });
    else resolve({ name: 'done', code: typeof failure.code === 'number' ? failure.code : 1, stdout, stderr });
  });
});

/** A desktop session's path often lacks the folders in which `ip`, `arp` and `route` lie. */
function searchPath(): string {
  const own = process.env['PATH'] ?? '';
  return process.platform === 'win32' ? own : `${own}:/usr/sbin:/sbin:/usr/bin:/bin`;
}
