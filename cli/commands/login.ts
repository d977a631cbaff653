import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';

/** What is piped in, less the line's end that `echo` adds. */
async function readPassword(context: CommandContext): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of context.io.stdin) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces).toString('utf8').replace(/\r?\n$/, '');
}

/** Asked on the terminal without showing what is typed. */
async function askPassword(context: CommandContext): Promise<string> {
  const { stdin, stderr, signal } = context.io;
  if (!stdin.isTTY || !stderr.isTTY) throw new CommandFailure('usage', context.texts.usage.passwordNeeded, exitCodes.usage);
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: muted, terminal: true });
  try {
    stderr.write(context.texts.passwordPrompt);
    return await prompt.question('', { signal });
  } finally {
    prompt.close();
    stderr.write('\n');
  }
}

export async function login(context: CommandContext, options: { email: string; passwordStdin?: boolean }): Promise<number> {
  const password = options.passwordStdin ? await readPassword(context) : await askPassword(context);
  if (password === '') throw new CommandFailure('usage', context.texts.usage.wrongValue('--password-stdin'), exitCodes.usage);
  const { account, left } = await context.withEngine(async (engine) => {
    const before = await engine.call.getAccount();
    const now = await engine.call.signIn({ email: options.email, password });
    const { people } = await engine.call.getPeople();
    return { account: now, left: people.find(({ person, gateway }) => before.name !== 'signedOut' && person.id === before.person.id && gateway === before.gateway) };
  });
  if (account.name !== 'signedOut') {
    context.print(context.texts.signedIn(printable(account.person.name), account.gateway));
    if (left && left.person.id !== account.person.id && left.waiting > 0) context.print(context.texts.leftBehind(printable(left.person.name), left.waiting));
  }
  context.printJson('account', { account });
  return exitCodes.ok;
}

export async function logout(context: CommandContext): Promise<number> {
  const account = await context.withEngine((engine) => engine.call.signOut());
  context.print(context.texts.signedOut);
  context.printJson('account', { account });
  return exitCodes.ok;
}
