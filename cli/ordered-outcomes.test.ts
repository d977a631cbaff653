import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IngestOutcome } from '../shared/domain/ingest.ts';
import { OrderedOutcomes, type GivenOutcome } from './ordered-outcomes.ts';

const outcome = (file: string): IngestOutcome => ({ file, outcome: 'rejected', code: 'empty' });
const files = (outcomes: GivenOutcome[]): string[] => outcomes.map(({ outcome: { file } }) => file);

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
    expect(told.map(({ outcome: { file }, given }) => `${given} ${file}`).sort()).toEqual(['0 /a', '1 /b', '2 /b', '3 /f/1', '3 /f/2', '4 /c']);
  }));
});

test('what is given again is told for each argument that gave it, and once', () => {
  const id = '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77';
  const queued = (file: string): IngestOutcome => ({ file, outcome: 'queued', id, sizeBytes: 1 });
  const duplicate = (file: string): IngestOutcome => ({ file, outcome: 'duplicate', id });
  fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), fc.integer({ min: 0, max: 6 }), (order, missed) => {
    // The folder, a file in it, and the folder again.
    const ordered = new OrderedOutcomes([{ path: '/f', isFolder: true }, { path: '/f/1', isFolder: false }, { path: '/f', isFolder: true }, { path: '/f/2', isFolder: false }]);
    const all = [queued('/f/1'), duplicate('/f/2'), duplicate('/f/1'), duplicate('/f/1'), queued('/f/2'), duplicate('/f/2')];
    const told = order.slice(missed).flatMap((place) => ordered.add([all[place]!]));
    told.push(...ordered.finish(all));
    expect(told.map(({ outcome: { file }, given }) => `${given} ${file}`).sort()).toEqual(['0 /f/1', '0 /f/2', '1 /f/1', '2 /f/1', '2 /f/2', '3 /f/2']);
    const kinds = (outcomes: IngestOutcome[]): string[] => outcomes.map(({ file, outcome: kind }) => `${file} ${kind}`).sort();
    expect(kinds(told.map(({ outcome: one }) => one))).toEqual(kinds(all));
  }));
});
