#!/usr/bin/env node
/** @file `relevo`: the engine without a window. Connects the process to `run.ts`, which does the work. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// See [Note: a card that hangs]. First of all, since the number is read when the pool is first used, and before anything of ours is loaded, which
// uses it. On Windows the process would not see what it sets for itself here, so there the engine keeps to the four threads that it has.
if (process.platform !== 'win32') process.env['UV_THREADPOOL_SIZE'] ??= '16';

// Halves a command's time when run from its sources. Only what is loaded afterwards is cached, so everything else is.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/relevo-command-line', import.meta.url)));
const [{ Interrupted }, { exitCodes }, { localeLanguage }, { runCommandLine }, { commandLineTexts }] = await Promise.all([
  import('./explain.ts'), import('./failure.ts'), import('./io.ts'), import('./run.ts'), import('../shared/texts/command-line.ts'),
]);

const interruption = new AbortController();

function end(code: number): void {
  // Pipes take what was written in their own time; leaving before would cut the last line.
  process.stdout.write('', (error) => {
    if (error) outputLost(error);
    else process.stderr.write('', () => process.exit(code));
  });
}

/** Half a result, or none, must not pass for the whole. Whoever closed the pipe has seen enough and needs no word. */
function outputLost({ code }: NodeJS.ErrnoException): void {
  const told = code === 'EPIPE' ? '' : `${commandLineTexts(localeLanguage(process.env) ?? 'es').outputLost(code ?? '')}\n`;
  process.stderr.write(told, () => process.exit(exitCodes.failed));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Asked for twice: at once. The queue is on the disk either way.
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort(new Interrupted());
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.name : typeof error}\n`);
    end(exitCodes.failed);
  });
}
process.stdout.on('error', outputLost);

end(await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, environment: process.env, signal: interruption.signal,
}));
