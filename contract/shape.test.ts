import { expect, it } from 'vitest';
import { lastlyWithheld, shapeOf } from './shape.ts';
import { Withheld } from './withheld.ts';

const shape = (value: unknown, withheld = new Withheld()) => shapeOf(value, withheld);

it('keeps keys, kinds and the contract’s own words, and no value of anybody', () => {
  expect(shape({
    status: 'success', error: null, trace_id: 'b1f6a3c2-0000-4000-a000-000000000000', message: 'Foto de María guardada',
    data: { service: 'media-service', role_code: 'nurse', code: 'CSM', count: 3, ratio: 0.5, debug: true, at: '2026-11-22T10:00:00Z', url: 'https://x.example/a?sig=1', etag: 'd41d8cd98f00b204e9800998ecf8427e', mail: 'a@b.example', token: 'eyJhbGciOi.e30.c2ln', name: 'María' },
  })).toEqual({
    status: '= success', error: 'null', trace_id: 'text:uuid', message: 'text',
    data: { service: '= media-service', role_code: 'text', code: 'text', count: 'integer', ratio: 'number', debug: 'boolean', at: 'text:moment', url: 'text:address', etag: 'text:md5', mail: 'text:e-mail', token: 'text:token', name: 'text' },
  });
  expect(shape({ error: { code: 'empty_file' }, message: 'Error al validar token' })).toEqual({ error: { code: '= empty_file' }, message: '= Error al validar token' });
});

it('has one item stand for a list, with what not every item has', () => {
  expect(shape({ list: [{ id: 1, photo: null }, { id: 'x', photo: 'https://x.example' }, { id: 2, photo: null, note: 'y' }], none: [], lists: [[1], []] })).toEqual({
    list: [{ 'id': 'integer | text', 'photo': 'null | text:address', 'note?': 'text' }], none: [], lists: [['integer']],
  });
});

it('is written with its keys in order, whatever order they came in', () => {
  expect(JSON.stringify(shape({ b: 1, a: { d: 1, c: 1 } }))).toBe(JSON.stringify(shape({ a: { c: 1, d: 1 }, b: 1 })));
});

it('withholds names that stand where a code or a key should, also where they are known for names only later', () => {
  const withheld = new Withheld();
  withheld.learn('ana.ruiz@clinica.example');
  expect(shapeOf({ 'error': 'ana_ruiz', 'de ruiz': 1, 'Ana': 1 }, withheld)).toEqual({ 'error': '= {withheld}', '{withheld}': 'integer' });
  const early = shapeOf({ error: { code: 'maria_delgado' }, delgado: [{ maria: 1 }, {}] }, withheld);
  const said = withheld.word('delgado');
  withheld.learnFrom({ patients: [{ name: 'María Delgado' }] });
  expect(lastlyWithheld(early, withheld)).toEqual({ 'error': { code: '= {withheld}' }, '{withheld}': [{ '{withheld}?': 'integer' }] });
  expect(withheld.sentence(`403 ${said}, data.photo`)).toBe('403 {withheld}, data.photo');
});

it('withholds nothing of the contract, whatever people are called', () => {
  const withheld = new Withheld();
  withheld.learnFrom({ name: 'Photo Status', email: 'user@media.example' });
  const value = { status: 'success', data: { photo: { entity_type: 'patients' } }, account_type: 'user' };
  expect(shapeOf(value, withheld)).toEqual({ status: '= success', data: { photo: { entity_type: '= patients' } }, account_type: '= user' });
});
