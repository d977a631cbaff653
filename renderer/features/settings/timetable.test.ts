import { describe, expect, it } from 'vitest';
import type { LimitedHours } from '../../../shared/domain/settings.ts';
import { wordingFor } from '../../texts/texts-context.tsx';
import { limitText, megabitsText, toLimit } from './limits.ts';
import { canAdd, checkDraft, daysText, draftOf, entryText, newDraft, toTime } from './timetable.ts';

const english = wordingFor('en');
const spanish = wordingFor('es');
const office: LimitedHours = { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', kilobytesPerSecond: 500 };

describe('an entry in words', () => {
  it('tells days, hours and limit in a line', () => {
    expect(entryText(english, office)).toBe('Mon–Fri 08:00–18:00: 500\u00a0kB/s');
    expect(entryText(spanish, office)).toBe('Lun–vie 08:00–18:00: 500\u00a0kB/s');
    expect(entryText(english, { ...office, kilobytesPerSecond: undefined })).toBe('Mon–Fri 08:00–18:00: no limit');
    expect(entryText(spanish, { ...office, kilobytesPerSecond: 12_500 })).toBe('Lun–vie 08:00–18:00: 12.500\u00a0kB/s');
  });

  it('says when it runs over midnight', () => {
    expect(entryText(english, { days: [5], from: '22:00', to: '06:00', kilobytesPerSecond: 100 })).toBe('Fri 22:00–06:00 of the next day: 100\u00a0kB/s');
    expect(entryText(spanish, { days: [5], from: '22:00', to: '06:00' })).toBe('Vie 22:00–06:00 del día siguiente: sin límite');
  });

  it.each([
    [[1, 2, 3, 4, 5, 6, 7], 'Every day'],
    [[6, 7], 'Sat, Sun'],
    [[7, 1], 'Mon, Sun'],
    [[1, 2, 3, 5], 'Mon–Wed, Fri'],
    [[3, 3, 2, 4], 'Tue–Thu'],
    [[1, 3, 5], 'Mon, Wed, Fri'],
  ])('names days %j as %s', (days, text) => {
    expect(daysText(english.t.speed, days)).toBe(text);
  });
});

describe('what is typed', () => {
  it.each([
    ['8', '08:00'], ['08:00', '08:00'], ['8:30', '08:30'], ['0830', '08:30'], ['830', '08:30'], ['8.30', '08:30'], [' 23:59 ', '23:59'], ['8h15', '08:15'], ['0', '00:00'],
    ['24:00', undefined], ['12:60', undefined], ['8:3', undefined], ['', undefined], ['noon', undefined], ['-1', undefined],
  ])('takes %j as the time %s', (typed, time) => {
    expect(toTime(typed)).toBe(time);
  });

  it.each([
    ['500', 500], ['1.000', 1000], ['1,000', 1000], ['12 500', 12_500], ['', 'none'], ['  ', 'none'],
    ['0', undefined], ['1000001', undefined], ['-5', undefined], ['fast', undefined], ['1e3', undefined], ['.', undefined],
  ])('takes %j as the limit %s', (typed, limit) => {
    expect(toLimit(typed)).toBe(limit);
  });

  it('becomes an entry that the settings take', () => {
    expect(checkDraft({ days: [5, 1, 1], from: '8', to: '14.30', limit: '1.000' }, english.t.speed)).toEqual({ entry: { days: [1, 5], from: '08:00', to: '14:30', kilobytesPerSecond: 1000 } });
    expect(checkDraft({ ...newDraft, limit: '' }, english.t.speed)).toEqual({ entry: { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00' } });
    expect(checkDraft(draftOf(office), english.t.speed)).toEqual({ entry: office });
  });

  it('is refused field by field, each with what to mend', () => {
    const { speed } = english.t;
    expect(checkDraft({ days: [], from: 'x', to: '', limit: 'x' }, speed)).toEqual({ wrong: { days: speed.noDays, from: speed.badTime, to: speed.badTime, limit: speed.badLimit } });
    expect(checkDraft({ ...newDraft, to: '8' }, speed)).toEqual({ wrong: { to: speed.sameTime } });
  });
});

it('says a limit as networks are sold', () => {
  expect(limitText(english, 1250)).toBe('1,250\u00a0kB/s');
  expect(megabitsText(english, 1250)).toBe('10');
  expect(megabitsText(spanish, 190)).toBe('1,5');
});

it('ends where the settings end', () => {
  expect(canAdd(Array<LimitedHours>(19).fill(office))).toBe(true);
  expect(canAdd(Array<LimitedHours>(20).fill(office))).toBe(false);
});
