/**
 * @file What a process does that runs one command: its streams, its interruption, its end. The same in Node, from the sources, and in the
 * installed app, which differ in how a process hears that it shall end and in how it ends.
 */
import { commandLineTexts } from '../shared/texts/command-line.ts';
import type { CommandHost } from './command-host.ts';
import { Interrupted } from './explain.ts';
import { exitCodes } from './failure.ts';
import { localeLanguage, type CommandIo } from './io.ts';
import { runCommandLine } from './run.ts';

export interface CommandProcessOptions extends Omit<CommandIo, 'signal'> {
  /** Ends the process at once. */
  exit(code: number): void;
}

export interface CommandProcess {
  /** Ends with the command's exit code. */
  run(args: readonly string[], host: CommandHost): Promise<void>;
  /** Somebody wants no more of it. */
  interrupt(): void;
  /** Something was thrown that nobody caught. */
  fail(error: unknown): void;
}

export function createCommandProcess({ exit, ...streams }: CommandProcessOptions): CommandProcess {
  const { stdout, stderr, environment } = streams;
  const interruption = new AbortController();

  let ending = false;
  let outputIsLost = false;

  function end(code: number): void {
    if (ending) return;
    ending = true;
    // Pipes take what was written in their own time; leaving before would cut the last line.
    stdout.write('', (error) => {
      if (error) outputLost(error);
      else stderr.write('', () => exit(code));
    });
  }

  /** Half a result, or none, must not pass for the whole. Whoever closed the pipe has seen enough and needs no word. */
  function outputLost({ code }: NodeJS.ErrnoException): void {
    if (outputIsLost) return;
    outputIsLost = true;
    ending = true;
    const told = code === 'EPIPE' ? '' : `${commandLineTexts(localeLanguage(environment) ?? 'es').outputLost(code ?? '')}\n`;
    stderr.write(told, () => exit(exitCodes.failed));
  }

  stdout.on('error', outputLost);
  // Where whoever gave the command is dead, both are lost, and there is nobody to tell. Thrown, it would come back here as one more failure, for ever.
  stderr.on('error', () => undefined);
  return {
    run: async (args, host) => end(await runCommandLine(args, { ...streams, signal: interruption.signal }, host)),
    interrupt() {
      // Asked for twice: at once. The queue is on the disk either way.
      if (interruption.signal.aborted) exit(exitCodes.interrupted);
      interruption.abort(new Interrupted());
    },
    fail(error) {
      if (ending) return;
      stderr.write(`${error instanceof Error ? error.name : typeof error}\n`);
      end(exitCodes.failed);
    },
  };
}
