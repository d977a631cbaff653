import { scrubExif } from './scrub-exif.ts';
import { blankXmp } from './scrub-text-blocks.ts';
import { goOver, type Filter, type Sight } from './sight.ts';

const riffHeaderBytes = 12;
const chunkHeaderBytes = 8;
/** Metadata larger than this is filled with zeros, not read: nothing but a picture within it needs so much. */
const mostReadBytes = 8 * 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

/**
 * A WebP without what tells the place or the device, of the same length: EXIF in place (see [Note: what EXIF is kept]), XMP blank, a
 * C2PA statement of origin zeros. The length in the file's header is not believed, so what is hidden after it is found too.
 *
 * Source: RFC 9649; `C2PA` by C2PA 2.1.
 */
export const webpWithoutLocation: Filter = function* (sight) {
  yield* goOver(sight, riffHeaderBytes);
  for (;;) {
    yield chunkHeaderBytes;
    if (sight.length < chunkHeaderBytes) return;
    const name = sight.text(0, 4);
    const length = sight.window.readUInt32LE(sight.at + 4);
    if (!/^[\x20-\x7e]{4}$/.test(name)) return;
    sight.pass(chunkHeaderBytes);
    if (name === 'EXIF') yield* change(sight, length, scrubWebpExif);
    else if (name === 'XMP ') yield* change(sight, length, (data) => blankXmp(data.length));
    else if (name === 'C2PA') yield* change(sight, length, (data) => Buffer.alloc(data.length));
    else yield* goOver(sight, length);
    yield* goOver(sight, length & 1);
  }
};

function* change(sight: Sight, length: number, scrub: (data: Buffer) => Uint8Array): Generator<number, void, void> {
  if (length > mostReadBytes) return yield* fill(sight, length);
  yield length;
  const data = sight.window.subarray(sight.at, Math.min(sight.window.length, sight.at + length));
  const scrubbed = scrub(data);
  if (data.equals(scrubbed)) return sight.pass(data.length);
  sight.put(scrubbed);
  sight.drop(data.length);
}

/** Some writers put before EXIF what belongs before it in a JPEG. */
function scrubWebpExif(data: Buffer): Uint8Array {
  const head = data.toString('latin1', 0, 6) === 'Exif\0\0' ? 6 : 0;
  return Buffer.concat([data.subarray(0, head), scrubExif(data.subarray(head))]);
}

function* fill(sight: Sight, length: number): Generator<number, void, void> {
  for (let left = length; left > 0;) {
    yield 1;
    if (sight.length === 0) return;
    const now = Math.min(left, sight.length, zeros.length);
    sight.put(zeros.subarray(0, now));
    sight.drop(now);
    left -= now;
  }
}
