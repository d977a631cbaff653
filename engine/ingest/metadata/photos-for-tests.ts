/** @file EXIF blocks, segments and chunks made by hand, with secrets in every place where one can be, and a source as cards are read. */
import { crc32 } from 'node:zlib';
import type { ContentType } from '../../../shared/domain/upload.ts';
import { withoutLocation } from './without-location.ts';

/** Stands for a place or a serial in all that is made here. Search for it in one byte a letter and in two. */
export const secret = 'SECRET';
export const holdsSecret = (bytes: Buffer): boolean => ['latin1', 'utf16le'].some((encoding) => bytes.includes(secret, 0, encoding as BufferEncoding)) || bytes.includes(Buffer.from('SECRET', 'utf16le').swap16());

type Value = string | readonly number[] | Buffer | readonly Entry[];
/** Tag, type, value; entries for the value are a directory of its own. */
export type Entry = readonly [tag: number, type: number, value: Value];
export type Order = 'II' | 'MM';

/** A TIFF block with these directories, everything in the order in which it is named. */
export function tiffBlock(order: Order, first: readonly Entry[], thumbnail?: readonly Entry[], picture: Buffer = Buffer.alloc(0)): Buffer {
  const block = Buffer.alloc(64 * 1024);
  const uint16 = (value: number, at: number): void => { if (order === 'II') block.writeUInt16LE(value, at); else block.writeUInt16BE(value, at); };
  const uint32 = (value: number, at: number): void => { if (order === 'II') block.writeUInt32LE(value, at); else block.writeUInt32BE(value, at); };
  const asBytes = (type: number, value: string | readonly number[] | Buffer): { bytes: Buffer; count: number } => {
    if (Buffer.isBuffer(value)) return { bytes: value, count: value.length };
    if (typeof value === 'string') return { bytes: Buffer.from(value, 'latin1'), count: value.length };
    const scratch = end + 4096;
    value.forEach((one, index) => { if (type === 3) uint16(one, scratch + index * 2); else uint32(one, scratch + index * 4); });
    const bytes = Buffer.from(block.subarray(scratch, scratch + value.length * (type === 3 ? 2 : 4)));
    block.fill(0, scratch, scratch + bytes.length);
    return { bytes, count: type === 5 || type === 10 ? value.length / 2 : value.length };
  };
  let end = 8;
  function directory(entries: readonly Entry[]): number {
    const at = end;
    end += 2 + entries.length * 12 + 4;
    uint16(entries.length, at);
    entries.forEach(([tag, type, value], index) => {
      const place = at + 2 + index * 12;
      uint16(tag, place);
      uint16(type, place + 2);
      if (Array.isArray(value) && Array.isArray(value[0])) {
        uint32(1, place + 4);
        uint32(directory(value as readonly Entry[]), place + 8);
        return;
      }
      const { bytes, count } = asBytes(type, value as string | readonly number[] | Buffer);
      uint32(count, place + 4);
      if (bytes.length <= 4) bytes.copy(block, place + 8);
      else {
        uint32(end, place + 8);
        bytes.copy(block, end);
        end += bytes.length + (bytes.length & 1);
      }
    });
    return at;
  }
  block.write(order, 'latin1');
  uint16(42, 2);
  uint32(8, 4);
  const firstAt = directory(first);
  if (thumbnail) {
    const length = 2 + (thumbnail.length + 2) * 12 + 4;
    uint32(end, firstAt + 2 + first.length * 12);
    directory([...thumbnail, [0x0201, 4, [end + length + thumbnail.reduce((sum, [, , value]) => sum + (typeof value === 'string' ? value.length : 0), 0)]], [0x0202, 4, [picture.length]]]);
    picture.copy(block, end);
    end += picture.length;
  }
  return Buffer.from(block.subarray(0, end));
}

const zero = (text: string): string => `${text}\0`;
export const smallPicture = Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0, 4, 1, 1, 0xff, 0xd9]);

/** What is kept of `privateTiff`, by itself. */
export const publicExif: readonly Entry[] = [[0x9003, 2, zero('2026:03:14 09:26:53')], [0x9011, 2, zero('+01:00')], [0x9286, 7, 'ASCII\0\0\0left heel']];
export const publicFirst: readonly Entry[] = [[0x010f, 2, zero('Relevo')], [0x0110, 2, zero('Test camera')], [0x0112, 3, [6]], [0x011a, 5, [72, 1]]];

export function publicTiff(order: Order): Buffer {
  return tiffBlock(order, [...publicFirst, [0x8769, 4, [...publicExif, [0xa005, 4, [[1, 2, 'R98\0']]]]]], [[0x0103, 3, [6]]], smallPicture);
}

/** With a secret in every place that is known, in some that are not, and in bytes that nothing refers to. */
export function privateTiff(order: Order): Buffer {
  const block = tiffBlock(order, [
    ...publicFirst, [0x013c, 2, zero(`${secret} of Ana`)], [0x02bc, 1, `<x>${secret}</x>`], [0x83bb, 7, `\x1c\x02\x5a\0\x06${secret}`],
    [0x8769, 4, [
      ...publicExif, [0x927c, 7, `Maker\0${secret}`], [0xa420, 2, zero(`${secret}-0`)], [0xa430, 2, zero(`${secret} owner`)], [0xa431, 2, zero(`${secret}-1`)], [0xa435, 2, zero(`${secret}-2`)],
      [0x9999, 2, zero(`{"at":"${secret}"}`)], [0xa005, 4, [[1, 2, 'R98\0'], [0x2000, 2, zero(secret)]]],
    ]],
    [0x8825, 4, [[0, 1, Buffer.from([2, 3, 0, 0])], [1, 2, 'N\0'], [2, 5, [40, 1, 25, 1, 39, 100]], [0x1b, 7, `ASCII\0\0\0${secret}`], [0x1d, 2, zero(`${secret}:03:14`)]]],
    [0xc62f, 2, zero(`${secret}-3`)],
  ], [[0x0103, 3, [6]]], smallPicture);
  return Buffer.concat([block, Buffer.from(`left behind: ${secret}`)]);
}

export function segment(marker: number, ...payload: (string | Buffer)[]): Buffer {
  const data = Buffer.concat(payload.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([head, data]);
}

/** The segments come before all others. */
export function jpegWith(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** The chunks come right after the header. */
export function pngWith(png: Buffer, ...chunks: [name: string, data: string | Buffer][]): Buffer {
  const made = chunks.map(([name, data]) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), Buffer.from(data as string, 'latin1')]);
    const chunk = Buffer.concat([Buffer.alloc(4), body, Buffer.alloc(4)]);
    chunk.writeUInt32BE(body.length - 4);
    chunk.writeUInt32BE(crc32(body), chunk.length - 4);
    return chunk;
  });
  return Buffer.concat([png.subarray(0, 33), ...made, png.subarray(33)]);
}

/** The chunks come last. */
export function webpWith(webp: Buffer, ...chunks: [name: string, data: string | Buffer][]): Buffer {
  const made = chunks.map(([name, data]) => {
    const bytes = Buffer.from(data as string, 'latin1');
    const chunk = Buffer.alloc(8 + bytes.length + (bytes.length & 1));
    chunk.write(name, 'latin1');
    chunk.writeUInt32LE(bytes.length, 4);
    bytes.copy(chunk, 8);
    return chunk;
  });
  const whole = Buffer.concat([webp, ...made]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

/** What comes out, where the file comes in pieces of these lengths (over and over) that are written over as soon as the next is asked for. */
export async function cleaned(contentType: ContentType, bytes: Buffer, lengths: readonly number[] = [512 * 1024]): Promise<Buffer> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.alloc(Math.max(...lengths));
    for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
      const length = bytes.copy(buffer, 0, at, at + lengths[turn % lengths.length]!);
      at += length;
      yield buffer.subarray(0, length);
      buffer.fill(0xaa);
    }
  }
  const out: Buffer[] = [];
  for await (const piece of withoutLocation(contentType, pieces())) out.push(Buffer.from(piece));
  return Buffer.concat(out);
}
