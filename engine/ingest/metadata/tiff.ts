const sizeOfType = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const utf8Type = 129;
/** A directory of more entries than this is damaged. */
const maxEntries = 1000;

export interface TiffEntry {
  tag: number;
  type: number;
  count: number;
  /** Where its 12 bytes lie in the block. */
  at: number;
  /** Where its value lies: in the entry itself where it has four bytes or fewer. */
  valueAt: number;
  /** 0 for a value of an unknown type, or that does not lie in the block: then there is nothing to read. */
  valueBytes: number;
}

/**
 * Reads a TIFF block, which is what EXIF is kept in, within its bytes only; what points outside is absent. Never throws.
 *
 * Source: TIFF 6.0; type 129 by Exif 3.0 (CIPA DC-008).
 */
export class Tiff {
  readonly bytes: Buffer;
  readonly #little: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = this.bytes.toString('latin1', 0, 2) === 'II';
  }

  get firstDirectory(): number | undefined {
    const order = this.bytes.toString('latin1', 0, 2);
    return (order === 'II' || order === 'MM') && this.uint16(2) === 42 ? this.uint32(4) : undefined;
  }

  /** As many as lie in the block. */
  entries(directory: number | undefined): TiffEntry[] {
    const count = directory === undefined ? undefined : this.uint16(directory);
    if (directory === undefined || count === undefined || count > maxEntries) return [];
    const inside = Math.min(count, Math.floor((this.bytes.length - directory - 2) / 12));
    return Array.from({ length: inside }, (_, index) => this.#entry(directory + 2 + index * 12));
  }

  find(directory: number | undefined, tag: number): TiffEntry | undefined {
    return this.entries(directory).find((entry) => entry.tag === tag);
  }

  /** Where the directory lies that an entry names. */
  pointer(entry: TiffEntry | undefined): number | undefined {
    return entry && (entry.type === 4 || entry.type === 13) && entry.count === 1 ? this.uint32(entry.valueAt) : undefined;
  }

  text(entry: TiffEntry | undefined, length: number): string | undefined {
    return entry && entry.valueBytes >= length ? this.bytes.toString('latin1', entry.valueAt, entry.valueAt + length) : undefined;
  }

  /** The whole numbers of an entry's value, as far as they are such. */
  numbers(entry: TiffEntry | undefined): number[] {
    if (!entry || entry.valueBytes === 0 || (entry.type !== 3 && entry.type !== 4)) return [];
    return Array.from({ length: entry.count }, (_, index) => (entry.type === 3 ? this.uint16(entry.valueAt + index * 2) : this.uint32(entry.valueAt + index * 4)) ?? 0);
  }

  uint16(at: number): number | undefined {
    if (at + 2 > this.bytes.length) return undefined;
    return this.#little ? this.bytes.readUInt16LE(at) : this.bytes.readUInt16BE(at);
  }

  uint32(at: number): number | undefined {
    if (at + 4 > this.bytes.length) return undefined;
    return this.#little ? this.bytes.readUInt32LE(at) : this.bytes.readUInt32BE(at);
  }

  /** In this block's order of bytes. */
  writeUint16(target: Buffer, value: number, at: number): void {
    if (this.#little) target.writeUInt16LE(value, at); else target.writeUInt16BE(value, at);
  }

  writeUint32(target: Buffer, value: number, at: number): void {
    if (this.#little) target.writeUInt32LE(value, at); else target.writeUInt32BE(value, at);
  }

  #entry(at: number): TiffEntry {
    const [tag = 0, type = 0, count = 0] = [this.uint16(at), this.uint16(at + 2), this.uint32(at + 4)];
    const bytes = (type === utf8Type ? 1 : sizeOfType[type] ?? 0) * count;
    const valueAt = bytes <= 4 ? at + 8 : this.uint32(at + 8) ?? 0;
    return { tag, type, count, at, valueAt, valueBytes: valueAt + bytes <= this.bytes.length ? bytes : 0 };
  }
}
