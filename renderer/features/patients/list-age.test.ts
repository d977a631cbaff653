import { expect, it } from 'vitest';
import { wordingFor } from '../../texts/texts-context.tsx';
import { listAge } from './list-age.ts';

const fetchedAt = new Date(2026, 10, 3, 9, 40).getTime();
const minute = 60_000;
const said = (language: 'es' | 'en', minutesLater: number, offline: boolean): string | undefined =>
  listAge(wordingFor(language), { fetchedAt, offline, now: fetchedAt + minutesLater * minute });

it('says nothing of a list that is fresh', () => {
  expect(said('en', 9, false)).toBeUndefined();
});

it('says of when it is once it is old, and at once without a network', () => {
  expect(said('en', 11, false)).toBe('List of 09:40');
  expect(said('es', 1, true)).toBe('Lista de las 09:40; sin conexión');
  expect(said('en', 1, true)).toBe('List of 09:40; offline');
});

it('names the day where it is another one', () => {
  expect(said('es', 24 * 60, true)).toMatch(/^Lista del 3 nov,? 0?9:40; sin conexión$/);
});

it('does not invent an age for a list that never came', () => {
  expect(listAge(wordingFor('en'), { fetchedAt: undefined, offline: true, now: fetchedAt })).toBe('List not updated; offline');
  expect(listAge(wordingFor('en'), { fetchedAt: undefined, offline: false, now: fetchedAt })).toBeUndefined();
});
