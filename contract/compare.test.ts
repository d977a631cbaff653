import { expect, it } from 'vitest';
import { compareRecords } from './compare.ts';
import type { ContractRecord, Exchange } from './recorder.ts';
import type { Shape } from './shape.ts';

const exchange = (body: Shape, status = 200, headers: Record<string, string> = {}): Exchange => ({ method: 'GET', route: '/auth/me', answer: { status, headers, body } });
const record = (exchanges: Exchange[], outcome: 'kept' | 'broken' | 'not-run' = 'kept'): ContractRecord => ({ schema_version: 1, contract: 'heartguard', checks: { me: { outcome, exchanges } } });
const differ = (one: Shape, other: Shape) => compareRecords(record([exchange(one)]), record([exchange(other)])).map(({ where, earlier, later }) => `${where}: ${earlier} → ${later}`);

it('lists what a later version answers otherwise', () => {
  expect(differ({ data: { id: 'text:uuid', gone: 'text' } }, { data: { id: 'integer', added: 'text' } })).toEqual([
    'GET /auth/me data.id: text:uuid → integer', 'GET /auth/me data.gone: text → –', 'GET /auth/me data.added: – → text',
  ]);
  expect(differ({ error: { code: '= forbidden' } }, { error: '= forbidden' })).toEqual(['GET /auth/me error.code: = forbidden → –', 'GET /auth/me error: – → = forbidden']);
  expect(compareRecords(record([exchange({}, 404, { location: '/health/' })]), record([exchange({}, 422)], 'broken'))).toEqual([
    { check: 'me', where: '', earlier: 'kept', later: 'broken' },
    { check: 'me', where: 'GET /auth/me (status)', earlier: '404', later: '422' },
    { check: 'me', where: 'GET /auth/me [location]', earlier: '/health/', later: '–' },
  ]);
});

it('is silent where only the people differ', () => {
  const full = { data: { list: [{ 'id': 'text', 'photo?': 'null | text:address', 'risk': { code: 'text' }, 'tags': ['text'] }] } };
  expect(differ(full, { data: { list: [] } })).toEqual([]);
  expect(differ(full, { data: { list: [{ id: 'text', photo: 'null', risk: 'null', tags: [] }] } })).toEqual([]);
  expect(differ({ data: 'null' }, { data: { id: 'text' } })).toEqual(['GET /auth/me data: null → –', 'GET /auth/me data.id: – → text']);
  expect(compareRecords(record([exchange('x'), exchange('y')]), record([exchange('x')]))).toEqual([]);
  expect(compareRecords(record([exchange('x')]), record([], 'not-run'))).toEqual([]);
});

it('lists checks that only one of the two knows', () => {
  expect(compareRecords(record([]), { ...record([]), checks: {} })).toEqual([{ check: 'me', where: '', earlier: 'kept', later: '–' }]);
});
