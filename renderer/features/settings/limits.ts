/** @file Speed limits as people write them: thousands of bytes a second. */
import { settingsChangesSchema } from '../../../shared/domain/settings.ts';
import type { Wording } from '../../texts/texts-context.tsx';

/** What is typed for a limit: `none` where the field is empty, nothing where it is no limit. Separators of thousands are those of either language. */
export function toLimit(typed: string): number | 'none' | undefined {
  const digits = typed.replace(/[\s.,]/g, '');
  if (digits === '') return typed.trim() === '' ? 'none' : undefined;
  if (!/^\d+$/.test(digits)) return undefined;
  const limit = Number(digits);
  return settingsChangesSchema.safeParse({ meteredLimit: limit }).success ? limit : undefined;
}

export function limitText({ t, count }: Wording, kilobytesPerSecond: number): string {
  return `${count(kilobytesPerSecond).text}\u00a0${t.speed.unit}`;
}

/** As contracts with network providers state it. */
export function megabitsText({ decimal }: Wording, kilobytesPerSecond: number): string {
  return decimal((kilobytesPerSecond * 8) / 1000);
}
