import { CommanderError } from 'commander';
import { commandLineTexts } from '../shared/texts/command-line.ts';
import type { CommandHost } from './command-host.ts';
import { createContext, type CommandContext } from './context.ts';
import { explain } from './explain.ts';
import { exitCodes, type CommandFailure } from './failure.ts';
import { localeLanguage, type CommandIo } from './io.ts';
import { jsonLine } from './json-output.ts';
import { wrongUsage } from './option-values.ts';
import { commandIn, createProgram, usageMessage } from './program.ts';

/**
 * Runs one command.
 *
 * @param args without the program's own name
 * @returns the exit code; never throws.
 */
export async function runCommandLine(args: readonly string[], io: CommandIo, host: CommandHost): Promise<number> {
  const language = localeLanguage(io.environment) ?? 'es';
  const texts = commandLineTexts(language);
  let exitCode: number = exitCodes.ok;
  let context: CommandContext | undefined;
  const program = createProgram({
    texts,
    version: host.version,
    sandbox: host.sandbox,
    contextFor: (options) => { context = createContext(io, host, options); return context; },
    onExitCode: (code) => { exitCode = code; },
    writeOut: (text) => { io.stdout.write(text); },
    writeHelp: (text) => { io.stderr.write(text); },
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return exitCodes.ok;
      // The help was given in place of an error.
      if (error.code === 'commander.help' && !args.includes('--json')) return exitCodes.usage;
      return tell(wrongUsage(usageMessage(texts, error)));
    }
    return tell(explain(error, context?.language ?? language));
  }

  function tell(failure: CommandFailure): number {
    const hint = failure.code === 'usage' ? ` ${commandLineTexts(context?.language ?? language).usage.hint(commandIn(program, args))}` : '';
    const message = `${failure.message}${hint}`;
    // The option may be what was wrong, so it is looked for in the words themselves.
    if (args.includes('--json')) io.stdout.write(jsonLine({ error: { code: failure.code, message } }));
    else io.stderr.write(`${message}\n`);
    return failure.exitCode;
  }
}
