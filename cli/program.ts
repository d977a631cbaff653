import { Command, Option, type Argument, type CommanderError } from 'commander';
import type { CommandLineTexts } from '../shared/texts/command-line.ts';
import { add, type AddOptions } from './commands/add.ts';
import { bundle } from './commands/bundle.ts';
import { cancel, pause, resume, retry } from './commands/change-queue.ts';
import { configGet, configSet, configUnset } from './commands/config.ts';
import { doctor } from './commands/doctor.ts';
import { login, logout } from './commands/login.ts';
import { ownKeysRemove, ownKeysSet, ownKeysShow, ownKeysTest, type OwnKeysOptions } from './commands/own-keys.ts';
import { network } from './commands/network.ts';
import { patients } from './commands/patients.ts';
import { people } from './commands/people.ts';
import { recover } from './commands/recover.ts';
import { status } from './commands/status.ts';
import { sync } from './commands/sync.ts';
import type { CommandHost } from './command-host.ts';
import type { CommandContext, GlobalOptions } from './context.ts';
import { noteLength, optionValues } from './option-values.ts';

export interface ProgramOptions {
  texts: CommandLineTexts;
  version: string;
  /** Where there is none, there is no such command either. */
  sandbox: CommandHost['sandbox'];
  contextFor(options: GlobalOptions): CommandContext;
  onExitCode(code: number): void;
  writeOut(text: string): void;
  /** Help that was not asked for: a command without what it needs. */
  writeHelp(text: string): void;
}

/** Every command with its options. What each does is in `commands/`. Wrong usage comes out as a `CommanderError`. */
export function createProgram({ texts, version, sandbox, contextFor, onExitCode, writeOut, writeHelp }: ProgramOptions): Command {
  const { help } = texts;
  const value = optionValues(texts);
  const program = new Command('relevo')
    .description(help.program)
    .usage(`[${help.optionsWord}] <${help.commandWord}>`)
    .option('--data-dir <DIR>', help.dataDir, value.given('--data-dir'))
    .option('--json', help.json)
    .version(version, '-V, --version', help.version)
    .helpOption('-h, --help', help.helpOption)
    .helpCommand(`help [${help.commandWord}]`, help.helpCommand)
    .addHelpText('after', `\n${help.more}`)
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => titles[title] ?? title,
      // Without its own "[options]", which would be English among the rest.
      subcommandTerm: (made) => [made.name(), ...made.registeredArguments.map(argumentTerm)].join(' '),
    })
    .configureOutput({ writeOut, writeErr: writeHelp, outputError: () => undefined })
    .exitOverride();
  const titles: Record<string, string> = {
    'Usage:': help.usageTitle, 'Arguments:': help.argumentsTitle, 'Options:': help.optionsTitle, 'Commands:': help.commandsTitle, 'Global Options:': help.globalOptionsTitle,
  };

  /** A command whose action gets the context and gives an exit code. */
  function command(parent: Command, nameAndArguments: string, description: string, more?: string): Command {
    const made = parent.command(nameAndArguments).description(description).helpOption('-h, --help', help.helpOption);
    made.usage([`[${help.optionsWord}]`, ...made.registeredArguments.map(argumentTerm)].join(' '));
    return more ? made.addHelpText('after', `\n${more}`) : made;
  }
  const run = <Arguments extends unknown[]>(work: (context: CommandContext, ...given: Arguments) => Promise<number>) =>
    async (...given: unknown[]): Promise<void> => {
      const made = given.pop() as Command;
      onExitCode(await work(contextFor(made.optsWithGlobals<GlobalOptions>()), ...given as Arguments));
    };

  const config = command(program, 'config', help.config).usage(`<${help.commandWord}>`).helpCommand(false);
  command(config, 'get [KEY]', help.configGet).action(run<[string | undefined]>(configGet));
  command(config, 'set <KEY> <VALUE>', help.configSet).action(run<[string, string]>(configSet));
  command(config, 'unset <KEY>', help.configUnset).action(run<[string]>(configUnset));

  command(program, 'login', help.login)
    .requiredOption('--email <E>', help.email, value.text('--email', 500, 1))
    .option('--password-stdin', help.passwordStdin)
    .action(run<[{ email: string; passwordStdin?: boolean }]>(login));
  command(program, 'logout', help.logout).action(run<[]>(logout));

  command(program, 'people', help.people, help.peopleMore).action(run<[]>(people));

  command(program, 'patients', help.patients, help.patientsMore)
    .option('--search <TEXT>', help.search, value.text('--search', 200))
    .option('--refresh', help.refresh)
    .addOption(new Option('--limit <N>', help.limit).argParser(value.integer('--limit', 1, 1000)).default(1000))
    .action(run<[{ search?: string; refresh?: boolean; limit: number }]>(patients));

  command(program, 'add <PATH...>', help.add, help.addMore)
    .requiredOption('--patient <ID>', help.patient, value.text('--patient', 200, 1))
    .option('--note <T>', help.note, value.text('--note', noteLength))
    .option('--tag <T>', help.tag, value.tags('--tag'))
    .addOption(new Option('--priority <P>', help.priority).argParser(value.priority('--priority')))
    .option('--yes', help.yes)
    .action(run<[string[], AddOptions]>(add));

  command(program, 'sync', help.sync, help.syncMore)
    .addOption(new Option('--timeout <S>', help.timeout).argParser(value.seconds('--timeout')))
    .action(run<[{ timeout?: number }]>(sync));

  command(program, 'status', help.status, help.statusMore)
    .option('--items', help.items)
    .addOption(new Option('--limit <N>', help.limit).argParser(value.integer('--limit', 1, 1_000_000)))
    .action(run<[{ items?: boolean; limit?: number }]>(status));

  command(program, 'pause [ID]', help.pause).action(run<[string | undefined]>(pause));
  command(program, 'resume [ID]', help.resume).action(run<[string | undefined]>(resume));
  command(program, 'retry <ID>', help.retry).action(run<[string]>(retry));
  command(program, 'cancel <ID>', help.cancel).action(run<[string]>(cancel));

  const ownKeys = command(program, 'own-keys', help.ownKeys, help.ownKeysMore).usage(`<${help.commandWord}>`).helpCommand(false);
  command(ownKeys, 'show', help.ownKeysShow).action(run<[]>(ownKeysShow));
  command(ownKeys, 'test', help.ownKeysTest).action(run<[]>(ownKeysTest));
  command(ownKeys, 'set', help.ownKeysSet)
    .requiredOption('--endpoint <U>', help.endpoint)
    .requiredOption('--region <R>', help.region)
    .requiredOption('--bucket <B>', help.bucket)
    .requiredOption('--key-id <K>', help.keyId)
    .option('--path-style', help.pathStyle)
    .option('--secret-stdin', help.secretStdin)
    .action(run<[OwnKeysOptions]>(ownKeysSet));
  command(ownKeys, 'remove', help.ownKeysRemove).action(run<[]>(ownKeysRemove));

  command(program, 'network', help.network, help.networkMore)
    .option('--proxy-user <U>', help.proxyUser)
    .option('--proxy-password-stdin', help.proxyPasswordStdin)
    .option('--forget-proxy-sign-in', help.forgetProxySignIn)
    .action(run<[{ proxyUser?: string; proxyPasswordStdin?: boolean; forgetProxySignIn?: boolean }]>(network));

  command(program, 'doctor', help.doctor, help.doctorMore)
    .option('--only <CODE>', help.only)
    .action(run<[{ only?: string }]>(doctor));
  command(program, 'bundle <OUT.ZIP>', help.bundle, help.bundleMore).action(run<[string]>(bundle));

  command(program, 'recover', help.recover, help.recoverMore)
    .requiredOption('--to <DIR>', help.recoverTo, value.given('--to'))
    .action(run<[{ to: string }]>(recover));

  // It reads its own options; only those that the program itself took away are put back.
  if (sandbox) command(program, 'sandbox', help.sandbox)
    .usage('[--port P] [--spaces embedded|env] [--contract sessions|heartguard]')
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options: unknown, made: Command) => {
      const { dataDir, json } = made.optsWithGlobals<GlobalOptions>();
      onExitCode(await sandbox(contextFor({ json: true }), [...made.args, ...(dataDir === undefined ? [] : ['--data-dir', dataDir]), ...(json ? ['--json'] : [])]));
    });
  return program;
}

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? '...' : '');
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** The command that the arguments are for, for whoever is sent to its help; where they name none, the program itself. */
export function commandIn(program: Command, args: readonly string[]): string {
  const names = [program.name()];
  let found = program;
  for (let place = 0; place < args.length && found.commands.length > 0; place += 1) {
    const word = args[place]!;
    if (word === '--data-dir') place += 1;
    if (word.startsWith('-')) continue;
    const next = found.commands.find((made) => made.name() === word);
    if (!next) break;
    names.push(word);
    found = next;
  }
  return names.join(' ');
}

/** Commander's own errors, whose texts are English, in the reader's words. */
export function usageMessage(texts: CommandLineTexts, error: CommanderError): string {
  const { usage } = texts;
  const named = /'(?:-\w, )?([^']+)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': return usage.unknownOption(named);
    case 'commander.unknownCommand': return usage.unknownCommand(named);
    case 'commander.missingArgument': return usage.missingArgument(named);
    case 'commander.missingMandatoryOptionValue': return usage.missingOption(named);
    case 'commander.optionMissingArgument': return usage.missingValue(named);
    case 'commander.excessArguments': return usage.tooManyArguments;
    case 'commander.invalidArgument': return usage.wrongValue(named);
    default: return usage.wrong;
  }
}
