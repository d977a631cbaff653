import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makePhoto, privateExif } from '../../../test-support/photos.ts';
import { cleaned, holdsSecret, jpegWith, privateTiff, publicTiff, secret, segment } from './photos-for-tests.ts';

const clean = (bytes: Buffer, lengths?: number[]): Promise<Buffer> => cleaned('image/jpeg', bytes, lengths);
const plain = (seed: number, progressive = false): Promise<Buffer> => makePhoto({ seed, width: 96, height: 72, progressive });
const exif = (order: 'II' | 'MM'): Buffer => segment(0xe1, 'Exif\0\0', privateTiff(order));
const xmp = (text: string | Buffer): Buffer => segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', text);
const resource = (id: number, name: string, data: string): Buffer => {
  const head = Buffer.from(`8BIM\0\0${String.fromCharCode(name.length)}${name}${name.length % 2 === 0 ? '\0' : ''}`, 'latin1');
  head.writeUInt16BE(id, 4);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  return Buffer.concat([head, size, Buffer.from(data, 'latin1'), Buffer.alloc(data.length & 1)]);
};

test.each([
  ['EXIF in either order', [exif('II'), exif('MM')]],
  ['XMP, and XMP in two bytes a letter', [xmp(`<x exif:GPSLatitude="${secret}"/>`), xmp(Buffer.from(`<x>${secret}</x>`, 'utf16le'))]],
  ['XMP that goes on in further segments', [segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', 'A'.repeat(32), '\0\0\0\x20\0\0\0\0', `<x>${secret}</x>`)]],
  ['IPTC, and EXIF and XMP among Photoshop\'s resources', [segment(0xed, 'Photoshop 3.0\0', resource(0x0404, '', `\x1c\x02\x5a\0\x06${secret}`), resource(0x0422, 'odd', secret), resource(0x0424, 'even', `${secret}.`))]],
  ['resources that go on in a further segment', [segment(0xed, 'Photoshop 3.0\0', resource(0x0404, '', `long ${secret}`).subarray(0, -2)), segment(0xed, 'Photoshop 3.0\0', `${secret}, the rest of it`)]],
  ['what makers keep in segments of their own', [3, 4, 5, 6, 7, 9, 12].map((marker) => segment(0xe0 + marker, `Maker\0${secret}`))],
  ['FlashPix, and APP1 of nobody knows whom', [segment(0xe2, `FPXR\0\0${secret}`), segment(0xe1, `QVCI\0${secret}`), segment(0xe0, `II\x1a\0\0\0HEAPJPGM${secret}`)]],
  ['comments', [segment(0xfe, `${secret} of Ana`), segment(0xfe, Buffer.from(secret, 'utf16le'))]],
  ['a statement of origin (C2PA)', [segment(0xeb, `JP\0\x01\0\0\0\x01\0\0\0\x40jumb${secret}`)]],
])('%s: gone, and the picture is byte for byte what it was', async (_, segments) => {
  const photo = await plain(1);
  const given = jpegWith(photo, ...segments);
  const after = await clean(given);
  expect(holdsSecret(given)).toBe(true);
  expect(holdsSecret(after)).toBe(false);
  expect(after).toHaveLength(given.length);
  expect(after.subarray(-photo.length + 2).equals(photo.subarray(2))).toBe(true);
  expect(await clean(after)).toEqual(after);
});

test.each([
  ['pictures that hold nothing', [segment(0xe1, 'Exif\0\0', publicTiff('MM'))]],
  ['a colour profile, the places of further pictures, Adobe\'s colours', [segment(0xe2, 'ICC_PROFILE\0\x01\x01sRGB'), segment(0xe2, 'MPF\0MM\0*'), segment(0xee, 'Adobe\0d\0\0\0\0\0')]],
  ['a gain map\'s mark, layers of JPEG XT, temperatures', [segment(0xe2, 'urn:iso:std:iso:ts:21496:-1\0'), segment(0xeb, 'JP\0\x01\0\0\0\x01\0\0\0\x40RESI'), segment(0xe1, 'FLIR\0\x01\0\0')]],
  ['resources of Photoshop\'s that are no metadata', [segment(0xed, 'Photoshop 3.0\0', resource(0x03ed, '', 'resolution'))]],
])('%s: not one byte is changed', async (_, segments) => {
  for (const progressive of [false, true]) {
    const given = jpegWith(await plain(2, progressive), ...segments);
    expect((await clean(given, [7, 100_000])).equals(given)).toBe(true);
  }
});

/** Bytes that decoders skip between two segments: they look for the next `ff` that is followed by neither another nor zero (libjpeg, `next_marker`). */
const stray = fc.oneof(
  fc.constantFrom([0], [0xff], [0xff, 0], [0x00, 0xff, 0xff], [0xff, 0x00, 0xff]),
  fc.array(fc.nat(0xfe), { minLength: 1, maxLength: 40 }),
);

test('stray bytes between segments, which decoders skip, hide nothing, wherever they are', async () => {
  const photo = await plain(1);
  const private_ = [segment(0xed, 'Photoshop 3.0\0', resource(0x0404, '', secret)), segment(0xec, `[picture info] SERIAL=${secret}`), exif('MM'), segment(0xfe, secret)];
  await fc.assert(fc.asyncProperty(fc.array(stray, { minLength: private_.length, maxLength: private_.length }), fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 }), async (strays, lengths) => {
    const given = jpegWith(photo, ...private_.flatMap((one, index) => [Buffer.from(strays[index]!), one]));
    const after = await clean(given, lengths);
    expect(holdsSecret(after)).toBe(false);
    expect(after).toHaveLength(given.length);
    // What is changed is within the segments; the bytes between, and the picture, are as they were.
    expect(after.subarray(-photo.length + 2).equals(photo.subarray(2))).toBe(true);
    expect(after.subarray(2, 2 + strays[0]!.length)).toEqual(Buffer.from(strays[0]!));
    expect(await clean(after)).toEqual(after);
  }), { numRuns: 100 });
  const pixels = (bytes: Buffer): Promise<Buffer> => sharp(bytes, { failOn: 'none' }).raw().toBuffer();
  expect((await pixels(await clean(jpegWith(photo, Buffer.from([0]), private_[0]!)))).equals(await pixels(photo))).toBe(true);
});

describe('after the first scan', () => {
  test('a comment that is text is gone too; what is not stays, as the bytes of a picture do', async () => {
    const photo = await plain(3, true);
    const secondScan = photo.lastIndexOf(Buffer.from([0xff, 0xda]));
    const filler = Buffer.concat([segment(0xfe, Buffer.from([1, 2, 3, 0xfe, 0xff, 0xfe, 0, 4])), segment(0xfe, Buffer.alloc(300, 0xb7))]);
    const parts = (comment: string | Buffer): Buffer => Buffer.concat([photo.subarray(0, secondScan), filler, segment(0xfe, comment), photo.subarray(secondScan, -2), segment(0xfe, comment), filler, photo.subarray(-2)]);
    for (const comment of [`${secret} of Ana\nand more`, `Calle Mar\xedn, ${secret}\0`, Buffer.from(`Núñez, ${secret}`)]) {
      for (const lengths of [[7, 100_000], [1]]) {
        const after = await clean(parts(comment), lengths);
        expect(after).toEqual(parts(Buffer.alloc(comment.length)));
        expect(await clean(after)).toEqual(after);
      }
    }
  });

  test('EXIF and XMP between the scans of a progressive picture are gone too', async () => {
    const photo = await plain(3, true);
    const secondScan = photo.lastIndexOf(Buffer.from([0xff, 0xda]));
    const given = Buffer.concat([photo.subarray(0, secondScan), exif('MM'), xmp(secret), photo.subarray(secondScan)]);
    const after = await clean(given);
    expect(after.length).toBe(given.length);
    expect(holdsSecret(after)).toBe(false);
    expect(after.subarray(0, secondScan).equals(photo.subarray(0, secondScan))).toBe(true);
    expect(after.subarray(-(photo.length - secondScan)).equals(photo.subarray(secondScan))).toBe(true);
  });

  test('further pictures lose theirs: after the end, after other bytes, and one within the trailer of another', async () => {
    const photos = await Promise.all([1, 2, 3].map((seed) => plain(seed)));
    const parts = photos.map((photo) => jpegWith(photo, exif('II'), xmp(secret), segment(0xe5, secret)));
    // A mark of a picture that is none, with a length that leads over the real one.
    const decoy = Buffer.from([0xff, 0xd8, 0xff, 0xe5, 0x7f, 0xff]);
    const given = Buffer.concat([parts[0]!, parts[1]!, Buffer.from('SEFT and other bytes'), decoy, parts[2]!, Buffer.from('the end')]);
    const after = await clean(given);
    expect(after).toHaveLength(given.length);
    expect(holdsSecret(after)).toBe(false);
    for (const photo of photos) expect(after.includes(photo.subarray(2))).toBe(true);
    expect(after.includes(Buffer.concat([Buffer.from('SEFT and other bytes'), decoy]))).toBe(true);
    expect(after.subarray(-7).toString()).toBe('the end');
  });

  test('the place in the video of a motion photo becomes room of the same size', async () => {
    const box = (name: string, data: Buffer): Buffer => {
      const head = Buffer.alloc(8);
      head.writeUInt32BE(data.length + 8);
      head.write(name, 4, 'latin1');
      return Buffer.concat([head, data]);
    };
    const place = box('\xa9xyz', Buffer.from('\0\x12\x15\xc7+40.4168-003.7038/', 'latin1'));
    const mobile = box('loci', Buffer.from(`\0\0\0\0\x15\xc7${secret}\0\0\0\x28\0\0\xff\xfc\0\0\0\0\0\0earth\0\0`, 'latin1'));
    const video = (first: Buffer, second: Buffer): Buffer => Buffer.concat([box('ftyp', Buffer.from('mp42\0\0\0\0')), box('moov', box('udta', Buffer.concat([first, second]))), box('mdat', Buffer.from('a text that names \xa9xyz and loci without being either', 'latin1'))]);
    const photo = await plain(1);
    const after = await clean(Buffer.concat([photo, video(place, mobile)]), [1, 2, 3, 5]);
    expect(after).toEqual(Buffer.concat([photo, video(box('free', Buffer.alloc(place.length - 8)), box('free', Buffer.alloc(mobile.length - 8)))]));
  });

  test('bytes after the end that are none of this stay as they are', async () => {
    const given = Buffer.concat([await plain(1), Buffer.from('appended by the camera maker \xff\xe1\xff\xd8\xff', 'latin1')]);
    expect((await clean(given)).equals(given)).toBe(true);
  });
});

test('rubbish between segments, a segment of no length and one that the file ends in hide nothing', async () => {
  const photo = await plain(1);
  const pieces = [exif('II'), exif('MM'), Buffer.concat([exif('II'), xmp(secret)])];
  for (const rubbish of [Buffer.from('rubbish'), Buffer.from([0xff, 0xe4, 0, 0]), Buffer.from([0xff, 0xff, 0xff])]) {
    for (const piece of pieces) expect(holdsSecret(await clean(jpegWith(photo, rubbish, piece)))).toBe(false);
  }
  const cut = jpegWith(photo, exif('II')).subarray(0, 2 + exif('II').length - 5);
  expect(holdsSecret(cut)).toBe(true);
  expect(await clean(cut)).toHaveLength(cut.length);
  expect(holdsSecret(await clean(cut))).toBe(false);
});

test('a photo as a camera makes it: sizes alike, and no serial', async () => {
  const given = await makePhoto({ seed: 1, exif: privateExif, sizeBytes: 700_000 });
  const after = await clean(given);
  expect(given.includes(privateExif.serial)).toBe(true);
  expect(after.includes(privateExif.serial)).toBe(false);
  const scan = given.indexOf(Buffer.from([0xff, 0xda]));
  expect(after.subarray(scan).equals(given.subarray(scan))).toBe(true);
  expect(after).toHaveLength(given.length);
});
