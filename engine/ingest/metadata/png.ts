import { crc32 } from 'node:zlib';
import { scrubExif } from './scrub-exif.ts';
import { goOver, type Filter, type Sight } from './sight.ts';

const signatureBytes = 8;
/** Length and name before, checksum after. */
const chunkFrame = 12;
/** EXIF larger than this is dropped, not read: nothing but a picture within it needs so much. */
const mostExifBytes = 8 * 1024 * 1024;
/** A keyword has 79 bytes at most, and a zero after it. */
const keywordBytes = 80;

/** What holds metadata that is not kept: EXIF in zlib's packing (a draft), a C2PA statement of origin. */
const dropped = new Set(['zxIf', 'caBX']);
const texts = new Set(['tEXt', 'zTXt', 'iTXt']);
/** A colour profile, as ImageMagick keeps it. What a keyword does not name may still be there: whoever writes a text puts in what they like. */
const harmlessKeyword = /^raw profile type (icc|icm)$/i;

/**
 * A PNG without what tells the place or the device. EXIF stays where it is (see [Note: what EXIF is kept]) with a new checksum; texts
 * are dropped with their chunks, XMP among them, so the file may become shorter: all but those that are known to hold only colours.
 * All other chunks, and what lies after the end, stay as they are.
 *
 * Source: PNG (ISO 15948), its registered extension `eXIf`; C2PA 2.1 (`caBX`).
 */
export const pngWithoutLocation: Filter = function* (sight) {
  yield signatureBytes;
  sight.pass(Math.min(signatureBytes, sight.length));
  for (;;) {
    yield 8;
    if (sight.length < 8) return;
    const length = sight.window.readUInt32BE(sight.at);
    const name = sight.text(4, 4);
    if (length > 0x7fff_ffff || !/^[A-Za-z]{4}$/.test(name)) return;
    if (name === 'eXIf' && length <= mostExifBytes) yield* exif(sight, length);
    else {
      const goes = name === 'eXIf' || dropped.has(name) || (texts.has(name) && (yield* isPrivateText(sight, length)));
      yield* goOver(sight, length + chunkFrame, goes ? 'drop' : 'pass');
    }
    if (name === 'IEND') return;
  }
};

function* exif(sight: Sight, length: number): Generator<number, void, void> {
  yield length + chunkFrame;
  const data = sight.window.subarray(sight.at + 8, Math.min(sight.window.length, sight.at + 8 + length));
  const scrubbed = scrubExif(data);
  if (scrubbed === data) return yield* goOver(sight, length + chunkFrame);
  sight.pass(8);
  sight.put(scrubbed);
  sight.drop(data.length);
  if (sight.length < 4) return;
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(scrubbed, crc32('eXIf')));
  sight.put(checksum);
  sight.drop(4);
}

function* isPrivateText(sight: Sight, length: number): Generator<number, boolean, void> {
  const inSight = Math.min(length, keywordBytes);
  yield 8 + inSight;
  const [keyword = ''] = sight.text(8, inSight).split('\0');
  return !harmlessKeyword.test(keyword);
}
