/** @file The timetable of speed limits in plain words, and what is typed for it: pure. */
import { type LimitedHours, settingsChangesSchema } from '../../../shared/domain/settings.ts';
import type { Texts } from '../../texts/catalogue.ts';
import type { Wording } from '../../texts/texts-context.tsx';
import { limitText, toLimit } from './limits.ts';

/** An entry as it is being typed. */
export interface Draft {
  days: readonly number[];
  from: string;
  to: string;
  limit: string;
}

export type Wrong = Partial<Record<'days' | 'from' | 'to' | 'limit', string>>;

/** What most clinics want. */
export const newDraft: Draft = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', limit: '500' };

export function draftOf({ days, from, to, kilobytesPerSecond }: LimitedHours): Draft {
  return { days, from, to, limit: kilobytesPerSecond === undefined ? '' : String(kilobytesPerSecond) };
}

/** `8`, `8:30`, `0830` and `8.30` as `08:30`; nothing where it is no time of day. */
export function toTime(typed: string): string | undefined {
  const parts = /^(\d{1,2})(?:\s*[:.h]\s*(\d{2})|(\d{2}))?$/i.exec(typed.trim());
  if (!parts) return undefined;
  const [hours, minutes] = [Number(parts[1]), Number(parts[2] ?? parts[3] ?? 0)];
  return hours < 24 && minutes < 60 ? `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}` : undefined;
}

export function checkDraft(draft: Draft, t: Texts['speed']): { entry: LimitedHours } | { wrong: Wrong } {
  const [from, to, limit] = [toTime(draft.from), toTime(draft.to), toLimit(draft.limit)];
  const wrong: Wrong = {
    ...(draft.days.length === 0 ? { days: t.noDays } : {}),
    ...(from === undefined ? { from: t.badTime } : {}),
    ...(to === undefined ? { to: t.badTime } : from === to ? { to: t.sameTime } : {}),
    ...(limit === undefined ? { limit: t.badLimit } : {}),
  };
  if (from === undefined || to === undefined || limit === undefined || Object.keys(wrong).length > 0) return { wrong };
  const days = [...new Set(draft.days)].sort((a, b) => a - b);
  return { entry: { days, from, to, ...(limit === 'none' ? {} : { kilobytesPerSecond: limit }) } };
}

/** `Mon–Fri 08:00–18:00: 500 kB/s` */
export function entryText(wording: Wording, { days, from, to, kilobytesPerSecond }: LimitedHours): string {
  const { speed } = wording.t;
  const hours = to < from ? `${from}–${to} ${speed.nextDay}` : `${from}–${to}`;
  const limit = kilobytesPerSecond === undefined ? speed.noneInLine : limitText(wording, kilobytesPerSecond);
  const line = `${daysText(speed, days)} ${hours}: ${limit}`;
  return line.charAt(0).toLocaleUpperCase(wording.language) + line.slice(1);
}

/** Three or more days in a row are told by the first and the last. */
export function daysText(t: Texts['speed'], days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  if (sorted.length === 7) return t.everyDay;
  const runs: number[][] = [];
  for (const day of sorted) {
    const run = runs.at(-1);
    if (run && run.at(-1) === day - 1) run.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined): string => t.days[(day ?? 1) - 1] ?? '';
  return runs.map((run) => (run.length > 2 ? `${name(run[0])}–${name(run.at(-1))}` : run.map(name).join(', '))).join(', ');
}

/** At most as many as the settings take. */
export function canAdd(entries: readonly LimitedHours[]): boolean {
  return settingsChangesSchema.safeParse({ bandwidthTimetable: [...entries, { days: [1], from: '00:00', to: '01:00' }] }).success;
}
