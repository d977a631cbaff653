import { crc32, deflateSync } from 'node:zlib';

/** Bytes of the canary image. */
export const canaryBytes = 1024;

/** A real PNG of one grey pixel, filled up with a comment to exactly 1 KiB; the same bytes every time, and nobody's picture. */
export function canaryImage(): Uint8Array {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const pixel = deflateSync(Buffer.from([0, 128]));
  const fixed = 8 + (12 + header.length) + (12 + pixel.length) + 12;
  const comment = Buffer.alloc(canaryBytes - fixed - 12, 0x20);
  comment.write('Comment\0Relevo canary: a test of the way to the store, not a photo.', 'latin1');
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header), chunk('tEXt', comment), chunk('IDAT', pixel), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
