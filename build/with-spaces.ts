/**
 * @file Runs a command with a Ceph gateway of its own (SPACES_* in its environment), which ends with it.
 *
 *   node build/with-spaces.ts -- COMMAND [ARGUMENT...]
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError, run, runMain } from './processes.mjs';
import { endSpacesNow, startSpaces, stopSpaces, type SpacesEnvironment } from './spaces.ts';

/** Gives `work` a gateway. It is ended and emptied afterwards, also when `work` fails or this process is told to end. */
export async function withSpaces<T>(work: (environment: SpacesEnvironment) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-spaces-'));
  const endNow = (): void => endSpacesNow(folder);
  process.once('exit', endNow);
  try {
    return await work(await startSpaces(folder));
  } finally {
    await stopSpaces(folder);
    process.off('exit', endNow);
  }
}

if (import.meta.main) {
  await runMain(async () => {
    const [dashes, command, ...args] = process.argv.slice(2);
    if (dashes !== '--' || command === undefined) throw new SetupError('Usage: node build/with-spaces.ts -- COMMAND [ARGUMENT...]');
    return withSpaces(async (environment) => (await run(command, args, { env: { ...process.env, ...environment }, show: true })).code);
  });
}
