import type { ContentType } from '../../../shared/domain/upload.ts';
import { heicWithoutLocation } from './heic.ts';
import { jpegWithoutLocation } from './jpeg.ts';
import { pngWithoutLocation } from './png.ts';
import { filtered } from './sight.ts';
import { webpWithoutLocation } from './webp.ts';

/**
 * A photo's bytes without the place where it was taken and the serial number of the device, and with the bytes of the picture, its
 * orientation and the time of taking as they were. Never more bytes than are given, and not one of them changed where there is
 * nothing to remove. Each piece is good until the next one is asked for; of the file no more is held than the block being looked at.
 *
 * Throws only what reading the pieces throws: a file that is no proper image loses what is recognised in it.
 */
export function withoutLocation(contentType: ContentType, pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (contentType) {
    case 'image/jpeg': return filtered(pieces, jpegWithoutLocation);
    case 'image/png': return filtered(pieces, pngWithoutLocation);
    case 'image/webp': return filtered(pieces, webpWithoutLocation);
    case 'image/heic': return filtered(pieces, heicWithoutLocation);
  }
}
