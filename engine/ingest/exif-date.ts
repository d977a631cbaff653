import type { ContentType } from '../../shared/domain/upload.ts';
import { Tiff } from './metadata/tiff.ts';

const dateTimeOriginal = 0x9003;
const offsetTimeOriginal = 0x9011;
const exifDirectory = 0x8769;

/**
 * When the photo was taken, by its EXIF `DateTimeOriginal`, as far as that lies in the bytes given (the first of the file).
 * `YYYY-MM-DDTHH:MM:SS`, with the offset from UTC where the camera wrote one. Never throws; best effort, decides nothing.
 *
 * Source: Exif 2.32 (CIPA DC-008), TIFF 6.0.
 */
export function exifDate(bytes: Uint8Array, contentType: ContentType): string | undefined {
  const tiff = findTiff(bytes, contentType);
  return tiff && readDate(new Tiff(tiff));
}

function findTiff(bytes: Uint8Array, contentType: ContentType): Uint8Array | undefined {
  switch (contentType) {
    case 'image/jpeg': return inJpeg(bytes);
    case 'image/png': return inPng(bytes);
    case 'image/webp': return inWebp(bytes);
    case 'image/heic': return afterMark(bytes);
  }
}

function inJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) { at += 1; continue; }
    // From here on it is the picture itself.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const length = view.getUint16(at + 2);
    if (length < 2) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && latin(segment, 0, 6) === 'Exif\0\0') return segment.subarray(6);
    at += 2 + length;
  }
  return undefined;
}

function inPng(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 8; at + 8 <= bytes.length;) {
    const length = view.getUint32(at);
    if (latin(bytes, at + 4, 4) === 'eXIf') return bytes.subarray(at + 8, at + 8 + length);
    at += 12 + length;
  }
  return undefined;
}

function inWebp(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    if (latin(bytes, at, 4) === 'EXIF') {
      const data = bytes.subarray(at + 8, at + 8 + length);
      return latin(data, 0, 6) === 'Exif\0\0' ? data.subarray(6) : data;
    }
    at += 8 + length + (length & 1);
  }
  return undefined;
}

/** HEIC keeps its EXIF anywhere, found through several boxes; its mark is rare enough to look for by itself. */
function afterMark(bytes: Uint8Array): Uint8Array | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const mark of ['Exif\0\0II*\0', 'Exif\0\0MM\0*']) {
    const at = buffer.indexOf(mark, 0, 'latin1');
    if (at >= 0) return bytes.subarray(at + 6);
  }
  return undefined;
}

function readDate(tiff: Tiff): string | undefined {
  const exif = tiff.pointer(tiff.find(tiff.firstDirectory, exifDirectory));
  const text = tiff.text(tiff.find(exif, dateTimeOriginal), 19);
  const found = text && /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1) as [string, string, string, string, string, string];
  const instant = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // A camera whose clock was never set writes zeros; a 31st of February comes back as another day.
  if (Number(year) < 1900 || Number.isNaN(instant.getTime()) || instant.getUTCDate() !== Number(day)) return undefined;
  const offset = tiff.text(tiff.find(exif, offsetTimeOriginal), 6);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${offset && /^[+-](0\d|1[0-4]):[0-5]\d$/.test(offset) ? offset : ''}`;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function latin(bytes: Uint8Array, start: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, start + length);
}
