import { ownKeysInputSchema, type OwnKeysInput, type OwnKeysTest } from '../../shared/domain/own-keys.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { ownKeysAdvice } from '../../shared/texts/own-keys.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { askHidden, isTerminal, readPiped } from '../ask.ts';
import { table } from '../table.ts';

export interface OwnKeysOptions { endpoint: string; region: string; bucket: string; keyId: string; pathStyle?: boolean; secretStdin?: boolean }

const optionOf: Record<string, string> = { endpoint: '--endpoint', region: '--region', bucket: '--bucket', accessKeyId: '--key-id', secretAccessKey: '--secret-stdin' };

export async function ownKeysShow(context: CommandContext): Promise<number> {
  const { ownKeys } = await context.withEngine((engine) => engine.call.getOwnKeys());
  const { texts } = context;
  if (!ownKeys) context.print(texts.ownKeys.none);
  else {
    const { labels, yes, no } = texts.ownKeys;
    context.print(table([
      [labels.endpoint, ownKeys.endpoint], [labels.region, ownKeys.region], [labels.bucket, ownKeys.bucket], [labels.accessKeyId, ownKeys.accessKeyId],
      [labels.pathStyle, ownKeys.pathStyle ? yes : no],
    ].map((row) => row.map(printable))));
  }
  context.printJson('ownKeys', { ownKeys: ownKeys ?? null });
  return exitCodes.ok;
}

export async function ownKeysTest(context: CommandContext): Promise<number> {
  const outcome = await context.withEngine(async (engine) => {
    const { ownKeys } = await engine.call.getOwnKeys();
    if (!ownKeys) throw new CommandFailure('not-found', context.texts.ownKeys.noneToTest);
    return engine.call.testOwnKeys(ownKeys);
  });
  printSteps(context, outcome);
  context.print(outcome.passed ? context.texts.ownKeys.passed : context.texts.ownKeys.notPassed);
  context.printJson('ownKeysTest', outcome);
  return outcome.passed ? exitCodes.ok : exitCodes.failed;
}

/** An answer that says no is an answer: the failure is in the steps, and nothing was kept. */
export async function ownKeysSet(context: CommandContext, options: OwnKeysOptions): Promise<number> {
  const given = parsed(context, options, await readSecret(context, options));
  const outcome = await context.withEngine((engine) => engine.call.saveOwnKeys(given)).catch((error: unknown) => {
    if (error instanceof CallError && error.detail === 'secret-missing') throw new CommandFailure('invalid-input', context.texts.ownKeys.secretMissing, exitCodes.usage);
    throw error;
  });
  printSteps(context, outcome);
  context.print(outcome.saved ? context.texts.ownKeys.saved : context.texts.ownKeys.notSaved);
  context.printJson('ownKeysTest', outcome);
  return outcome.saved ? exitCodes.ok : exitCodes.failed;
}

export async function ownKeysRemove(context: CommandContext): Promise<number> {
  await context.withEngine((engine) => engine.call.removeOwnKeys());
  context.print(context.texts.ownKeys.removed);
  context.printJson('ownKeys', { ownKeys: null });
  return exitCodes.ok;
}

/** @returns undefined where none was given: that of the key in use is meant */
async function readSecret(context: CommandContext, { secretStdin }: OwnKeysOptions): Promise<string | undefined> {
  if (secretStdin) return (await readPiped(context)).trim();
  return isTerminal(context) ? (await askHidden(context, context.texts.ownKeys.secretPrompt)).trim() || undefined : undefined;
}

function parsed(context: CommandContext, { endpoint, region, bucket, keyId, pathStyle }: OwnKeysOptions, secret: string | undefined): OwnKeysInput {
  const found = ownKeysInputSchema.safeParse({
    endpoint, region, bucket, accessKeyId: keyId, pathStyle: pathStyle ?? false, ...(secret === undefined ? {} : { secretAccessKey: secret }),
  });
  if (found.success) return found.data;
  const option = optionOf[String(found.error.issues[0]?.path[0])] ?? '--endpoint';
  throw new CommandFailure('usage', context.texts.usage.wrongValue(option), exitCodes.usage);
}

function printSteps(context: CommandContext, { steps }: OwnKeysTest): void {
  const { texts, language } = context;
  context.print(table(steps.map(({ step, outcome, failure }) => {
    const advice = failure && ownKeysAdvice(language, step, failure);
    const technical = failure && [failure.code, failure.httpStatus, failure.detail].filter((part) => part !== undefined).join(' ');
    return [texts.ownKeys.steps[step], texts.ownKeys.outcomes[outcome], ...(advice ? [printable(`${advice.what} ${advice.next} (${technical})`)] : [])];
  })));
}
