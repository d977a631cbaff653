import { writePhotos } from '../../test-support/photos.ts';
import type { WrittenPhoto } from '../../test-support/photos.ts';

/** Photos as a camera's card holds them: `count` JPEGs with EXIF, of mixed sizes between the two, in megabytes. */
export function makePhotos(directory: string, count: number, [smallest, largest]: [number, number]): Promise<WrittenPhoto[]> {
  const sizeOf = (index: number): number => Math.round((smallest + ((largest - smallest) * ((index * 5) % count)) / Math.max(1, count - 1)) * 1e6);
  return writePhotos(directory, count, { seed: 'card', prefix: 'IMG_', sizeOf });
}
