/**
 * @file `npm run contract`: asks a running gateway for what contract A promises. Connects the process to `command.ts`, which
 * does the work. `--help` says how.
 */
import { contractCommand } from './command.ts';

const interruption = new AbortController();
// Never an end at once: somebody's photo may have to be put back, and who starts us passes one Ctrl-C on as two signals.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { interruption.abort(); });

process.exitCode = await contractCommand(process.argv.slice(2), {
  stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, environment: process.env, signal: interruption.signal,
});
