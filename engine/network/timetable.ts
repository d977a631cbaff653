import type { LimitedHours, Settings } from '../../shared/domain/settings.ts';

/** A moment by this computer's clock. */
export interface LocalMoment {
  /** 1 is Monday, 7 Sunday. */
  day: number;
  /** Since midnight, as the clock on the wall says: an hour that is left out in spring has no minutes, one that comes twice in autumn has them twice. */
  minute: number;
}

/** @param at ms since the epoch */
export function localMoment(at: number): LocalMoment {
  const date = new Date(at);
  return { day: date.getDay() === 0 ? 7 : date.getDay(), minute: date.getHours() * 60 + date.getMinutes() };
}

/** The limit that the settings set for a moment, in bytes a second; undefined: none. The first entry that holds decides. Pure. */
export function limitAt(settings: Pick<Settings, 'bandwidthLimit' | 'bandwidthTimetable'>, moment: LocalMoment): number | undefined {
  const entry = settings.bandwidthTimetable.find((hours) => holds(hours, moment));
  const kilobytes = entry ? entry.kilobytesPerSecond : settings.bandwidthLimit;
  return kilobytes ? kilobytes * 1_000 : undefined;
}

/** Hours that end where they begin are a whole day. */
function holds({ days, from, to }: LimitedHours, { day, minute }: LocalMoment): boolean {
  const begin = minuteOf(from);
  const end = minuteOf(to);
  if (begin < end) return days.includes(day) && minute >= begin && minute < end;
  const dayBefore = day === 1 ? 7 : day - 1;
  return (days.includes(day) && minute >= begin) || (days.includes(dayBefore) && minute < end);
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
