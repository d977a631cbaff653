import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { makePhoto, privateExif } from '../../../test-support/photos.ts';
import { exifDate } from '../exif-date.ts';
import { cleaned, holdsSecret, privateTiff, secret } from './photos-for-tests.ts';

/** For a slow computer. */
const patience = 120_000;
const clean = (bytes: Buffer, lengths?: readonly number[]): Promise<Buffer> => cleaned('image/heic', bytes, lengths);

/** AVIF differs from HEIC in how the picture is coded, and in nothing that matters here; it is what can be written and shown everywhere. */
let photo: Buffer;
beforeAll(async () => {
  const jpeg = await makePhoto({ seed: 1, width: 96, height: 72, exif: privateExif });
  photo = await sharp(jpeg).keepExif().withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`).avif({ effort: 0 }).toBuffer();
});

test('place, serial and XMP are gone, and date, length and pixels are what they were', async () => {
  const after = await clean(photo);
  expect([holdsSecret(photo), photo.includes(privateExif.serial)]).toEqual([true, true]);
  expect([holdsSecret(after), after.includes(privateExif.serial)]).toEqual([false, false]);
  expect(after).toHaveLength(photo.length);
  expect(exifDate(after, 'image/heic')).toBe('2026-03-14T09:26:53+01:00');
  expect((await sharp(after).raw().toBuffer()).equals(await sharp(photo).raw().toBuffer())).toBe(true);
  expect((await clean(after)).equals(after)).toBe(true);
});

test('how the file comes in pieces makes no difference', async () => {
  const whole = await clean(photo);
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }), async (lengths) => {
    expect((await clean(photo, lengths)).equals(whole)).toBe(true);
  }), { numRuns: 60 });
}, patience);

const uint = (value: number, length: number): Buffer => { const bytes = Buffer.alloc(length); bytes.writeUIntBE(value, 0, length); return bytes; };
const box = (name: string, ...parts: Buffer[]): Buffer => { const data = Buffer.concat(parts); return Buffer.concat([uint(data.length + 8, 4), Buffer.from(name, 'latin1'), data]); };
const info = (id: number, type: string): Buffer => box('infe', uint(2, 1), uint(0, 3), uint(id, 2), uint(0, 2), Buffer.from(type, 'latin1'), Buffer.from('\0'));
const exifItem = (order: 'II' | 'MM'): Buffer => Buffer.concat([uint(6, 4), Buffer.from('Exif\0\0', 'latin1'), privateTiff(order)]);
const ftyp = box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1'));
/** One item of EXIF, in these parts; by offsets in the file (0) or in the list's own data (1). */
const meta = (method: number, extents: readonly (readonly [offset: number, length: number])[], ...more: Buffer[]): Buffer => box('meta', uint(0, 4),
  box('iinf', uint(0, 4), uint(1, 2), info(7, 'Exif')),
  box('iloc', uint(1, 1), uint(0, 3), uint(0x44, 1), uint(0, 1), uint(1, 2), uint(7, 2), uint(method, 2), uint(0, 2), uint(extents.length, 2), ...extents.flatMap(([offset, length]) => [uint(offset, 4), uint(length, 4)])),
  ...more);

test('EXIF that lies before the list of items, or in it, is found', async () => {
  const item = exifItem('MM');
  const before = Buffer.concat([ftyp, box('mdat', item), meta(0, [[ftyp.length + 8, item.length]]), Buffer.from('after')]);
  const within = Buffer.concat([ftyp, meta(1, [[0, item.length]], box('idat', item)), box('mdat', Buffer.alloc(50))]);
  for (const given of [before, within]) {
    const after = await clean(given, [100]);
    expect(holdsSecret(given)).toBe(true);
    expect(holdsSecret(after)).toBe(false);
    expect(after).toHaveLength(given.length);
    expect(exifDate(after, 'image/heic')).toBe('2026-03-14T09:26:53+01:00');
  }
});

test('EXIF in several parts, or in parts that lie over each other, is gone as a whole', async () => {
  const item = exifItem('II');
  const extents = (start: number): [number, number][] => [[start, 100], [start + 100, item.length - 100], [start + 50, 90]];
  const start = ftyp.length + meta(0, extents(0)).length + 8;
  const given = Buffer.concat([ftyp, meta(0, extents(start)), box('mdat', item), Buffer.from('after')]);
  const after = await clean(given);
  expect(after.subarray(start, -5)).toEqual(Buffer.alloc(item.length));
  expect(after.subarray(-5).toString()).toBe('after');
});

test('whatever the bytes, it ends, with as many of them', async () => {
  const item = exifItem('II');
  const given = Buffer.concat([ftyp, meta(0, [[200, item.length]]), box('mdat', item)]);
  await fc.assert(fc.asyncProperty(fc.constantFrom(given, photo), fc.array(fc.record({ at: fc.nat(700), value: fc.constantFrom(0, 1, 2, 8, 0x44, 0x7f, 0xff) }), { maxLength: 6 }), fc.nat(3000), async (bytes, changes, length) => {
    const changed = Buffer.from(bytes.subarray(0, length));
    for (const { at, value } of changes) if (at < changed.length) changed[at] = value;
    expect(await clean(changed)).toHaveLength(changed.length);
  }), { numRuns: 300 });
}, patience);
