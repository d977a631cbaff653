import { expect, it } from 'vitest';
import type { PresentPhoto } from '../../../shared/domain/account.ts';
import type { Intake } from './intake.ts';
import { lastFile, questionFor } from './replacing.ts';

const none: PresentPhoto = { name: 'none' };
const present: PresentPhoto = { name: 'present', contentType: 'image/jpeg', bytes: new Uint8Array(3) };
const unknown: PresentPhoto = { name: 'unknown' };

function intakeOf(...paths: string[]): Intake {
  return { paths, loose: [], files: new Map(paths.map((path) => [path, new File([], path)])), hasFolder: false, skipped: 0 };
}

it('asks nothing where nothing is replaced', () => {
  expect(questionFor(none, intakeOf('/card/1.jpg'), 0)).toBeUndefined();
});

it('asks before a photo is replaced, and where it cannot be known', () => {
  expect(questionFor(present, intakeOf('/card/1.jpg'), 0)).toEqual({ about: 'present', several: undefined });
  expect(questionFor(present, intakeOf('/card/1.jpg'), 1)).toEqual({ about: 'present', several: undefined });
  expect(questionFor(unknown, intakeOf('/card/1.jpg'), 0)).toEqual({ about: 'unknown', several: undefined });
});

it('says that of several only the last will remain, a photo that is still on its way included', () => {
  expect(questionFor(none, intakeOf('/card/1.jpg', '/card/2.jpg'), 0)).toEqual({ about: 'none', several: 'files' });
  expect(questionFor(none, { ...intakeOf('/card'), hasFolder: true }, 0)).toEqual({ about: 'none', several: 'folder' });
  expect(questionFor(none, intakeOf('/card/1.jpg'), 1)).toEqual({ about: 'none', several: 'before' });
  expect(questionFor(present, intakeOf('/card/1.jpg', '/card/2.jpg'), 0)).toEqual({ about: 'present', several: 'files' });
});

it('shows the one that will remain', () => {
  expect(lastFile(intakeOf('/card/1.jpg', '/card/2.jpg'))?.name).toBe('/card/2.jpg');
  const pasted = new File([], 'pasted.png');
  expect(lastFile({ ...intakeOf(), loose: [pasted] })).toBe(pasted);
  expect(lastFile({ ...intakeOf('/card'), files: new Map(), hasFolder: true })).toBeUndefined();
});
