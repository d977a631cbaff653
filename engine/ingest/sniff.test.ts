import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makePhoto } from '../../test-support/photos.ts';
import { sniff } from './sniff.ts';

const ftyp = (brand: string, ...compatible: string[]): Buffer => {
  const body = Buffer.from(`ftyp${brand}\0\0\0\0${compatible.join('')}`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body, Buffer.alloc(64)]);
};

test.each(['jpeg', 'png', 'webp'] as const)('a real %s is recognised by its bytes', async (format) => {
  expect(sniff(await makePhoto({ seed: 1, format, width: 64, height: 48 }))).toEqual({ name: 'photo', contentType: `image/${format}` });
});

test('HEIC is recognised by its main brand and by its compatible ones', () => {
  expect(sniff(ftyp('heic'))).toEqual({ name: 'photo', contentType: 'image/heic' });
  expect(sniff(ftyp('mif1', 'mif1', 'heic'))).toEqual({ name: 'photo', contentType: 'image/heic' });
});

test('what sits in the same kind of box and is no HEIC is not taken for one', () => {
  expect(sniff(ftyp('isom', 'isom', 'mp42'))).toEqual({ name: 'not-an-image' });
  expect(sniff(ftyp('avif', 'mif1'))).toEqual({ name: 'other-image', kind: 'AVIF' });
  // The version field is no brand, and what lies behind the box belongs to the next one.
  expect(sniff(Buffer.concat([Buffer.from('\0\0\0\x10ftypisomheic', 'latin1'), Buffer.from('heic')]))).toEqual({ name: 'not-an-image' });
});

test.each([
  ['GIF89a...', 'GIF'], ['GIF87a...', 'GIF'], ['II*\0....', 'TIFF'], ['MM\0*....', 'TIFF'], ['BM1234\0\0\0\0', 'BMP'], ['8BPS....', 'PSD'],
  ['\xff\x0a......', 'JPEG XL'],
])('%j is an image of a kind that is told by name', (bytes, kind) => {
  expect(sniff(Buffer.from(bytes, 'latin1'))).toEqual({ name: 'other-image', kind });
});

test.each(['', '\xff\xd8', 'hello', 'BMW is a car', '%PDF-1.7', 'PK\x03\x04', 'RIFF\0\0\0\0WAVE', '<svg xmlns=""/>'])('%j is not an image', (bytes) => {
  expect(sniff(Buffer.from(bytes, 'latin1'))).toEqual({ name: 'not-an-image' });
});

test('no bytes make it throw', () => {
  const starts = ['', '\xff\xd8\xff', '\x89PNG', 'RIFF', '\0\0\0\x18ftyp', '\0\0\0\0ftyp', 'II*\0', 'BM'].map((start) => Buffer.from(start, 'latin1'));
  fc.assert(fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) => {
    expect(['photo', 'other-image', 'not-an-image']).toContain(sniff(Buffer.concat([start, rest])).name);
  }), { numRuns: 3000 });
});
