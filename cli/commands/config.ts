import { settingNames, settingsChangesSchema, type SettingName, type Settings } from '../../shared/domain/settings.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { table } from '../table.ts';

function checkedKey(context: CommandContext, key: string): SettingName {
  const found = settingNames.find((known) => known === key);
  if (!found) throw new CommandFailure('usage', context.texts.usage.wrongValue(`KEY (${settingNames.join(', ')})`), exitCodes.usage);
  return found;
}

/** Lists and hours are written as JSON, which is also how they are entered. */
function shown(value: Settings[SettingName]): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
}

/** What is no text is read as JSON: a number, true or false, a list. */
function parse(key: SettingName, value: string): ReturnType<typeof settingsChangesSchema.safeParse> {
  const asText = settingsChangesSchema.safeParse({ [key]: value });
  if (asText.success) return asText;
  try {
    return settingsChangesSchema.safeParse({ [key]: JSON.parse(value) as unknown });
  } catch {
    return asText;
  }
}

export async function configGet(context: CommandContext, key: string | undefined): Promise<number> {
  const checked = key === undefined ? undefined : checkedKey(context, key);
  const settings = await context.withEngine((engine) => engine.call.getSettings());
  if (checked === undefined) {
    context.print(table(settingNames.map((name) => [name, shown(settings[name]) || context.texts.notSet])));
    context.printJson('settings', { settings });
  } else {
    context.print(shown(settings[checked]));
    context.printJson('setting', { key: checked, value: settings[checked] ?? null });
  }
  return exitCodes.ok;
}

export async function configSet(context: CommandContext, key: string, value: string): Promise<number> {
  const checked = checkedKey(context, key);
  const parsed = parse(checked, value);
  if (!parsed.success) throw new CommandFailure('usage', context.texts.usage.wrongValue(checked), exitCodes.usage);
  // Only the key that was named: parsing fills the others with what holds by default.
  const changed = await context.withEngine((engine) => engine.call.changeSettings({ [checked]: parsed.data[checked] }));
  context.print(context.texts.setTo(checked, shown(changed[checked])));
  context.printJson('settings', { settings: changed });
  return exitCodes.ok;
}
