import { describe, expect, it } from 'vitest';
import { catalogues } from './catalogue.ts';
import { es } from './es.ts';
import { wordingFor } from './texts-context.tsx';

/** Stands for a count, a name, an event: whatever a text may mention. */
const fact = { value: 2, text: '2', at: 0, kind: 'part-stored', part: 2, toString: () => '2' };

/** Every text with where it stands, functions called with something plausible. */
function sentences(part: unknown, path = ''): [string, string][] {
  if (typeof part === 'string') return [[path, part]];
  if (typeof part === 'function') return [[path, String(part(fact, fact))]];
  return Object.entries(part as object).flatMap(([key, value]) => sentences(value, `${path}.${key}`));
}

describe.each(['es', 'en'] as const)('the texts in %s', (language) => {
  it('are all there, and none has a hole in it', () => {
    for (const [path, text] of sentences(catalogues[language])) {
      expect(text, path).not.toBe('');
      expect(text, path).not.toMatch(/undefined|NaN|\[object/);
    }
  });
});

it('say the same things in both languages', () => {
  expect(sentences(catalogues.en).map(([path]) => path)).toEqual(sentences(es).map(([path]) => path));
});

it('speak of one photo and of several', () => {
  const { t, count } = wordingFor('es');
  expect(t.add.safeText(count(1))).toBe('La foto está a salvo en este equipo y se envía sola.');
  expect(t.add.safeText(count(12_345))).toMatch(/^Las 12[.\s]345 fotos están a salvo/);
  expect(t.shell.toQueue(count(1))).toBe('1 foto por enviar. Ver la cola');
});
