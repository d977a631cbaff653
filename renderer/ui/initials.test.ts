import { expect, it } from 'vitest';
import { initials } from './initials.ts';

it.each([
  ['María Delgado', 'MD'],
  ['  valeria   ortiz lópez ', 'VO'],
  ['Íñigo', 'Í'],
  ['(prueba) 7 Ana', 'A'],
  ['', ''],
])('stands for %j with %j', (name, letters) => {
  expect(initials(name)).toBe(letters);
});
