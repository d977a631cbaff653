import type { CommandContext } from '../context.ts';
import { CommandFailure } from '../failure.ts';
import type { CommandIo } from '../io.ts';

interface SandboxModule {
  runSandboxCommand(args: readonly string[], context: Omit<CommandIo, 'environment'> & { env: CommandIo['environment'] }): Promise<number>;
}

/** Runs until it is interrupted. */
export async function sandbox(context: CommandContext, args: readonly string[]): Promise<number> {
  // By a name that no bundler follows: an installed command line comes without the sandbox.
  const location = new URL('../../sandbox/run.ts', import.meta.url).href;
  let module: SandboxModule;
  try {
    module = await import(/* @vite-ignore */ location) as SandboxModule;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') throw new CommandFailure('not-found', context.texts.noSandbox);
    throw error;
  }
  const { environment, ...io } = context.io;
  // Its own ear for signals is open only once it runs; ours hears one that comes while it starts.
  return module.runSandboxCommand(args, { ...io, env: environment });
}
