import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentTypeSchema } from '../../shared/domain/upload.ts';
import { makePhoto } from '../../test-support/photos.ts';
import { exifDate } from './exif-date.ts';

const types = contentTypeSchema.options;

test.each(['jpeg', 'png'] as const)('a real %s says when it was taken', async (format) => {
  const photo = await makePhoto({ seed: 1, format, width: 64, height: 48, exif: { capturedAt: '2025:02:28 23:59:58', offset: '-03:00' } });
  expect(exifDate(photo, `image/${format}`)).toBe('2025-02-28T23:59:58-03:00');
});

test('a WebP says it too, where its EXIF lies in what was read', async () => {
  const photo = await makePhoto({ seed: 1, format: 'webp', width: 64, height: 48 });
  expect(exifDate(photo, 'image/webp')).toBe('2026-03-14T09:26:53+01:00');
  expect(exifDate(photo.subarray(0, photo.length - 300), 'image/webp')).toBeUndefined();
});

test('the EXIF block of a HEIC is found wherever it lies, in both byte orders', () => {
  const little = tiff('2024:12:31 01:02:03', false);
  const big = tiff('2024:12:31 01:02:03', true);
  for (const block of [little, big]) {
    expect(exifDate(Buffer.concat([Buffer.alloc(500, 0x20), Buffer.from('Exif\0\0', 'latin1'), block]), 'image/heic')).toBe('2024-12-31T01:02:03');
  }
});

test('a photo without EXIF has no date', async () => {
  expect(exifDate(await makePhoto({ seed: 1, width: 64, height: 48, exif: false }), 'image/jpeg')).toBeUndefined();
});

test.each(['0000:00:00 00:00:00', '2024:02:30 10:00:00', '2024:13:01 10:00:00', '2024:01:01 25:00:00', '1850:01:01 00:00:00', '                   ', '2024-01-01 10:00:00'])(
  'a date that is none (%j) is left out', (date) => {
    expect(exifDate(Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff(date, false)]), 'image/heic')).toBeUndefined();
  },
);

test('no bytes make it throw, loop or say anything but a date', () => {
  fc.assert(fc.property(fc.constantFrom(...types), fc.uint8Array({ maxLength: 400 }), (type, bytes) => {
    expect(exifDate(bytes, type)).toBeUndefined();
  }), { numRuns: 2000 });
});

test('neither does a real photo with any of its bytes changed, or cut anywhere', async () => {
  const photos = await Promise.all((['jpeg', 'png', 'webp'] as const).map(async (format) => ({ type: `image/${format}` as const, bytes: await makePhoto({ seed: 2, format, width: 32, height: 24 }) })));
  fc.assert(fc.property(fc.constantFrom(...photos), fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 12 }), fc.nat(1200), ({ type, bytes }, changes, length) => {
    const changed = Buffer.from(bytes);
    for (const [at, value] of changes) changed[at % changed.length] = value;
    expect(exifDate(changed.subarray(0, length), type) ?? '2026-01-01T00:00:00').toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$/);
  }), { numRuns: 3000 });
});

/** A TIFF block with nothing but DateTimeOriginal. */
function tiff(date: string, bigEndian: boolean): Buffer {
  const block = Buffer.alloc(80);
  const uint16 = (value: number, at: number) => bigEndian ? block.writeUInt16BE(value, at) : block.writeUInt16LE(value, at);
  const uint32 = (value: number, at: number) => bigEndian ? block.writeUInt32BE(value, at) : block.writeUInt32LE(value, at);
  block.write(bigEndian ? 'MM' : 'II', 0, 'latin1');
  uint16(42, 2);
  uint32(8, 4);
  uint16(1, 8); uint16(0x8769, 10); uint16(4, 12); uint32(1, 14); uint32(26, 18);
  uint16(1, 26); uint16(0x9003, 28); uint16(2, 30); uint32(20, 32); uint32(50, 36);
  block.write(`${date}\0`, 50, 'latin1');
  return block;
}
