/**
 * @file Photos for tests, demonstrations and measurements: real JPEG, PNG and WebP files with real EXIF, the same for the
 * same seed on every computer with the same libvips. They show nobody: a shape on a skin-coloured ground beside a colour card.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp, { type Exif } from 'sharp';

export type PhotoFormat = 'jpeg' | 'png' | 'webp';

export interface PhotoOptions {
  /** Any text or number; another seed is another photo. */
  seed: string | number;
  format?: PhotoFormat;
  /** In pixels. */
  width?: number;
  height?: number;
  /** The file's exact length, in bytes, where the picture itself is not longer. Made up with noise that viewers pass over. */
  sizeBytes?: number;
  /** JPEG: in several passes, as websites have it. */
  progressive?: boolean;
  /** `false` for none at all. */
  exif?: false | ExifOptions;
}

export interface ExifOptions {
  /** Local time as cameras write it, `YYYY:MM:DD HH:MM:SS`. */
  capturedAt?: string;
  /** `+02:00`. */
  offset?: string;
  /** 1 to 8. */
  orientation?: number;
  /** Degrees, north and east positive; `false` for none. */
  gps?: false | { latitude: number; longitude: number };
  make?: string;
  model?: string;
  serial?: string;
}

/** Nothing that is removed before sending: what arrives can be compared with the file. */
const testPhotoExif = {
  capturedAt: '2026:03:14 09:26:53', offset: '+01:00', orientation: 6, make: 'Relevo', model: 'Test camera',
} as const satisfies ExifOptions;

/** Besides, what is removed before sending: a place and the camera's serial number. */
export const privateExif = { gps: { latitude: 40.416775, longitude: -3.70379 }, serial: 'SN-0042-PRIVATE' } as const satisfies ExifOptions;

/** One photo. 10–60 ms at the usual 1200 × 900, whatever its length. */
export async function makePhoto(options: PhotoOptions): Promise<Buffer> {
  const { format = 'jpeg', width = 1200, height = 900 } = options;
  const noise = noiseOf(String(options.seed));
  // Drawn small, then enlarged: drawing is what takes time, not pixels. In two steps, or it is drawn large after all.
  const { data, info } = await sharp(picture(noise(64), 320, Math.round((320 * height) / width))).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let image = sharp(data, { raw: info }).resize(width, height, { fit: 'fill', kernel: 'cubic' });
  if (options.exif !== false) {
    const exif = { ...testPhotoExif, ...options.exif };
    image = image.withExif(exifOf(exif)).withMetadata({ orientation: exif.orientation });
  }
  if (format === 'jpeg') image = image.jpeg({ quality: 88, progressive: options.progressive ?? false });
  else if (format === 'png') image = image.png({ compressionLevel: 1 });
  else image = image.webp({ quality: 85, effort: 0 });
  const bytes = await image.toBuffer();
  return options.sizeBytes === undefined ? bytes : lengthened(bytes, format, options.sizeBytes, noise);
}

export interface WrittenPhoto {
  path: string;
  fileName: string;
  sizeBytes: number;
  sha256: string;
}

/**
 * Writes photos `<prefix>0001.jpg` … into a folder, which it makes.
 *
 * @param sizeOf length of the n-th in bytes; by default what the picture needs.
 */
export async function writePhotos(
  directory: string,
  count: number,
  options: Omit<PhotoOptions, 'sizeBytes'> & { prefix?: string; sizeOf?: (index: number) => number },
): Promise<WrittenPhoto[]> {
  await mkdir(directory, { recursive: true });
  const written: WrittenPhoto[] = [];
  const extension = options.format === 'png' ? 'png' : options.format === 'webp' ? 'webp' : 'jpg';
  for (let index = 0; index < count; index += 1) {
    const bytes = await makePhoto({ ...options, seed: `${options.seed}/${index}`, sizeBytes: options.sizeOf?.(index) });
    const fileName = `${options.prefix ?? 'IMG_'}${String(index + 1).padStart(4, '0')}.${extension}`;
    const path = join(directory, fileName);
    await writeFile(path, bytes);
    written.push({ path, fileName, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return written;
}

/** Lengths between two bounds, most of them small, as cameras and telephones make them. In bytes. */
export function spreadSizes(seed: string | number, leastBytes: number, mostBytes: number): (index: number) => number {
  return (index) => {
    const unit = createHash('sha256').update(`${seed}:${index}`).digest().readUInt32BE() / 2 ** 32;
    return Math.round(leastBytes * (mostBytes / leastBytes) ** unit);
  };
}

/** As many bytes as asked for, that nothing can compress, from a seed; a gigabyte a second. */
function noiseOf(seed: string): (bytes: number) => Buffer {
  const cipher = createCipheriv('aes-128-ctr', createHash('sha256').update(seed).digest().subarray(0, 16), Buffer.alloc(16));
  return (bytes) => cipher.update(Buffer.alloc(bytes));
}

/** With a little of the seed in every measure. */
function picture(noise: Buffer, width: number, height: number): Buffer {
  const pick = (index: number, least: number, most: number): number => least + (noise[index]! / 255) * (most - least);
  const skin = `hsl(${pick(0, 14, 32)} ${pick(1, 28, 52)}% ${pick(2, 38, 76)}%)`;
  const shade = `hsl(${pick(3, 8, 24)} ${pick(4, 30, 50)}% ${pick(5, 28, 52)}%)`;
  const [x, y, turn] = [pick(6, 35, 65), pick(7, 35, 65), pick(8, 0, 180)];
  const spots = Array.from({ length: 14 }, (_, index) =>
    `<circle cx="${pick(16 + index, 5, 95)}%" cy="${pick(30 + index, 5, 95)}%" r="${pick(44 + index, 2, 14)}%" fill="${shade}" opacity="0.10"/>`).join('');
  const card = ['#1a1a1a', '#808080', '#f2f2f2', '#b03a2e', '#2e7d32', '#1565c0'].map((fill, index) =>
    `<rect x="${4 + index * 4}%" y="90%" width="4%" height="5%" fill="${fill}"/>`).join('');
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      <radialGradient id="ground" cx="${x}%" cy="${y}%" r="80%"><stop offset="0" stop-color="${skin}"/><stop offset="1" stop-color="${shade}"/></radialGradient>
      <radialGradient id="mark"><stop offset="0" stop-color="hsl(${pick(9, 340, 370)} 55% 32%)"/><stop offset="0.7" stop-color="hsl(${pick(10, 345, 375)} 60% 48%)"/><stop offset="1" stop-color="${skin}" stop-opacity="0"/></radialGradient>
    </defs>
    <rect width="100%" height="100%" fill="url(#ground)"/>${spots}
    <g transform="rotate(${turn} ${(x / 100) * width} ${(y / 100) * height})"><ellipse cx="${x}%" cy="${y}%" rx="${pick(11, 9, 20)}%" ry="${pick(12, 6, 13)}%" fill="url(#mark)"/></g>
    ${card}</svg>`);
}

function exifOf(options: ExifOptions): Exif {
  const { capturedAt, offset, gps, make, model, serial } = options;
  return {
    IFD0: text({ Make: make, Model: model, DateTime: capturedAt }),
    IFD2: text({ DateTimeOriginal: capturedAt, OffsetTimeOriginal: offset, BodySerialNumber: serial }),
    ...(gps ? { IFD3: text({
      GPSLatitudeRef: gps.latitude < 0 ? 'S' : 'N', GPSLatitude: sexagesimal(gps.latitude),
      GPSLongitudeRef: gps.longitude < 0 ? 'W' : 'E', GPSLongitude: sexagesimal(gps.longitude),
    }) } : {}),
  };
}

function text(values: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]));
}

function sexagesimal(degrees: number): string {
  const all = Math.abs(degrees);
  const minutes = (all % 1) * 60;
  return `${Math.floor(all)}/1 ${Math.floor(minutes)}/1 ${Math.round((minutes % 1) * 60 * 100)}/100`;
}

/** Noise where the format has room for what viewers do not know: comments, private chunks. */
function lengthened(bytes: Buffer, format: PhotoFormat, sizeBytes: number, noise: (bytes: number) => Buffer): Buffer {
  const missing = sizeBytes - bytes.length;
  if (missing < 0) throw new Error(`the picture alone has ${bytes.length} bytes: ask for more than that, or for fewer pixels`);
  if (missing === 0) return bytes;
  switch (format) {
    case 'jpeg': return Buffer.concat([bytes.subarray(0, -2), ...jpegFill(missing, noise), bytes.subarray(-2)]);
    case 'png': return Buffer.concat([bytes.subarray(0, -12), pngFill(missing, noise), bytes.subarray(-12)]);
    case 'webp': return webpFilled(bytes, missing, noise);
  }
}

/**
 * Comment segments before the end marker, at most 65,533 bytes each; what is too short for one goes in as fill bytes. Without a byte that
 * begins a marker: once in 300 MB of noise stands what looks like a second picture, whose private data would be taken out of it.
 */
function jpegFill(missing: number, noise: (bytes: number) => Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let left = missing;
  while (left > 4) {
    const length = Math.min(left, 65_537);
    const segment = noise(length);
    for (let at = segment.indexOf(0xff); at >= 0; at = segment.indexOf(0xff, at + 1)) segment[at] = 0xfe;
    segment.writeUInt32BE(0xfffe0000 + (length - 2), 0);
    pieces.push(segment);
    left -= length;
  }
  return left > 0 ? [Buffer.alloc(left, 0xff), ...pieces] : pieces;
}

function pngFill(missing: number, noise: (bytes: number) => Buffer): Buffer {
  if (missing < 12) throw new Error('a PNG grows by 12 bytes or more');
  const chunk = noise(missing);
  chunk.writeUInt32BE(missing - 12, 0);
  chunk.write('noIs', 4, 'latin1');
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), missing - 4);
  return chunk;
}

function webpFilled(bytes: Buffer, missing: number, noise: (bytes: number) => Buffer): Buffer {
  if (missing < 8 || missing % 2 !== 0) throw new Error('a WebP grows by 8 bytes or more, and by an even number');
  const chunk = noise(missing);
  chunk.write('NOIS', 0, 'latin1');
  chunk.writeUInt32LE(missing - 8, 4);
  const whole = Buffer.concat([bytes, chunk]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}
