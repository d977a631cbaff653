/** @file Photos as a clinic's camera makes them: real JPEGs with real EXIF, each with other pixels, of about the size asked for. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

export interface Photo {
  path: string;
  fileName: string;
  sizeBytes: number;
  sha256: string;
}

/** A blurred still life in one colour range: pleasant as a thumbnail, and never twice the same. */
function picture(index: number, width: number, height: number): Buffer {
  const hue = (index * 47) % 360;
  const shapes = Array.from({ length: 5 }, (_, shape) => {
    const [x, y, radius] = [(index * 131 + shape * 211) % width, (index * 89 + shape * 157) % height, height * (0.18 + ((index + shape * 3) % 5) * 0.07)];
    return `<circle cx="${x}" cy="${y}" r="${radius}" fill="hsl(${(hue + shape * 23) % 360} 45% ${48 + shape * 7}%)" opacity="0.75"/>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="hsl(${hue} 40% 82%)"/><stop offset="1" stop-color="hsl(${(hue + 40) % 360} 35% 42%)"/></linearGradient>
    <filter id="b"><feGaussianBlur stdDeviation="${height / 40}"/></filter></defs>
    <rect width="100%" height="100%" fill="url(#g)"/><g filter="url(#b)">${shapes.join('')}</g></svg>`);
}

function grain(width: number, height: number, index: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#808080', noise: { type: 'gaussian', mean: 128, sigma: 14 + (index % 4) * 4 } } }).png({ compressionLevel: 0 }).toBuffer();
}

/** @param megapixels sets the size of the file: about half a megabyte for each. */
export async function makePhoto(dir: string, index: number, megapixels: number): Promise<Photo> {
  await mkdir(dir, { recursive: true });
  const width = Math.round(Math.sqrt(megapixels * 1e6 * (4 / 3)) / 2) * 2;
  const height = Math.round((width * 3) / 4);
  const taken = `2026:11:${String(2 + (index % 20)).padStart(2, '0')} ${String(8 + (index % 9)).padStart(2, '0')}:${String((index * 7) % 60).padStart(2, '0')}:00`;
  const fileName = `IMG_${String(4210 + index)}.JPG`;
  const path = join(dir, fileName);
  await sharp(picture(index, width, height))
    .composite([{ input: await grain(width, height, index), blend: 'soft-light' }])
    .withExif({ IFD0: { Make: 'Canon', Model: 'EOS R50', Orientation: '1' }, IFD2: { DateTimeOriginal: taken, ISOSpeedRatings: '400' } })
    .jpeg({ quality: 92 })
    .toFile(path);
  const bytes = await readFile(path);
  return { path, fileName, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** `count` photos of mixed sizes, from `smallest` to `largest` megapixels. */
export async function makePhotos(dir: string, count: number, [smallest, largest]: [number, number], first = 0): Promise<Photo[]> {
  const photos: Photo[] = [];
  for (let index = 0; index < count; index++) {
    const megapixels = smallest + ((largest - smallest) * ((index * 5) % count)) / Math.max(1, count - 1);
    photos.push(await makePhoto(dir, first + index, megapixels));
  }
  return photos;
}
