import { scrubExif } from './scrub-exif.ts';
import { blankXmp } from './scrub-text-blocks.ts';
import { goOver, type Filter } from './sight.ts';

const exifMark = 'Exif\0\0';
const xmpType = 'application/rdf+xml';
/** What comes before the list of items is held until that is read: some hundred bytes, but for writers that put the picture first. */
const mostHeldBytes = 64 * 1024 * 1024;
/** A list of items is some kilobytes long; a small picture may lie in it too. */
const mostListBytes = 8 * 1024 * 1024;
const mostExtents = 100_000;

interface Item { kind: 'exif' | 'xmp'; extents: { start: number; length: number }[] }
interface Patch { start: number; length: number; change: (data: Buffer) => Uint8Array }

/**
 * A HEIC without what tells the place or the device, of the same length: its EXIF item in place (see [Note: what EXIF is kept]), its
 * XMP item blank. Both are found through the list of items; an EXIF item in several parts is filled with zeros, for the picture's
 * orientation is not in it. Left as they are: items that refer to other items, and a motion photo's video.
 *
 * Source: ISO 14496-12 (`meta`, `iinf`, `iloc`), ISO 23008-12 annex A (EXIF and XMP items).
 */
export const heicWithoutLocation: Filter = function* (sight) {
  let at = 0;
  let end = 0;
  for (let name = ''; name !== 'meta'; ) {
    at = end;
    yield at + 16;
    const box = at > mostHeldBytes ? undefined : boxAt(sight.window.subarray(sight.at), at);
    if (!box) return;
    ({ name, end } = box);
  }
  if (end - at > mostListBytes) return;
  yield end;
  const patches = readItems(sight.window.subarray(sight.at, sight.at + end), at).flatMap(patchesOf).toSorted((one, other) => one.start - other.start);

  let position = 0;
  for (const { start, length, change } of patches) {
    // Nobody makes parts that lie over each other: of the second one only the rest is looked at, and not understood.
    const from = Math.max(start, position);
    if (from >= start + length || length > mostHeldBytes) continue;
    yield* goOver(sight, from - position);
    yield start + length - from;
    const data = sight.window.subarray(sight.at, Math.min(sight.window.length, sight.at + start + length - from));
    const changed = change(data);
    if (!data.equals(changed)) {
      sight.put(changed);
      sight.drop(data.length);
    } else sight.pass(data.length);
    position = from + data.length;
  }
};

function patchesOf({ kind, extents }: Item): Patch[] {
  const whole = extents.length === 1;
  return extents.map((extent) => ({ ...extent, change: (data) => (kind === 'xmp' ? blankXmp(data.length) : whole ? scrubItem(data) : Buffer.alloc(data.length)) }));
}

/** Four bytes say how far on the TIFF block begins; between lies nothing, or what comes before EXIF in a JPEG. */
function scrubItem(data: Buffer): Buffer {
  const head = data.length < 4 ? data.length : 4 + data.readUInt32BE(0);
  const between = data.toString('latin1', 4, head);
  if (head > data.length || (between !== '' && between !== exifMark)) return Buffer.alloc(data.length);
  return Buffer.concat([data.subarray(0, head), scrubExif(data.subarray(head))]);
}

interface Box { name: string; dataAt: number; end: number }

function boxAt(bytes: Buffer, at: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const short = bytes.readUInt32BE(at);
  if (short === 1 && at + 16 > bytes.length) return undefined;
  const size = short === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : short;
  const dataAt = at + (short === 1 ? 16 : 8);
  // A box that goes on to the end of the file has size 0; nothing is found after it.
  return size < dataAt - at ? undefined : { name: bytes.toString('latin1', at + 4, at + 8), dataAt, end: at + size };
}

function boxesIn(bytes: Buffer, from: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < end;) {
    const box = boxAt(bytes, at);
    if (!box || box.end > end) break;
    boxes.push(box);
    at = box.end;
  }
  return boxes;
}

/** @param metaAt where in the bytes, which begin as the file does and end with it, the list of items lies. */
function readItems(bytes: Buffer, metaAt: number): Item[] {
  const meta = boxAt(bytes, metaAt);
  if (!meta || meta.end > bytes.length) return [];
  // Version and flags come first.
  const boxes = new Map(boxesIn(bytes, meta.dataAt + 4, meta.end).map((box) => [box.name, box]));
  const [infos, places] = [boxes.get('iinf'), boxes.get('iloc')];
  if (!infos || !places) return [];
  try {
    const kinds = readKinds(bytes, infos);
    return readPlaces(new Reader(bytes, places), boxes.get('idat')?.dataAt).flatMap(({ id, extents }) => {
      const kind = kinds.get(id);
      return kind ? [{ kind, extents }] : [];
    });
  } catch (error) {
    // A list that ends too soon: nobody can show the picture.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function readKinds(bytes: Buffer, infos: Box): Map<number, Item['kind']> {
  const kinds = new Map<number, Item['kind']>();
  const countBytes = bytes[infos.dataAt] === 0 ? 2 : 4;
  for (const box of boxesIn(bytes, infos.dataAt + 4 + countBytes, infos.end)) {
    const reader = new Reader(bytes, box);
    const version = reader.number(1);
    reader.number(3);
    if (box.name !== 'infe' || version < 2) continue;
    const id = reader.number(version === 2 ? 2 : 4);
    reader.number(2);
    const type = reader.text(4);
    if (type === 'Exif') kinds.set(id, 'exif');
    if (type === 'mime' && reader.rest().split('\0')[1] === xmpType) kinds.set(id, 'xmp');
  }
  return kinds;
}

function readPlaces(reader: Reader, idatAt: number | undefined): { id: number; extents: Item['extents'] }[] {
  const version = reader.number(1);
  reader.number(3);
  const [sizes, moreSizes] = [reader.number(1), reader.number(1)];
  const [offsetBytes, lengthBytes, baseBytes, indexBytes] = [sizes >> 4, sizes & 15, moreSizes >> 4, version > 0 ? moreSizes & 15 : 0];
  const count = reader.number(version < 2 ? 2 : 4);
  const items: { id: number; extents: Item['extents'] }[] = [];
  let extentsLeft = mostExtents;
  for (let index = 0; index < count; index += 1) {
    const id = reader.number(version < 2 ? 2 : 4);
    const method = version > 0 ? reader.number(2) & 15 : 0;
    reader.number(2);
    const base = reader.number(baseBytes) + (method === 1 ? idatAt ?? NaN : 0);
    const extentCount = reader.number(2);
    extentsLeft -= extentCount;
    // They need not have any bytes, so the box alone does not bound them.
    if (extentsLeft < 0) throw new RangeError('too many parts');
    const extents = Array.from({ length: extentCount }, () => {
      reader.number(indexBytes);
      return { start: base + reader.number(offsetBytes), length: reader.number(lengthBytes) };
    });
    if (method < 2 && !Number.isNaN(base)) items.push({ id, extents });
  }
  return items;
}

/** Reads a box's data from the front. @throws RangeError at its end */
class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, box: Box) {
    this.#bytes = bytes;
    this.#at = box.dataAt;
    this.#end = box.end;
  }

  /** Of 0 to 8 bytes. */
  number(length: number): number {
    let value = 0;
    for (const byte of this.#take(length)) value = value * 256 + byte;
    return value;
  }

  text(length: number): string {
    return this.#take(length).toString('latin1');
  }

  rest(): string {
    return this.text(this.#end - this.#at);
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#end) throw new RangeError('the box ends');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
