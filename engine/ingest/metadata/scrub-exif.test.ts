import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exifDate } from '../exif-date.ts';
import { holdsSecret, privateTiff, publicExif, publicFirst, publicTiff, secret, smallPicture, tiffBlock, type Entry } from './photos-for-tests.ts';
import { scrubExif } from './scrub-exif.ts';
import { Tiff } from './tiff.ts';

/** For a slow computer. */
const patience = 120_000;
const orders = ['II', 'MM'] as const;
const scrub = (block: Uint8Array): Buffer => Buffer.from(scrubExif(block));
const tags = (tiff: Tiff, directory: number | undefined): number[] => tiff.entries(directory).map((entry) => entry.tag);
const dateOf = (block: Uint8Array): string | undefined => exifDate(Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), block]), 'image/heic');
const orientationOf = (block: Uint8Array): number | undefined => {
  const tiff = new Tiff(block);
  const [value] = tiff.numbers(tiff.find(tiff.firstDirectory, 0x0112));
  return value !== undefined && value >= 1 && value <= 8 ? value : undefined;
};
/** What a reader would still know, and nothing else. */
const onlyTheEssence = (block: Buffer): void => {
  expect(holdsSecret(block)).toBe(false);
  expect(orientationOf(block)).toBe(6);
  expect(dateOf(block)).toBe('2026-03-14T09:26:53+01:00');
  const tiff = new Tiff(block);
  expect(tags(tiff, tiff.firstDirectory)).toEqual([0x0112, 0x8769]);
};

describe.each(orders)('in the order of bytes %s', (order) => {
  test('place, serials, owner, maker notes and what nobody knows are gone, with the bytes that nothing refers to', () => {
    const before = privateTiff(order);
    const after = scrub(before);
    expect(holdsSecret(before)).toBe(true);
    expect(holdsSecret(after)).toBe(false);
    expect(after).toHaveLength(before.length);
    const tiff = new Tiff(after);
    const exif = tiff.pointer(tiff.find(tiff.firstDirectory, 0x8769));
    expect(tags(tiff, tiff.firstDirectory)).toEqual([...publicFirst.map(([tag]) => tag), 0x8769]);
    expect(tags(tiff, exif)).toEqual([...publicExif.map(([tag]) => tag), 0xa005]);
    // 40° 25' 0.39": the numbers themselves.
    const degrees = order === 'II' ? Buffer.from([40, 0, 0, 0, 1, 0, 0, 0, 25]) : Buffer.from([0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 25]);
    expect(before.includes(degrees)).toBe(true);
    expect(after.includes(degrees)).toBe(false);
  });

  test('orientation, times, make, model, what a person wrote and the small picture are as they were', () => {
    const after = scrub(privateTiff(order));
    const tiff = new Tiff(after);
    const exif = tiff.pointer(tiff.find(tiff.firstDirectory, 0x8769));
    expect([orientationOf(after), dateOf(after)]).toEqual([6, '2026-03-14T09:26:53+01:00']);
    expect(tiff.text(tiff.find(tiff.firstDirectory, 0x0110), 11)).toBe('Test camera');
    expect(tiff.text(tiff.find(exif, 0x9286), 17)).toBe('ASCII\0\0\0left heel');
    expect(tiff.text(tiff.find(tiff.pointer(tiff.find(exif, 0xa005)), 1), 3)).toBe('R98');
    const second = tiff.uint32(tiff.firstDirectory! + 2 + 5 * 12);
    const [at] = tiff.numbers(tiff.find(second, 0x0201));
    expect(after.subarray(at, at! + smallPicture.length)).toEqual(smallPicture);
  });

  test('a block with nothing to remove is given back itself, and one that was cleaned is not changed again', () => {
    const block = publicTiff(order);
    expect(scrubExif(block)).toBe(block);
    const after = scrubExif(privateTiff(order));
    expect(scrubExif(after)).toBe(after);
  });

  test('a small picture with metadata of its own goes', () => {
    const picture = Buffer.concat([smallPicture, Buffer.from(`Exif\0\0${secret}`)]);
    const after = scrub(tiffBlock(order, publicFirst, [[0x0103, 3, [6]]], picture));
    expect(holdsSecret(after)).toBe(false);
    expect(orientationOf(after)).toBe(6);
  });

  test('small pictures that lie over each other go, before a thousand of them are looked through', () => {
    const strips: Entry[] = [[0x0111, 4, Array.from({ length: 900 }, () => 8)], [0x0117, 4, Array.from({ length: 900 }, () => 4000)]];
    const tiff = new Tiff(scrub(tiffBlock(order, publicFirst, strips)));
    expect(tags(tiff, tiff.firstDirectory)).toEqual(publicFirst.map(([tag]) => tag));
    expect(tiff.uint32(8 + 2 + publicFirst.length * 12)).toBe(0);
  });
});

describe('a block that is not understood keeps orientation and time, and nothing else', () => {
  const essential: readonly Entry[] = [[0x0112, 3, [6]], [0x8769, 4, publicExif]];
  const uint32At = (block: Buffer, needle: number, value: number): Buffer => {
    // The value of the first entry of that tag.
    const tiff = new Tiff(block);
    const exif = tiff.pointer(tiff.find(tiff.firstDirectory, 0x8769));
    const entry = tiff.find(tiff.firstDirectory, needle) ?? tiff.find(exif, needle);
    tiff.writeUint32(block, value, entry!.at + 8);
    return block;
  };

  test.each(orders)('%s: a value that is kept lies over one that goes', (order) => {
    const block = tiffBlock(order, [[0x010f, 2, `${'x'.repeat(30)}\0`], ...essential, [0x8825, 4, [[0x1b, 7, `ASCII\0\0\0${secret}`]]]]);
    const tiff = new Tiff(block);
    const gps = tiff.pointer(tiff.find(tiff.firstDirectory, 0x8825))!;
    onlyTheEssence(scrub(uint32At(Buffer.from(block), 0x010f, gps)));
    onlyTheEssence(scrub(uint32At(Buffer.from(block), 0x010f, gps + 10)));
  });

  test.each(orders)('%s: a value that is kept lies over a directory, or over the small picture', (order) => {
    const block = tiffBlock(order, [[0x010f, 2, `${'x'.repeat(30)}\0`], ...essential], [[0x0103, 3, [6]]], Buffer.alloc(40, secret));
    const picture = block.indexOf(secret);
    onlyTheEssence(scrub(uint32At(Buffer.from(block), 0x010f, 8)));
    onlyTheEssence(scrub(uint32At(Buffer.from(block), 0x010f, picture + 3)));
  });

  test.each(orders)('%s: a directory says it has more entries than there are bytes', (order) => {
    const block = tiffBlock(order, essential);
    const tiff = new Tiff(block);
    const exif = tiff.pointer(tiff.find(8, 0x8769))!;
    tiff.writeUint16(block, 900, exif);
    onlyTheEssence(scrub(block));
  });

  test('what is no TIFF at all is emptied', () => {
    expect(holdsSecret(scrub(Buffer.from(`neither order of bytes, but a ${secret}`)))).toBe(false);
    expect(scrub(Buffer.from(secret))).toEqual(Buffer.alloc(6));
    expect(scrub(Buffer.alloc(0))).toHaveLength(0);
  });
});

test('values that share bytes, as GoPro and writers that save room have them, are understood', () => {
  const block = tiffBlock('II', [[0x0112, 3, [6]], [0x011a, 5, [72, 1]], [0x011b, 5, [1, 72]]]);
  const tiff = new Tiff(block);
  const [one, other] = [0x011a, 0x011b].map((tag) => tiff.find(8, tag)!);
  block.fill(0, other!.valueAt, other!.valueAt + 8);
  for (const away of [0, 4]) {
    tiff.writeUint32(block, one!.valueAt + away, other!.at + 8);
    expect(scrubExif(block)).toBe(block);
  }
});

test('directories in a circle end', () => {
  const block = tiffBlock('MM', [[0x0112, 3, [6]], [0x8769, 4, publicExif]]);
  const next = 8 + 2 + 2 * 12;
  const circle = Buffer.from(block);
  for (const at of [8, new Tiff(block).pointer(new Tiff(block).find(8, 0x8769))!]) {
    circle.writeUInt32BE(at, next);
    // There is no such small picture: the way to it is cut, and that is all.
    expect(scrub(circle)).toEqual(block);
  }
  circle.writeUInt32BE(next, next);
  onlyTheEssence(scrub(circle));
});

test('of two entries alike the first is kept', () => {
  const block = tiffBlock('MM', [[0x0112, 3, [6]], [0x0110, 2, 'Test camera\0'], [0x0110, 2, `${secret}\0`]]);
  const after = new Tiff(scrub(block));
  expect(holdsSecret(after.bytes)).toBe(false);
  expect(tags(after, 8)).toEqual([0x0112, 0x0110]);
});

test('whatever the bytes: the same length, the same orientation and date, no place, and nothing left for a second time', () => {
  const blocks = orders.flatMap((order) => [privateTiff(order), publicTiff(order)]);
  const change = fc.record({ at: fc.nat(600), value: fc.constantFrom(0, 1, 2, 4, 8, 12, 0x7f, 0xff, 0x25, 0x88, 0x69, 0x87) });
  fc.assert(fc.property(fc.constantFrom(...blocks), fc.array(change, { maxLength: 6 }), fc.option(fc.nat(700)), (block, changes, length) => {
    const given = Buffer.from(block.subarray(0, length ?? block.length));
    for (const { at, value } of changes) if (at < given.length) given[at] = value;
    const untouched = Buffer.from(given);
    const after = scrubExif(given);
    expect(given.equals(untouched)).toBe(true);
    expect(after).toHaveLength(given.length);
    // The essence needs this much room; less than that holds no date either.
    if (given.length >= 100) expect([orientationOf(after), dateOf(after)]).toEqual([orientationOf(given), dateOf(given)]);
    expect(scrubExif(after)).toBe(after);
    const tiff = new Tiff(after);
    for (const directory of [tiff.firstDirectory, tiff.pointer(tiff.find(tiff.firstDirectory, 0x8769))]) {
      for (const tag of [0x8825, 0x927c, 0xa431, 0xa435, 0xc62f]) expect(tags(tiff, directory)).not.toContain(tag);
    }
  }), { numRuns: 1000 });
}, patience);
