#!/usr/bin/env node
/** @file `relevo` from its sources: the engine without a window, on Node. Connects the process to `process.ts`, which does the work. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// See [Note: a card that hangs]. First of all, since the number is read when the pool is first used, and before anything of ours is loaded, which
// uses it. On Windows the process would not see what it sets for itself here, so there the engine keeps to the four threads that it has.
if (process.platform !== 'win32') process.env['UV_THREADPOOL_SIZE'] ??= '16';

// Halves a command's time when run from its sources. Only what is loaded afterwards is cached, so everything else is.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/relevo-command-line', import.meta.url)));
const [{ createCommandProcess }, { localHost }] = await Promise.all([import('./process.ts'), import('./local-host.ts')]);

const { stdin, stdout, stderr } = process;
const command = createCommandProcess({ stdin, stdout, stderr, environment: process.env, exit: (code) => process.exit(code) });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => command.interrupt());
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => command.fail(error));

await command.run(process.argv.slice(2), localHost);
