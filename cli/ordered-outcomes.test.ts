import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IngestOutcome } from '../shared/domain/ingest.ts';
import { OrderedOutcomes } from './ordered-outcomes.ts';

const outcome = (file: string): IngestOutcome => ({ file, outcome: 'rejected', code: 'empty' });
const files = (outcomes: IngestOutcome[]): string[] => outcomes.map(({ file }) => file);

test('a file waits for those given before it, and no longer', () => {
  const ordered = new OrderedOutcomes(['/a', '/b', '/c'].map((path) => ({ path, isFolder: false })));
  expect(files(ordered.add([outcome('/b')]))).toEqual([]);
  expect(files(ordered.add([outcome('/a')]))).toEqual(['/a', '/b']);
  expect(files(ordered.add([outcome('/c')]))).toEqual(['/c']);
});

test('a folder’s files come as they come, and what was given after it comes at the end', () => {
  const ordered = new OrderedOutcomes([{ path: '/f', isFolder: true }, { path: '/z', isFolder: false }]);
  expect(files(ordered.add([outcome('/z'), outcome('/f/2')]))).toEqual(['/f/2']);
  expect(files(ordered.add([outcome('/f/1'), outcome('/folder')]))).toEqual(['/f/1']);
  expect(files(ordered.finish(['/f/1', '/f/2', '/z'].map(outcome)))).toEqual(['/z']);
});

test('each is told once, whatever the order, and a file given twice twice', () => {
  fc.assert(fc.property(fc.shuffledSubarray(['/a', '/b', '/b', '/f/1', '/f/2', '/c'], { minLength: 6 }), fc.integer({ min: 0, max: 6 }), (arrived, missed) => {
    const ordered = new OrderedOutcomes(['/a', '/b', '/b', '/f', '/c'].map((path) => ({ path, isFolder: path === '/f' })));
    const told = arrived.slice(missed).flatMap((file) => ordered.add([outcome(file)]));
    told.push(...ordered.finish(['/a', '/b', '/b', '/f/1', '/f/2', '/c'].map(outcome)));
    expect(files(told).sort()).toEqual(['/a', '/b', '/b', '/c', '/f/1', '/f/2']);
  }));
});
