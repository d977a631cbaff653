import { settingsChangesSchema, settingsSchema, type Settings } from '../../shared/domain/settings.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { table } from '../table.ts';

const keys = Object.keys(settingsSchema.shape) as (keyof Settings)[];

function checkedKey(context: CommandContext, key: string): keyof Settings {
  const found = keys.find((known) => known === key);
  if (!found) throw new CommandFailure('usage', context.texts.usage.wrongValue(`KEY (${keys.join(', ')})`), exitCodes.usage);
  return found;
}

export async function configGet(context: CommandContext, key: string | undefined): Promise<number> {
  const checked = key === undefined ? undefined : checkedKey(context, key);
  const settings = await context.withEngine((engine) => engine.call.getSettings());
  if (checked === undefined) {
    context.print(table(keys.map((name) => [name, String(settings[name] ?? context.texts.notSet)])));
    context.printJson('settings', { settings });
  } else {
    context.print(String(settings[checked] ?? ''));
    context.printJson('setting', { key: checked, value: settings[checked] ?? null });
  }
  return exitCodes.ok;
}

export async function configSet(context: CommandContext, key: string, value: string): Promise<number> {
  const checked = checkedKey(context, key);
  const parsed = settingsChangesSchema.safeParse({ [checked]: checked === 'concurrency' ? Number(value) : value });
  if (!parsed.success) throw new CommandFailure('usage', context.texts.usage.wrongValue(checked), exitCodes.usage);
  // Only the key that was named: parsing fills the others with what holds by default.
  const changed = await context.withEngine((engine) => engine.call.changeSettings({ [checked]: parsed.data[checked] }));
  context.print(context.texts.setTo(checked, String(changed[checked])));
  context.printJson('settings', { settings: changed });
  return exitCodes.ok;
}
