import type { Language } from './language.ts';

const kilo = 1024;
const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Making an Intl object costs more than using it a thousand times, and rows are formatted by the hundred. */
const cache = new Map<string, unknown>();
function cached<T>(key: string, make: () => T): T {
  let made = cache.get(key) as T | undefined;
  if (made === undefined) { made = make(); cache.set(key, made); }
  return made;
}

function unit(language: Language, value: number, name: string, digits: number): string {
  return cached(`${language} ${name} ${digits}`, () => new Intl.NumberFormat(language, {
    style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits,
  })).format(value);
}

/** Whole numbers, with the reader's separators. */
export function formatCount(language: Language, value: number): string {
  return cached(`${language} count`, () => new Intl.NumberFormat(language, { maximumFractionDigits: 0 })).format(value);
}

/** With one decimal where it has one. */
export function formatDecimal(language: Language, value: number): string {
  return cached(`${language} decimal`, () => new Intl.NumberFormat(language, { maximumFractionDigits: 1 })).format(value);
}

/** @param ratio from 0 to 1: how much of all went wrong, so a little is not rounded away. */
export function formatRate(language: Language, ratio: number): string {
  return cached(`${language} rate`, () => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })).format(ratio);
}

/** @param ratio from 0 to 1. Rounds down, so that 100 % is said only of what is whole. */
export function formatPercent(language: Language, ratio: number): string {
  return cached(`${language} percent`, () => new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }))
    .format(Math.floor(Math.min(1, Math.max(0, ratio)) * 100) / 100);
}

/** A size in steps of 1024, as Windows shows them and as servers state their limits: `3.4 MB`, `3,4 MB`. */
export function formatBytes(language: Language, bytes: number): string {
  let value = Math.max(0, bytes);
  let step = 0;
  // From 1023.95 on, rounding would show "1,024 kB".
  while (value >= (step === 0 ? kilo : kilo - 0.05) && step < byteUnits.length - 1) { value /= kilo; step += 1; }
  const digits = step === 0 || value >= 100 ? 0 : 1;
  return unit(language, value, byteUnits[step]!, digits);
}

export function formatSpeed(language: Language, bytesPerSecond: number): string {
  return `${formatBytes(language, bytesPerSecond)}/s`;
}

/** The two largest parts that count: `350 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`. */
export function formatDuration(language: Language, ms: number): string {
  const length = Math.max(0, ms);
  if (length < second) return unit(language, Math.round(length), 'millisecond', 0);
  if (length < 10 * second) return unit(language, length / second, 'second', 1);
  if (length < minute) return unit(language, Math.min(59, Math.round(length / second)), 'second', 0);
  const [large, largeMs, small, smallMs] = length < hour ? ['minute', minute, 'second', second] as const
    : length < day ? ['hour', hour, 'minute', minute] as const
      : ['day', day, 'hour', hour] as const;
  const rounded = Math.floor(length / smallMs) * smallMs;
  const rest = Math.floor((rounded % largeMs) / smallMs);
  const first = unit(language, Math.floor(rounded / largeMs), large, 0);
  return rest === 0 ? first : `${first} ${unit(language, rest, small, 0)}`;
}

/** `5 minutes ago`, `hace 5 minutos`, `yesterday`, `in 10 seconds`. Both are milliseconds since the epoch. */
export function formatRelativeTime(language: Language, at: number, now: number): string {
  const difference = at - now;
  const size = Math.abs(difference);
  const [name, length] = size < minute ? ['second', second] as const
    : size < hour ? ['minute', minute] as const
      : size < day ? ['hour', hour] as const
        : ['day', day] as const;
  return cached(`${language} relative`, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }))
    .format(Math.trunc(difference / length), name);
}

/** `14:05`, or with the date where it is another day. */
export function formatClockTime(language: Language, at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return cached(`${language} clock ${sameDay}`, () => new Intl.DateTimeFormat(language, {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    ...(sameDay ? {} : { day: 'numeric', month: 'short' }),
  })).format(at);
}
