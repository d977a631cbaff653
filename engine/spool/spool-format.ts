/**
 * @file The layout of a sealed photo on the disk. Pure: bytes in, bytes out.
 *
 *     header   64   magic, version, chunk size, salt, key id, checksum
 *     chunks        ciphertext ‖ 16-byte tag, each of `chunkBytes` plain bytes but the last
 *     trailer       the photo's facts as JSON, ciphertext ‖ 16-byte tag
 *     footer    8   length of the trailer, end mark
 *
 * [Note: sealed in chunks] Each chunk is authenticated alone, so that a part of a photo can be sent without reading
 * the rest. What a single authentication of the whole would give is kept by the construction known as STREAM
 * (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): the nonce is the chunk's number and whether it is the last one, so chunks
 * cannot be swapped, repeated, or cut off; header and id are authenticated with each, so none can come from another file.
 * The key is the file's own, from its salt, so nonces never repeat under one key.
 */

export const headerBytes = 64;
export const footerBytes = 8;
export const tagBytes = 16;
export const saltBytes = 32;
export const keyIdBytes = 8;
export const formatVersion = 1;
/** Measured: below 256 KiB calls cost, above 1 MiB buffers no longer fit the processor's cache. */
export const defaultChunkBytes = 512 * 1024;
/** Facts are some hundred bytes; this bounds what a damaged length may make us read. */
export const maxTrailerBytes = 256 * 1024;

const magic = Buffer.from('RELEVOPH', 'latin1');
const endMark = Buffer.from('sealed.', 'latin1').subarray(0, 4);
const checksumBytes = 8;
const minChunkBytes = 1024;
const maxChunkBytes = 16 * 1024 * 1024;

export interface SpoolHeader {
  chunkBytes: number;
  salt: Uint8Array;
  keyId: Uint8Array;
}

export type ParsedHeader =
  | { name: 'header'; header: SpoolHeader }
  | { name: 'damaged' }
  | { name: 'newer-version'; version: number };

/** @param checksum over the bytes given, at least 8 bytes long; tells damage from a wrong key, and is no protection. */
export function encodeHeader(header: SpoolHeader, checksum: (bytes: Uint8Array) => Uint8Array): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  magic.copy(bytes, 0);
  bytes.writeUInt16BE(formatVersion, 8);
  bytes.writeUInt32BE(header.chunkBytes, 12);
  bytes.set(header.salt, 16);
  bytes.set(header.keyId, 48);
  bytes.set(checksum(bytes.subarray(0, headerBytes - checksumBytes)).subarray(0, checksumBytes), headerBytes - checksumBytes);
  return bytes;
}

/** Never throws, whatever the bytes. Size, magic, version and checksum keep their places in every version to come. */
export function parseHeader(bytes: Uint8Array, checksum: (bytes: Uint8Array) => Uint8Array): ParsedHeader {
  if (bytes.length < headerBytes) return { name: 'damaged' };
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, headerBytes);
  const expected = checksum(view.subarray(0, headerBytes - checksumBytes)).subarray(0, checksumBytes);
  if (!view.subarray(0, 8).equals(magic) || !view.subarray(headerBytes - checksumBytes).equals(expected)) return { name: 'damaged' };
  const version = view.readUInt16BE(8);
  if (version > formatVersion) return { name: 'newer-version', version };
  const chunkBytes = view.readUInt32BE(12);
  if (version === 0 || chunkBytes < minChunkBytes || chunkBytes > maxChunkBytes) return { name: 'damaged' };
  return {
    name: 'header',
    header: { chunkBytes, salt: Uint8Array.from(view.subarray(16, 16 + saltBytes)), keyId: Uint8Array.from(view.subarray(48, 48 + keyIdBytes)) },
  };
}

export function encodeFooter(trailerBytes: number): Buffer {
  const bytes = Buffer.alloc(footerBytes);
  bytes.writeUInt32BE(trailerBytes, 0);
  endMark.copy(bytes, 4);
  return bytes;
}

/** @returns the trailer's length in bytes, tag included; undefined if these are not a footer's bytes. Never throws. */
export function parseFooter(bytes: Uint8Array): number | undefined {
  if (bytes.length !== footerBytes) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, footerBytes);
  const length = view.readUInt32BE(0);
  if (!view.subarray(4).equals(endMark) || length <= tagBytes || length > maxTrailerBytes) return undefined;
  return length;
}

export type NonceUse = 'chunk' | 'last-chunk' | 'facts';

/** See [Note: sealed in chunks]. @param number from 0; of `facts` the number of chunks. */
export function nonceOf(number: number, use: NonceUse): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = use === 'chunk' ? 0 : use === 'last-chunk' ? 1 : 2;
  return nonce;
}

export function chunkCount(sizeBytes: number, chunkBytes: number): number {
  return Math.ceil(sizeBytes / chunkBytes);
}

/** Where chunk `number` begins in the file, header included. */
export function chunkOffset(number: number, chunkBytes: number): number {
  return headerBytes + number * (chunkBytes + tagBytes);
}

/** How long a sealed file with these contents must be, to the byte. */
export function sealedBytes(sizeBytes: number, chunkBytes: number, trailerBytes: number): number {
  return headerBytes + sizeBytes + chunkCount(sizeBytes, chunkBytes) * tagBytes + trailerBytes + footerBytes;
}
