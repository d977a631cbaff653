import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { askHidden, isTerminal, readPiped } from '../ask.ts';

async function askPassword(context: CommandContext): Promise<string> {
  if (!isTerminal(context)) throw new CommandFailure('usage', context.texts.usage.passwordNeeded, exitCodes.usage);
  return askHidden(context, context.texts.passwordPrompt);
}

export async function login(context: CommandContext, options: { email: string; passwordStdin?: boolean }): Promise<number> {
  const password = options.passwordStdin ? await readPiped(context) : await askPassword(context);
  if (password === '') throw new CommandFailure('usage', context.texts.usage.wrongValue('--password-stdin'), exitCodes.usage);
  const { account, left } = await context.withEngine(async (engine) => {
    const before = await engine.call.getAccount();
    const now = await engine.call.signIn({ email: options.email, password });
    // Photos can be added without a network from now on. That the list cannot be had is no reason not to be signed in.
    if (now.name === 'signedIn') await engine.call.searchPatients({ limit: 1, refresh: true }).catch(() => undefined);
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
