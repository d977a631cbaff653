import { z } from 'zod';
import { settingNames, settingsChangesSchema, type SettingName, type Settings } from '../../shared/domain/settings.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../failure.ts';
import { wrongUsage } from '../option-values.ts';
import { table } from '../table.ts';

function checkedKey(context: CommandContext, key: string): SettingName {
  const found = settingNames.find((known) => known === key);
  if (!found) throw wrongUsage(`${context.texts.usage.wrongValue('KEY')} ${context.texts.usage.oneOf(settingNames)}`);
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

/** As the schema has it; of lists and hours, which are JSON, the help of the settings tells more than a line could. */
function allowed({ texts: { usage } }: CommandContext, key: SettingName): string {
  const schema = settingsChangesSchema.shape[key].unwrap();
  if (schema instanceof z.ZodEnum) return usage.oneOf(schema.options.map(String));
  if (schema instanceof z.ZodBoolean) return usage.oneOf(['true', 'false']);
  if (schema instanceof z.ZodNumber) return usage.numberAllowed(schema.minValue ?? 0, schema.maxValue ?? 0);
  if (key === 'proxy') return usage.oneOf(['system', 'none', 'http://…', 'https://…']);
  return schema instanceof z.ZodURL ? usage.addressAllowed : '';
}

export async function configGet(context: CommandContext, key: string | undefined): Promise<number> {
  const checked = key === undefined ? undefined : checkedKey(context, key);
  const { settings, fixed } = await context.withEngine(async (engine) => ({ settings: await engine.call.getSettings(), fixed: (await engine.call.getFixedSettings()).names }));
  if (checked === undefined) {
    context.print(table(settingNames.map((name) => [name, shown(settings[name]) || context.texts.notSet, fixed.includes(name) ? context.texts.fixedByAdministrator : ''])));
    context.printJson('settings', { settings, fixed });
  } else {
    context.print(shown(settings[checked]));
    context.printJson('setting', { key: checked, value: settings[checked] ?? null, fixed: fixed.includes(checked) });
  }
  return exitCodes.ok;
}

export async function configSet(context: CommandContext, key: string, value: string): Promise<number> {
  const checked = checkedKey(context, key);
  const parsed = parse(checked, value);
  if (!parsed.success) throw wrongUsage(`${context.texts.usage.wrongValue(checked)} ${allowed(context, checked)}`.trim());
  // Only the key that was named: parsing fills the others with what holds by default.
  return change(context, checked, { [checked]: parsed.data[checked] });
}

/** Back to what holds without a choice of ours: an administrator's default, or Relevo's own. */
export async function configUnset(context: CommandContext, key: string): Promise<number> {
  const checked = checkedKey(context, key);
  return change(context, checked, { [checked]: undefined });
}

async function change(context: CommandContext, key: SettingName, changes: Partial<Settings>): Promise<number> {
  const changed = await context.withEngine((engine) => engine.call.changeSettings(changes));
  context.print(context.texts.setTo(key, shown(changed[key]) || context.texts.notSet));
  context.printJson('settings', { settings: changed });
  return exitCodes.ok;
}
