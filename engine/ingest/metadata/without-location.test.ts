import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ContentType } from '../../../shared/domain/upload.ts';
import { makePhoto, privateExif, type PhotoFormat } from '../../../test-support/photos.ts';
import { exifDate } from '../exif-date.ts';
import { cleaned, holdsSecret, jpegWith, pngWith, privateTiff, publicTiff, secret, segment, webpWith } from './photos-for-tests.ts';

/** For a slow computer. */
const patience = 120_000;
const formats = ['jpeg', 'png', 'webp'] as const;
const typeOf = (format: PhotoFormat): ContentType => `image/${format}`;
const small = { width: 96, height: 72 };
const place = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="40,25.0065N ${secret}"/></rdf:RDF></x:xmpmeta>`;

/** Each format with everything that there is to remove from it. */
const full = new Map<PhotoFormat, Buffer>();
beforeAll(async () => {
  const plain = await Promise.all(formats.map((format) => makePhoto({ seed: format, format, ...small, exif: false })));
  full.set('jpeg', Buffer.concat([
    jpegWith(plain[0]!, segment(0xe1, 'Exif\0\0', privateTiff('MM')), segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', place), segment(0xe5, secret)),
    jpegWith(plain[0]!, segment(0xe1, 'Exif\0\0', privateTiff('II'))), Buffer.from('trailer'),
  ]));
  full.set('png', pngWith(plain[1]!, ['eXIf', privateTiff('II')], ['iTXt', `XML:com.adobe.xmp\0\0\0\0\0${place}`], ['zTXt', `Raw profile type exif\0\0${secret}`], ['tEXt', `GPSLatitude\0${secret}`], ['caBX', secret]));
  full.set('webp', webpWith(await sharp(plain[2]).withExif({ IFD0: { Make: 'x' } }).webp().toBuffer(), ['EXIF', privateTiff('MM')], ['XMP ', place], ['C2PA', secret]));
});

describe.each(formats)('%s', (format) => {
  const clean = (bytes: Buffer, lengths?: readonly number[]): Promise<Buffer> => cleaned(typeOf(format), bytes, lengths);

  test('nothing that tells the place or the device is left, and the pixels are the same', async () => {
    const given = full.get(format)!;
    const after = await clean(given);
    expect(holdsSecret(given)).toBe(true);
    expect(holdsSecret(after)).toBe(false);
    expect(after.length).toBeLessThanOrEqual(given.length);
    const pixels = (bytes: Buffer): Promise<Buffer> => sharp(bytes).raw().toBuffer();
    expect((await pixels(after)).equals(await pixels(given))).toBe(true);
  });

  test('another reader finds orientation and date, and neither place nor serial', async () => {
    const given = await makePhoto({ seed: 1, format, ...small, exif: privateExif });
    const withXmp = await sharp(given).keepExif().withMetadata({ orientation: 6 }).withXmp(place)[format]().toBuffer();
    for (const photo of [given, withXmp]) {
      const after = await clean(photo);
      expect([exifDate(photo, typeOf(format)), exifDate(after, typeOf(format))]).toEqual(['2026-03-14T09:26:53+01:00', '2026-03-14T09:26:53+01:00']);
      const metadata = await sharp(after).metadata();
      expect(metadata.orientation).toBe(6);
      expect([after.includes(privateExif.serial), after.includes(secret), after.includes('GPSLatitude')]).toEqual([false, false, false]);
      expect(metadata.exif?.includes('2026:03:14 09:26:53')).toBe(true);
    }
  });

  test('how the file comes in pieces makes no difference', async () => {
    const given = full.get(format)!;
    const whole = await clean(given);
    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3000 })), { minLength: 1, maxLength: 6 }), async (lengths) => {
      expect((await clean(given, lengths)).equals(whole)).toBe(true);
    }), { numRuns: 60 });
  }, patience);

  test('where there is nothing to remove, not one byte is changed', async () => {
    for (const exif of [{}, false] as const) {
      const given = await makePhoto({ seed: 3, format, exif, ...small });
      expect((await clean(given, [1000, 77])).equals(given)).toBe(true);
    }
    const after = await clean(full.get(format)!);
    expect((await clean(after)).equals(after)).toBe(true);
  });

  test('whatever the bytes, it ends, with no more of them', async () => {
    const given = full.get(format)!;
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ at: fc.nat(given.length - 1), value: fc.constantFrom(0, 1, 0x7f, 0xd8, 0xe1, 0xff) }), { maxLength: 8 }), fc.nat(given.length), async (changes, length) => {
      const changed = Buffer.from(given.subarray(0, length));
      for (const { at, value } of changes) if (at < length) changed[at] = value;
      const after = await clean(changed);
      expect(after.length).toBeLessThanOrEqual(length);
      if (format !== 'png') expect(after).toHaveLength(length);
    }), { numRuns: 200 });
  }, patience);
});

describe('PNG', () => {
  test.each(['Place', 'City', 'Country', 'Altitude', 'Coordinates', 'Position', 'Address', 'UniqueCameraId', 'Lat', 'exif:BodySN', 'Comment', 'Software', 'XML:com.adobe.xmp', 'Raw profile type iptc', 'Raw profile type iccx', ''])('a text by the name of %j goes: who writes one may put anything there', async (keyword) => {
    const photo = await makePhoto({ seed: 5, format: 'png', exif: false, ...small });
    for (const kind of ['tEXt', 'zTXt', 'iTXt']) expect((await cleaned('image/png', pngWith(photo, [kind, `${keyword}\0\0\0\0\0${secret}`]))).equals(photo)).toBe(true);
  });

  test('a colour profile, also one in a text, stays byte for byte, and so does what lies after the end', async () => {
    const photo = await makePhoto({ seed: 5, format: 'png', exif: false, ...small });
    const given = Buffer.concat([pngWith(photo, ['eXIf', publicTiff('II')], ['zTXt', 'Raw profile type icc\0\0x'], ['tEXt', 'Raw profile type icm\0x']), Buffer.from(`after the end`)]);
    expect((await cleaned('image/png', given)).equals(given)).toBe(true);
  });

  test('one whose chunks are dropped or changed is one that strict readers read', async () => {
    const after = await cleaned('image/png', full.get('png')!);
    expect(after.includes('iTXt')).toBe(false);
    const names: string[] = [];
    for (let at = 8; at < after.length; at += 12 + after.readUInt32BE(at)) {
      const end = at + 8 + after.readUInt32BE(at);
      names.push(after.toString('latin1', at + 4, at + 8));
      expect(after.readUInt32BE(end), names.at(-1)).toBe(crc32(after.subarray(at + 4, end)));
    }
    expect(names).toEqual(expect.arrayContaining(['IHDR', 'eXIf', 'IDAT', 'IEND']));
    expect((await sharp(after, { failOn: 'warning' }).metadata()).orientation).toBe(6);
  });
});

test('WebP: EXIF that begins as in a JPEG is cleaned too', async () => {
  const photo = await makePhoto({ seed: 5, format: 'webp', exif: false, ...small });
  const after = await cleaned('image/webp', webpWith(photo, ['EXIF', Buffer.concat([Buffer.from('Exif\0\0'), privateTiff('II')])]));
  expect(holdsSecret(after)).toBe(false);
  expect(exifDate(after, 'image/webp')).toBe('2026-03-14T09:26:53+01:00');
});

test('metadata of many megabytes is not gathered in memory: it goes', async () => {
  const huge = Buffer.concat([privateTiff('II'), Buffer.alloc(9 * 1024 * 1024), Buffer.from(secret)]);
  for (const format of ['png', 'webp'] as const) {
    const photo = await makePhoto({ seed: 5, format, exif: false, ...small });
    const given = format === 'png' ? pngWith(photo, ['eXIf', huge]) : webpWith(photo, ['EXIF', huge]);
    const after = await cleaned(typeOf(format), given);
    expect(holdsSecret(after)).toBe(false);
    expect(after.length).toBe(format === 'png' ? photo.length : given.length);
  }
});
