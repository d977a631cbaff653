import type { ContentType } from '../../shared/domain/upload.ts';

export type Sniffed =
  | { name: 'photo'; contentType: ContentType }
  /** An image of a kind that no contract accepts; the name is for people. */
  | { name: 'other-image'; kind: string }
  | { name: 'not-an-image' };

/** Enough for every signature below, the brands of a HEIC file included. */
export const sniffBytes = 256;

const heicBrands = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs']);

/**
 * What a file is by its first bytes, whatever its name says. Never throws.
 *
 * Signatures: JFIF/Exif (ITU T.81), PNG (ISO 15948), RIFF/WebP (RFC 9649), HEIF brands (ISO 23008-12), TIFF 6.0.
 */
export function sniff(bytes: Uint8Array): Sniffed {
  const text = (start: number, length: number): string => Buffer.from(bytes.subarray(start, start + length)).toString('latin1');
  if (text(0, 3) === '\xff\xd8\xff') return photo('image/jpeg');
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return photo('image/png');
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return photo('image/webp');
  if (text(4, 4) === 'ftyp') return sniffBrands(bytes, text);
  if (/^GIF8[79]a/.test(text(0, 6))) return { name: 'other-image', kind: 'GIF' };
  if (text(0, 4) === 'II*\0' || text(0, 4) === 'MM\0*') return { name: 'other-image', kind: 'TIFF' };
  // "BM" alone begins many a text: the four reserved bytes of a bitmap are zero.
  if (text(0, 2) === 'BM' && text(6, 4) === '\0\0\0\0') return { name: 'other-image', kind: 'BMP' };
  if (text(0, 4) === '8BPS') return { name: 'other-image', kind: 'PSD' };
  if (text(0, 2) === '\xff\x0a' || text(4, 8) === 'JXL \r\n\x87\n') return { name: 'other-image', kind: 'JPEG XL' };
  return { name: 'not-an-image' };
}

function sniffBrands(bytes: Uint8Array, text: (start: number, length: number) => string): Sniffed {
  const boxBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  const end = Math.min(bytes.length, boxBytes, sniffBytes);
  const brands = [text(8, 4)];
  // The four bytes after the main brand are a version, not a brand.
  for (let at = 16; at + 4 <= end; at += 4) brands.push(text(at, 4));
  if (brands.some((brand) => heicBrands.has(brand))) return photo('image/heic');
  if (brands.includes('avif') || brands.includes('avis')) return { name: 'other-image', kind: 'AVIF' };
  // A video is in the same kind of box.
  return { name: 'not-an-image' };
}

function photo(contentType: ContentType): Sniffed {
  return { name: 'photo', contentType };
}
