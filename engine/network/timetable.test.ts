import { afterEach, describe, expect, it } from 'vitest';
import type { LimitedHours } from '../../shared/domain/settings.ts';
import { limitAt, localMoment } from './timetable.ts';

const zone = process.env.TZ;
afterEach(() => { if (zone === undefined) delete process.env.TZ; else process.env.TZ = zone; });

const workdays = [1, 2, 3, 4, 5];
const consultation: LimitedHours = { days: workdays, from: '08:30', to: '17:00', kilobytesPerSecond: 100 };
const night: LimitedHours = { days: [5], from: '22:00', to: '06:00', kilobytesPerSecond: 50 };
const at = (day: number, time: string): { day: number; minute: number } => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return { day, minute: hours * 60 + minutes };
};
const limit = (timetable: LimitedHours[], day: number, time: string, bandwidthLimit = 0): number | undefined => limitAt({ bandwidthLimit, bandwidthTimetable: timetable }, at(day, time));

describe('the limit of a moment', () => {
  it('is the one of the hours that hold, from the first minute to before the last', () => {
    expect(limit([consultation], 1, '08:29')).toBeUndefined();
    expect(limit([consultation], 1, '08:30')).toBe(100_000);
    expect(limit([consultation], 5, '16:59')).toBe(100_000);
    expect(limit([consultation], 5, '17:00')).toBeUndefined();
    expect(limit([consultation], 6, '12:00')).toBeUndefined();
    expect(limit([consultation], 6, '12:00', 300)).toBe(300_000);
  });

  it('runs over midnight into a day that is not named', () => {
    expect(limit([night], 5, '21:59')).toBeUndefined();
    expect(limit([night], 5, '23:00')).toBe(50_000);
    expect(limit([night], 6, '05:59')).toBe(50_000);
    expect(limit([night], 6, '06:00')).toBeUndefined();
    expect(limit([night], 5, '03:00')).toBeUndefined();
    expect(limit([{ ...night, days: [7] }], 1, '01:00')).toBe(50_000);
  });

  it('is that of the first entry that holds, no limit among them', () => {
    const lunch: LimitedHours = { days: workdays, from: '14:00', to: '15:00' };
    expect(limit([lunch, consultation], 3, '14:30', 200)).toBeUndefined();
    expect(limit([consultation, lunch], 3, '14:30', 200)).toBe(100_000);
  });

  it('holds a whole day where it ends as it begins', () => {
    const always: LimitedHours = { days: [3], from: '12:00', to: '12:00', kilobytesPerSecond: 1 };
    expect([limit([always], 3, '11:59'), limit([always], 3, '12:00'), limit([always], 4, '11:59'), limit([always], 4, '12:00')]).toEqual([undefined, 1_000, 1_000, undefined]);
  });
});

describe('this computer’s clock', () => {
  it('counts days from Monday', () => {
    process.env.TZ = 'Europe/Madrid';
    expect(localMoment(Date.UTC(2026, 10, 22, 23, 30))).toEqual({ day: 1, minute: 30 });
    expect(localMoment(Date.UTC(2026, 10, 22, 12, 0))).toEqual({ day: 7, minute: 13 * 60 });
  });

  it('in spring an hour is left out, in autumn one comes twice', () => {
    process.env.TZ = 'Europe/Madrid';
    const everyMinute = (from: number, hours: number): number[] => Array.from({ length: hours * 60 }, (_, index) => localMoment(from + index * 60_000).minute);
    const lateNight: LimitedHours = { days: [7], from: '02:00', to: '03:00', kilobytesPerSecond: 5 };
    const limited = (from: number): number => Array.from({ length: 300 }, (_, index) => limitAt({ bandwidthLimit: 0, bandwidthTimetable: [lateNight] }, localMoment(from + index * 60_000))).filter(Boolean).length;
    const spring = Date.UTC(2026, 2, 28, 23, 0);
    const autumn = Date.UTC(2026, 9, 24, 22, 0);
    expect(everyMinute(spring, 5)).not.toContain(2 * 60 + 30);
    expect(limited(spring)).toBe(0);
    expect(everyMinute(autumn, 5).filter((minute) => minute === 2 * 60 + 30)).toHaveLength(2);
    expect(limited(autumn)).toBe(120);
  });
});
