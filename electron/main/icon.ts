import { nativeImage } from 'electron';
import type { NativeImage } from 'electron';

const TEAL = [0x75, 0x7a, 0x0b] as const; // Blue, green, red: the order of a bitmap's bytes.

/** How much of a pixel lies in a ring, from 0 to 1, smoothed over the edge. */
function coverage(distance: number, inner: number, outer: number): number {
  return Math.max(0, Math.min(1, distance - inner + 0.5)) * Math.max(0, Math.min(1, outer - distance + 0.5));
}

/** The mark of the product, half a disc in a ring (◐), drawn for the tray at both densities. */
export function appIcon(): NativeImage {
  const image = nativeImage.createEmpty();
  for (const scaleFactor of [1, 2]) {
    const size = 16 * scaleFactor;
    const radius = size / 2 - scaleFactor;
    const bitmap = Buffer.alloc(size * size * 4);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const distance = Math.hypot(x + 0.5 - size / 2, y + 0.5 - size / 2);
        const alpha = x < size / 2 ? coverage(distance, -1, radius) : coverage(distance, radius - 1.5 * scaleFactor, radius);
        const at = (y * size + x) * 4;
        // Bitmaps are premultiplied.
        TEAL.forEach((value, channel) => { bitmap[at + channel] = Math.round(value * alpha); });
        bitmap[at + 3] = Math.round(255 * alpha);
      }
    }
    image.addRepresentation({ scaleFactor, width: size, height: size, buffer: nativeImage.createFromBitmap(bitmap, { width: size, height: size, scaleFactor }).toPNG() });
  }
  return image;
}
