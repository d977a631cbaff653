import { Tiff, type TiffEntry } from './tiff.ts';

const exifPointer = 0x8769;
const gpsPointer = 0x8825;
const interopPointer = 0xa005;
const orientation = 0x0112;
const dateTimeOriginal = 0x9003;
const offsetTimeOriginal = 0x9011;
const stripOffsets = 0x0111;
const stripByteCounts = 0x0117;
const thumbnailOffset = 0x0201;
const thumbnailBytes = 0x0202;
const pictureTags = [stripOffsets, stripByteCounts, thumbnailOffset, thumbnailBytes];

/**
 * [Note: what EXIF is kept] What is known to say neither where a photo was taken nor with which one of all devices: how the picture
 * is to be shown, when and with which settings it was taken, make and model, and what a person wrote. All else goes: the GPS
 * directory, BodySerialNumber, LensSerialNumber, CameraOwnerName, HostComputer (people name computers after themselves), MakerNote
 * (most makes keep a serial in it, some a place), DNG's private tags, XMP and IPTC inside EXIF, and whatever tag a maker has made up.
 * ImageUniqueID goes too: Sigma's begins with the camera's serial, Samsung's names the camera's module.
 *
 * Source of the numbers: Exif 3.0 (CIPA DC-008), TIFF 6.0; 0x4746, 0x4749 and 0x9c9b–0x9c9f are Windows' rating, title and comment,
 * 0xc4a5 is Print Image Matching.
 */
const keptTags: readonly (readonly [first: number, last: number])[] = [
  [0x00fe, 0x0103], [0x0106, 0x0107], [0x010a, 0x010a], [0x010d, 0x0112], [0x0115, 0x011d], [0x0128, 0x0129], [0x012d, 0x012d],
  [0x0131, 0x0132], [0x013b, 0x013b], [0x013d, 0x0140], [0x0152, 0x0153], [0x0211, 0x0214], [0x4746, 0x4746], [0x4749, 0x4749],
  [0x8298, 0x829d], [exifPointer, exifPointer], [0x8773, 0x8773], [0x8822, 0x8824], [0x8827, 0x882b], [0x8830, 0x8835],
  [0x9000, 0x9000], [0x9003, 0x9004], [0x9010, 0x9012], [0x9101, 0x9102], [0x9201, 0x920a], [0x9211, 0x9211], [0x9214, 0x9214], [0x9286, 0x9286], [0x9290, 0x9292], [0x9400, 0x9405],
  [0x9c9b, 0x9c9f], [0xa000, interopPointer], [0xa20b, 0xa217], [0xa300, 0xa302], [0xa401, 0xa40a], [0xa40c, 0xa40c],
  [0xa432, 0xa434], [0xa436, 0xa43c], [0xa460, 0xa462], [0xa500, 0xa500], [0xc4a5, 0xc4a5],
];
const keptInteropTags: typeof keptTags = [[0x0001, 0x0002], [0x1000, 0x1002]];

type Kind = 'first' | 'thumbnail' | 'exif' | 'interop';
interface Range { start: number; end: number; what: 'frame' | 'value' | 'gone' }
/** What is kept lies in `ranges`, the first of which is the directory itself; one with a successor has `next`, which may be 0. */
interface Directory { at: number; kept: TiffEntry[]; ranges: Range[]; next?: number }

/**
 * An EXIF block (a TIFF one, without `Exif\0\0`) without what tells the place or the device, of the same length and with all that is
 * kept where it was; the very block that was given where there is nothing to remove. What no kept entry refers to is filled with
 * zeros, so that nothing hides in what a program left behind.
 *
 * A block that is not wholly understood (directories in a circle, values that lie over each other or over what goes) is written anew
 * with nothing but the orientation and the time of taking, as far as these can be read, and is empty otherwise: better than to let a
 * place slip through. Never throws.
 */
export function scrubExif(block: Uint8Array): Uint8Array {
  const tiff = new Tiff(block);
  const directories = understood(tiff);
  const kept = directories && keptOnly(tiff, directories);
  const scrubbed = kept && isClean(kept) ? kept : essence(tiff);
  return scrubbed.equals(block) ? block : scrubbed;
}

/** What is kept of a damaged block may read as something else once its neighbours have moved up: then it was not understood after all. */
function isClean(kept: Buffer): boolean {
  const tiff = new Tiff(kept);
  const directories = understood(tiff);
  return directories !== undefined && keptOnly(tiff, directories).equals(kept);
}

function holdsMetadata(jpeg: Buffer): boolean {
  return ['Exif\0', 'http://ns.adobe.com/', 'Photoshop 3.0'].some((mark) => jpeg.includes(mark, 0, 'latin1'));
}

function understood(tiff: Tiff): Directory[] | undefined {
  const first = tiff.firstDirectory;
  const found: Directory[] = [];
  const gone: Range[] = [];

  function add(at: number | undefined, kind: Kind): boolean {
    if (at === undefined || at < 8 || found.some((one) => one.at === at) || found.length > 3) return false;
    const count = tiff.uint16(at);
    const entries = tiff.entries(at);
    // Some writers leave out what follows a directory that has no successor.
    const hasNext = kind === 'first' || kind === 'thumbnail';
    const end = at + 2 + entries.length * 12 + (hasNext ? 4 : 0);
    if (count === undefined || entries.length !== count || end > tiff.bytes.length) return false;
    const pictures = kind === 'thumbnail' ? thumbnail(tiff, entries) : [];
    if (!pictures) return false;
    const kept = sifted(entries, kind).filter((entry) => entry.tag !== interopPointer || add(tiff.pointer(entry), 'interop'));
    for (const entry of entries) if (!kept.includes(entry)) gone.push(...goneWith(tiff, entry));
    const directory: Directory = { at, kept, ranges: [{ start: at, end, what: 'frame' }, ...kept.flatMap(rangeOf), ...pictures] };
    found.push(hasNext ? { ...directory, next: 0 } : directory);
    const exif = kept.find((entry) => entry.tag === exifPointer);
    return !exif || add(tiff.pointer(exif), 'exif');
  }

  if (!add(first, 'first')) return undefined;
  const next = tiff.uint32(found[0]!.ranges[0]!.end - 4);
  // What is no directory is cut off, and so is all that comes after the thumbnail's.
  if (next && add(next, 'thumbnail')) found[0]!.next = next;
  return lieOverEachOther([{ start: 0, end: 8, what: 'frame' }, ...found.flatMap((one) => one.ranges), ...gone]) ? undefined : found;
}

function sifted(entries: readonly TiffEntry[], kind: Kind): TiffEntry[] {
  const tags = kind === 'interop' ? keptInteropTags : keptTags;
  const seen = new Set<number>();
  return entries.filter((entry) => {
    // Readers differ in which of two alike they believe.
    const again = seen.has(entry.tag);
    seen.add(entry.tag);
    if (again || entry.valueBytes === 0) return false;
    if (pictureTags.includes(entry.tag)) return kind === 'thumbnail';
    if (entry.tag === exifPointer) return kind === 'first';
    if (entry.tag === interopPointer) return kind === 'exif';
    return tags.some(([first, last]) => entry.tag >= first && entry.tag <= last);
  });
}

/** Where the small picture lies; nothing where it is not all there, or holds metadata of its own: then its directory goes too. */
function thumbnail(tiff: Tiff, entries: readonly TiffEntry[]): Range[] | undefined {
  const numbers = (tag: number): number[] => tiff.numbers(entries.find((entry) => entry.tag === tag));
  const starts = [...numbers(thumbnailOffset), ...numbers(stripOffsets)];
  const lengths = [...numbers(thumbnailBytes), ...numbers(stripByteCounts)];
  if (starts.length !== lengths.length || starts.length > 1000) return undefined;
  const ranges = starts.map((start, index) => ({ start, end: start + lengths[index]!, what: 'frame' as const }));
  // More bytes than there are lie over each other, and looking through them all could take a minute.
  if (ranges.reduce((sum, { start, end }) => sum + end - start, 0) > tiff.bytes.length) return undefined;
  const whole = ranges.every(({ start, end }) => end <= tiff.bytes.length && !holdsMetadata(tiff.bytes.subarray(start, end)));
  return whole ? ranges : undefined;
}

function rangeOf({ at, valueAt, valueBytes }: TiffEntry): Range[] {
  return valueAt === at + 8 ? [] : [{ start: valueAt, end: valueAt + valueBytes, what: 'value' }];
}

/** What goes with an entry that goes: nothing that is kept may lie there. */
function goneWith(tiff: Tiff, entry: TiffEntry): Range[] {
  const ranges = rangeOf(entry);
  const directory = entry.tag === gpsPointer ? tiff.pointer(entry) : undefined;
  if (directory !== undefined) {
    const entries = tiff.entries(directory);
    if (entries.length > 0) ranges.push({ start: directory, end: directory + 2 + entries.length * 12, what: 'gone' }, ...entries.flatMap(rangeOf));
  }
  return ranges.map(({ start, end }) => ({ start, end, what: 'gone' }));
}

/**
 * What goes may lie over other things that go: a MakerNote is what it is. Values that are kept may share bytes: writers save room, and
 * GoPro's fractions are four bytes too near to each other.
 */
function lieOverEachOther(ranges: readonly Range[]): boolean {
  const ends = { frame: 0, value: 0, gone: 0 };
  for (const { start, end, what } of ranges.filter((range) => range.end > range.start).toSorted((one, other) => one.start - other.start)) {
    if ((['frame', 'value', 'gone'] as const).some((other) => (other !== what || what === 'frame') && start < ends[other])) return true;
    ends[what] = Math.max(ends[what], end);
  }
  return false;
}

function keptOnly(tiff: Tiff, directories: readonly Directory[]): Buffer {
  const target = Buffer.alloc(tiff.bytes.length);
  tiff.bytes.copy(target, 0, 0, 8);
  for (const { at, kept, next, ranges } of directories) {
    for (const { start, end } of ranges.slice(1)) tiff.bytes.copy(target, start, start, end);
    tiff.writeUint16(target, kept.length, at);
    kept.forEach((entry, index) => tiff.bytes.copy(target, at + 2 + index * 12, entry.at, entry.at + 12));
    if (next !== undefined) tiff.writeUint32(target, next, at + 2 + kept.length * 12);
  }
  return target;
}

/** An EXIF block of the same length with orientation and time of taking, as far as they can be read and there is room. */
function essence(tiff: Tiff): Buffer {
  const first = tiff.firstDirectory;
  const exif = tiff.pointer(tiff.find(first, exifPointer));
  const turned = tiff.numbers(tiff.find(first, orientation))[0];
  const taken = tiff.text(tiff.find(exif, dateTimeOriginal), 19);
  const offset = tiff.text(tiff.find(exif, offsetTimeOriginal), 6);

  const times = [
    ...(taken && /^[\d: ]{19}$/.test(taken) ? [{ tag: dateTimeOriginal, text: `${taken}\0` }] : []),
    ...(offset && /^[+-]\d\d:\d\d$/.test(offset) ? [{ tag: offsetTimeOriginal, text: `${offset}\0` }] : []),
  ];
  const entries: { tag: number; type: number; count: number; value: number }[] = [];
  if (turned !== undefined && turned >= 1 && turned <= 8) entries.push({ tag: orientation, type: 3, count: 1, value: turned * 0x1_0000 });
  if (times.length > 0) entries.push({ tag: exifPointer, type: 4, count: 1, value: 8 + 6 + (entries.length + 1) * 12 });

  const pieces = [Buffer.from('MM\0*\0\0\0\x08', 'latin1'), directoryOf(entries)];
  let textAt = 8 + 6 + entries.length * 12 + 6 + times.length * 12;
  pieces.push(times.length === 0 ? Buffer.alloc(0) : directoryOf(times.map(({ tag, text }) => {
    textAt += text.length;
    return { tag, type: 2, count: text.length, value: textAt - text.length };
  })));
  pieces.push(...times.map(({ text }) => Buffer.from(text, 'latin1')));

  const target = Buffer.alloc(tiff.bytes.length);
  const whole = Buffer.concat(pieces);
  if (whole.length <= target.length) whole.copy(target);
  else if (target.length >= 14) pieces[0]!.copy(target);
  return target;
}

function directoryOf(entries: readonly { tag: number; type: number; count: number; value: number }[]): Buffer {
  const bytes = Buffer.alloc(6 + entries.length * 12);
  bytes.writeUInt16BE(entries.length, 0);
  entries.forEach(({ tag, type, count, value }, index) => {
    const at = 2 + index * 12;
    bytes.writeUInt16BE(tag, at);
    bytes.writeUInt16BE(type, at + 2);
    bytes.writeUInt32BE(count, at + 4);
    bytes.writeUInt32BE(value, at + 8);
  });
  return bytes;
}
