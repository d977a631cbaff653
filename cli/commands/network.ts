import type { NetworkState } from '../../shared/domain/network.ts';
import { formatSpeed } from '../../shared/texts/format.ts';
import { askHidden, isTerminal, readPiped } from '../ask.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { table } from '../table.ts';

interface NetworkOptions { proxyUser?: string; proxyPasswordStdin?: boolean; forgetProxySignIn?: boolean }

/** Shows how this computer reaches the server; keeps or forgets the sign-in for the proxy first, where that is asked for. */
export async function network(context: CommandContext, options: NetworkOptions): Promise<number> {
  const signIn = await readSignIn(context, options);
  const state = await context.withEngine(async (engine) => {
    if (signIn) await engine.call.setProxySignIn(signIn === 'forget' ? {} : { signIn });
    return engine.call.getNetwork();
  });
  context.print(described(context, state));
  context.printJson('network', { network: state });
  return exitCodes.ok;
}

async function readSignIn(context: CommandContext, { proxyUser, proxyPasswordStdin, forgetProxySignIn }: NetworkOptions): Promise<{ user: string; password: string } | 'forget' | undefined> {
  const { texts } = context;
  if (forgetProxySignIn && (proxyUser !== undefined || proxyPasswordStdin)) throw new CommandFailure('usage', texts.network.notBoth, exitCodes.usage);
  if (forgetProxySignIn) return 'forget';
  if (proxyUser === undefined) {
    if (proxyPasswordStdin) throw new CommandFailure('usage', texts.usage.missingOption('--proxy-user'), exitCodes.usage);
    return undefined;
  }
  if (proxyUser === '') throw new CommandFailure('usage', texts.usage.wrongValue('--proxy-user'), exitCodes.usage);
  if (!proxyPasswordStdin && !isTerminal(context)) throw new CommandFailure('usage', texts.network.passwordNeeded, exitCodes.usage);
  return { user: proxyUser, password: proxyPasswordStdin ? await readPiped(context) : await askHidden(context, texts.passwordPrompt) };
}

function described({ texts, language }: CommandContext, state: NetworkState): string {
  const words = texts.network;
  const way = state.proxy === undefined ? words.wayUnknown : state.proxy.name === 'direct' ? words.direct : words.proxy(printable(state.proxy.address));
  return [
    table([
      [words.way, way],
      [words.signIn, state.proxySignIn ? words.signInKept : words.signInNone],
      [words.metered, words.meteredIs[state.metered]],
      [words.limit, state.limitBytesPerSecond === undefined ? words.limitNone : formatSpeed(language, state.limitBytesPerSecond)],
    ]),
    ...(state.proxyAsks ? [state.proxySignIn ? words.proxyRefuses : words.proxyAsks] : []),
    ...(state.hold ? [words.hold[state.hold]] : []),
  ].join('\n');
}
