import { isUtf8 } from 'node:buffer';
import { assertNever } from '../../../shared/assert-never.ts';
import { scrubExif } from './scrub-exif.ts';
import { blankXmp, scrubResources } from './scrub-text-blocks.ts';
import type { Filter, Sight } from './sight.ts';

const exifMark = 'Exif\0\0';
const xmpMark = 'http://ns.adobe.com/xap/1.0/\0';
const longXmpMark = 'http://ns.adobe.com/xmp/extension/\0';
const photoshopMark = 'Photoshop 3.0\0';
/** A GUID, the whole length and this piece's place in it. */
const longXmpHeaderBytes = 40;
const longestMark = longXmpMark.length;

/**
 * [Note: application segments] What begins an application segment that is known to hold neither a place nor a serial. Every other one
 * is filled with zeros, its length kept: makers put what they like there (serial numbers in Olympus' APP12, a position in Ricoh's APP5
 * and GoPro's APP6, both in Kodak's APP3 and FlashPix' APP2). Of APP11 only JUMBF goes, which is where a C2PA statement of origin is
 * kept: it would not be true of the changed file, and names the device. JPEG XT's layers there stay, and so do the measured
 * temperatures of thermal cameras in APP1, which are the picture itself: a FLIR camera's serial lies among them.
 */
const harmless: Record<number, readonly string[]> = {
  0xe0: ['JFIF\0', 'JFXX\0'], 0xe1: ['FLIR\0'], 0xe2: ['ICC_PROFILE\0', 'MPF\0', 'urn:iso:std:iso:ts:21496'], 0xe8: ['SPIFF\0'], 0xea: ['AROT'],
  0xec: ['Ducky'], 0xed: ['Adobe_CM'], 0xee: ['Adobe'],
};

const comment = 0xfe;
const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/**
 * A JPEG's application segments without what tells the place or the device, each of the same length, and its comments as zeros: who
 * writes one may put anything there. Everything else is as it is, the picture's own bytes above all. So nothing moves, and offsets
 * from one part of the file into another hold.
 *
 * After the first scan begins nothing has a length to be followed, so marks are looked for: an EXIF or XMP segment or a comment
 * between scans, and, after the end of the picture, further JPEGs (previews, depth and gain maps, the pictures of a burst) and the place in a video
 * (a motion photo). Other bytes after the end stay.
 *
 * Source: ITU T.81, Exif 3.0, XMP Part 3, CIPA DC-007 (MPF), ISO 14496-12 and 3GPP TS 26.244 (`loci`).
 */
export const jpegWithoutLocation: Filter = function* (sight) {
  yield 3;
  if (!(yield* header(sight, 'main'))) return;
  yield* picturesAndRest(sight);
};

/**
 * Stray bytes between segments are skipped as decoders skip them (libjpeg, `next_marker`): up to the next `ff` that neither another
 * nor zero follows. So what a decoder still shows, and a reader still reads, is met here too.
 *
 * @returns whether there is anything after it. An embedded header is only believed as far as each segment ends where a marker is.
 */
function* header(sight: Sight, where: 'main' | 'embedded'): Generator<number, boolean, void> {
  sight.pass(Math.min(2, sight.length));
  for (;;) {
    if (sight.length < 4) yield 4;
    if (sight.length < 2) return false;
    const { window, at } = sight;
    const marker = window[at + 1]!;
    if (window[at] !== 0xff || marker === 0) {
      if (where === 'embedded') return true;
      const next = window.indexOf(0xff, window[at] === 0xff ? at + 2 : at + 1);
      sight.pass((next < 0 ? window.length : next) - at);
      continue;
    }
    if (marker === 0xff) { sight.pass(1); continue; }
    if (marker === startOfScan || marker === endOfImage) return true;
    if (marker === 0x01 || (marker >= 0xd0 && marker <= startOfImage)) { sight.pass(2); continue; }
    if (sight.length < 4) return false;
    const length = window.readUInt16BE(at + 2);
    if (length < 2) {
      sight.pass(2);
      if (where === 'embedded') return true;
      continue;
    }
    if (sight.length < length + 3) yield length + 3;
    if (where === 'embedded' && sight.window[sight.at + length + 2] !== 0xff) return true;
    segment(sight, length);
  }
}

/** The segment that is in sight, as far as the file has it. */
function segment(sight: Sight, length: number): void {
  const whole = sight.window.subarray(sight.at, Math.min(sight.window.length, sight.at + 2 + length));
  const payload = whole.subarray(4);
  const scrubbed = scrubSegment(whole[1]!, payload);
  if (scrubbed.equals(payload)) {
    sight.pass(whole.length);
    return;
  }
  sight.pass(4);
  sight.put(scrubbed);
  sight.drop(payload.length);
}

function scrubSegment(marker: number, payload: Buffer): Buffer {
  if (marker === comment) return Buffer.alloc(payload.length);
  const isApplication = marker >= 0xe0 && marker <= 0xef;
  if (!isApplication || harmless[marker]?.some((mark) => begins(payload, mark))) return payload;
  if (marker === 0xe1 && begins(payload, exifMark)) return withHead(payload, exifMark.length, scrubExif);
  if (marker === 0xe1 && begins(payload, xmpMark)) return withHead(payload, xmpMark.length, (rest) => blankXmp(rest.length));
  if (marker === 0xe1 && begins(payload, longXmpMark)) return withHead(payload, longXmpMark.length + longXmpHeaderBytes, (rest) => Buffer.alloc(rest.length, ' '));
  if (marker === 0xed && begins(payload, photoshopMark)) return withHead(payload, photoshopMark.length, scrubResources);
  if (marker === 0xeb && payload.toString('latin1', 12, 16) !== 'jumb') return payload;
  return Buffer.alloc(payload.length);
}

function begins(payload: Buffer, mark: string): boolean {
  return payload.toString('latin1', 0, mark.length) === mark;
}

function withHead(payload: Buffer, headBytes: number, change: (rest: Buffer) => Uint8Array): Buffer {
  return Buffer.concat([payload.subarray(0, headBytes), change(payload.subarray(headBytes))]);
}

type Needle = 'application1' | 'comment' | 'end' | 'picture' | 'userDataPlace' | 'mobilePlace';
const needles: Record<Needle, Buffer> = {
  application1: Buffer.from([0xff, 0xe1]), comment: Buffer.from([0xff, comment]), end: Buffer.from([0xff, endOfImage]), picture: Buffer.from([0xff, startOfImage, 0xff]),
  userDataPlace: Buffer.from('\xa9xyz', 'latin1'), mobilePlace: Buffer.from('loci', 'latin1'),
};
// Each costs a walk over all bytes, so within a picture only what can be there is looked for.
const withinPicture: readonly Needle[] = ['application1', 'comment', 'end'];
const afterPicture: readonly Needle[] = ['application1', 'picture', 'userDataPlace', 'mobilePlace'];
/** The size of a box stands before its name. */
const sizeBytes = 4;
const longestNeedle = 4;
const mostBoxBytes = 1024;

function* picturesAndRest(sight: Sight): Generator<number, void, void> {
  const places = new Places(sight, withinPicture);
  for (;;) {
    const found = places.next();
    if (!found) {
      // Half a needle may lie at the end of what is in sight, and the size of a box whose name comes next.
      sight.pass(Math.max(0, sight.length - (sizeBytes + longestNeedle - 1)));
      const inSight = sight.length;
      yield inSight + 1;
      if (sight.length === inSight) return;
      continue;
    }
    sight.pass(Math.max(0, found.at - sizeBytes - sight.at));
    const ahead = found.at - sight.at;
    switch (found.needle) {
      case 'application1':
        // Before anything that costs: a file may be made of nothing but this marker.
        if (mayBeMark(sight.window[found.at + 4])) yield* looseSegment(sight, ahead); else sight.pass(ahead + 1);
        break;
      case 'comment':
        if (mayBeText(sight.window[found.at + 4])) yield* looseComment(sight, ahead); else sight.pass(ahead + 1);
        break;
      case 'end': sight.pass(ahead + 2); places.needles = afterPicture; break;
      case 'picture':
        sight.pass(ahead);
        if (!(yield* header(sight, 'embedded'))) return;
        if (sight.window[sight.at] === 0xff && sight.window[sight.at + 1] === startOfScan) places.needles = withinPicture;
        break;
      case 'userDataPlace': case 'mobilePlace': yield* box(sight, ahead); break;
      default: assertNever(found.needle);
    }
  }
}

/** Absent where it is not in sight yet. */
function mayBeMark(firstByte: number | undefined): boolean {
  return firstByte === undefined || firstByte === exifMark.charCodeAt(0) || firstByte === xmpMark.charCodeAt(0);
}

/** A segment met without a header that leads to it is believed by how it begins. */
function* looseSegment(sight: Sight, ahead: number): Generator<number, void, void> {
  sight.pass(ahead);
  if (sight.length < 4 + longestMark) yield 4 + longestMark;
  const start = sight.window.subarray(sight.at + 4, sight.at + 4 + longestMark);
  const mark = [exifMark, xmpMark, longXmpMark].find((one) => begins(start, one));
  if (mark === undefined) return sight.pass(1);
  const length = sight.window.readUInt16BE(sight.at + 2);
  if (length < 2 + mark.length) return sight.pass(1);
  yield length + 2;
  segment(sight, length);
}

/** Absent where it is not in sight yet. */
function mayBeText(byte: number | undefined): boolean {
  return byte === undefined || (byte >= 0x20 && byte !== 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** A comment has no mark of its own, so one met without a header that leads to it is believed where it is a text and a marker follows. */
function* looseComment(sight: Sight, ahead: number): Generator<number, void, void> {
  sight.pass(ahead);
  if (sight.length < 4) yield 4;
  if (sight.length < 4) return sight.pass(1);
  const length = sight.window.readUInt16BE(sight.at + 2);
  if (sight.length < length + 3) yield length + 3;
  const isFollowed = sight.window[sight.at + length + 2] === 0xff;
  if (isFollowed && isText(sight.window.subarray(sight.at + 4, sight.at + 2 + length))) segment(sight, length);
  else sight.pass(1);
}

const leastText = 4;

/** Letters, in UTF-8 or mostly ASCII, and a zero or some at the end. */
function isText(bytes: Buffer): boolean {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  const letters = bytes.subarray(0, end);
  return end >= leastText && letters.every(mayBeText) && (isUtf8(letters) || letters.filter((byte) => byte >= 0x80).length <= end / 4);
}

/** A box of a video that holds its place becomes one of the same size that is known to hold nothing. */
function* box(sight: Sight, ahead: number): Generator<number, void, void> {
  const size = ahead < sizeBytes ? 0 : sight.window.readUInt32BE(sight.at + ahead - sizeBytes);
  if (size > 20 && size <= mostBoxBytes) {
    sight.pass(ahead - sizeBytes);
    yield size;
    const whole = sight.window.subarray(sight.at, sight.at + size);
    if (whole.length === size && saysPlace(whole)) {
      const free = Buffer.alloc(size);
      free.writeUInt32BE(size);
      free.write('free', 4, 'latin1');
      sight.put(free);
      return sight.drop(size);
    }
    return sight.pass(sizeBytes + 1);
  }
  sight.pass(ahead + 1);
}

/** `+40.4168-003.7038/` in a text of a stated length, or 3GPP's box with neither version nor flags. */
function saysPlace(whole: Buffer): boolean {
  if (whole.toString('latin1', 4, 8) === 'loci') return whole.readUInt32BE(8) === 0;
  return whole.readUInt16BE(8) + 12 <= whole.length && /^[+-]\d[\d.]*[+-]\d/.test(whole.toString('latin1', 12));
}

/** Where the next needle is in what is in sight. A needle is not looked for again in bytes that it is known not to be in. */
class Places {
  needles: readonly Needle[];
  readonly #sight: Sight;
  #window: Buffer | undefined;
  readonly #at = new Map<Needle, number>();

  constructor(sight: Sight, needles: readonly Needle[]) {
    this.#sight = sight;
    this.needles = needles;
  }

  next(): { needle: Needle; at: number } | undefined {
    const { window, at } = this.#sight;
    if (window !== this.#window) this.#at.clear();
    this.#window = window;
    let first: { needle: Needle; at: number } | undefined;
    for (const needle of this.needles) {
      let place = this.#at.get(needle) ?? -1;
      if (place < at) {
        const found = window.indexOf(needles[needle], at);
        place = found < 0 ? Infinity : found;
        this.#at.set(needle, place);
      }
      if (place < (first?.at ?? Infinity)) first = { needle, at: place };
    }
    return first;
  }
}
