import { expect, it } from 'vitest';
import { countOf, fromFiles, fromFolder } from './intake.ts';

const onDisk = (file: File): string => `/card/${file.name}`;
const nowhere = (): string => '';

it('gives the engine paths, and bytes only where there is no path', () => {
  const chosen = fromFiles([new File(['x'], 'a.jpg'), new File(['x'], 'not a photo.txt')], onDisk);
  expect(chosen.paths).toEqual(['/card/a.jpg', '/card/not a photo.txt']);
  expect(chosen.files.get('/card/a.jpg')?.name).toBe('a.jpg');
  const pasted = fromFiles([new File(['x'], 'image.png')], nowhere);
  expect(pasted).toMatchObject({ paths: [], loose: [{ name: 'image.png' }] });
  expect(countOf(pasted)).toBe(1);
});

it('leaves out what a card holds beside its photos, and says how much', () => {
  const names = ['IMG_1.JPG', 'IMG_2.jpeg', 'b.heic', 'c.WebP', 'AUTPRINT.MRK', '._IMG_1.JPG', 'Thumbs.db'];
  const folder = fromFolder(names.map((name) => new File(['x'], name)), onDisk);
  expect(folder.paths).toEqual(['/card/IMG_1.JPG', '/card/IMG_2.jpeg', '/card/b.heic', '/card/c.WebP']);
  expect(folder.skipped).toBe(3);
});
