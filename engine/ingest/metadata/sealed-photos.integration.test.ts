/** @file What is in the spool after a real ingest is what is sent: it is looked at there. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, test } from 'vitest';
import { makePhoto, privateExif } from '../../../test-support/photos.ts';
import { limits, setUp, type Setup } from '../ingest-setup-for-tests.ts';
import { holdsSecret, jpegWith, privateTiff, secret, segment } from './photos-for-tests.ts';

let it: Setup;
afterEach(() => it.tearDown());

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function sealed(name: string, bytes: Buffer) {
  const path = join(it.sources, name);
  writeFileSync(path, bytes);
  const [outcome] = await it.add(path);
  if (outcome?.outcome !== 'queued') throw new Error(`not taken: ${JSON.stringify(outcome)}`);
  expect(readFileSync(path).equals(bytes)).toBe(true);
  const facts = it.store.get(outcome.id)!.facts;
  return { facts, bytes: Buffer.from(await it.plain(outcome.id)) };
}

/** Several pieces of half a megabyte, with secrets at the beginning and, in a second picture, near the end. */
async function phonePhoto(): Promise<Buffer> {
  const exif = segment(0xe1, 'Exif\0\0', privateTiff('MM'));
  const large = await makePhoto({ seed: 1, width: 96, height: 72, sizeBytes: 1_700_000, exif: false });
  return Buffer.concat([jpegWith(large, exif, segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', secret)), jpegWith(large.subarray(0, 900_000), exif), Buffer.from('trailer')]);
}

test.each(['jpeg', 'png', 'webp'] as const)('a %s lies in the spool without place and serial, and the size and digests of the queue are those of what lies there', async (format) => {
  it = await setUp();
  const photo = await makePhoto({ seed: 1, format, width: 640, height: 480, exif: privateExif });
  const { facts, bytes } = await sealed(`photo.${format}`, photo);
  expect([photo.includes(privateExif.serial), bytes.includes(privateExif.serial)]).toEqual([true, false]);
  expect(facts).toMatchObject({
    capturedAt: '2026-03-14T09:26:53+01:00', sizeBytes: bytes.length, sha256: sha256(bytes), md5: createHash('md5').update(bytes).digest('hex'),
  });
  expect((await sharp(bytes).metadata()).orientation).toBe(6);
  expect((await sharp(bytes).raw().toBuffer()).equals(await sharp(photo).raw().toBuffer())).toBe(true);
});

test('a telephone\'s photo of several megabytes, with a second picture in it, holds no secret, and neither does one that was pasted', async () => {
  it = await setUp();
  const photo = await phonePhoto();
  const { facts, bytes } = await sealed('IMG_1.jpg', photo);
  expect(holdsSecret(bytes)).toBe(false);
  expect(bytes).toHaveLength(photo.length);
  expect(facts.sha256).toBe(sha256(bytes));
  // The same bytes leave by the other way in, and whoever gave them keeps theirs.
  const before = sha256(photo);
  expect(await it.ingest.addBytes({ ...it.request, fileName: 'pasted.jpg', bytes: photo })).toMatchObject({ outcome: 'duplicate' });
  expect(sha256(photo)).toBe(before);
});

test('where that was turned off, photos are sent byte for byte, from the next batch on', async () => {
  let removeLocation = false;
  it = await setUp({ removeLocation: () => removeLocation });
  const photo = await phonePhoto();
  const { facts, bytes } = await sealed('IMG_1.jpg', photo);
  expect(bytes.equals(photo)).toBe(true);
  expect(facts.sha256).toBe(sha256(photo));
  removeLocation = true;
  expect(holdsSecret((await sealed('IMG_2.jpg', photo)).bytes)).toBe(false);
});

test('the limit holds for the file, though less of it would be sent', async () => {
  it = await setUp();
  const text = Buffer.from(`GPSLatitude\0${'x'.repeat(400)}`);
  const chunk = Buffer.concat([Buffer.from([0, 0, 0x01, 0x9c]), Buffer.from('tEXt'), text, Buffer.alloc(4)]);
  const photo = await makePhoto({ seed: 1, format: 'png', width: 96, height: 72, sizeBytes: limits.maxFileBytes - chunk.length + 1 });
  writeFileSync(join(it.sources, 'over.png'), Buffer.concat([photo.subarray(0, 33), chunk, photo.subarray(33)]));
  expect(await it.add(join(it.sources, 'over.png'))).toMatchObject([{ outcome: 'rejected', code: 'too-large' }]);
});
