import type { KeyObject } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { photoFactsSchema, type PhotoFacts } from '../../shared/domain/upload.ts';
import { fileSeal, headerChecksum, openChunk, type FileSeal } from './spool-crypto.ts';
import { spoolError } from './spool-failure.ts';
import { chunkCount, chunkOffset, footerBytes, headerBytes, parseFooter, parseHeader, sealedBytes, tagBytes } from './spool-format.ts';
import { SpoolError, type SpoolReader } from './spool.ts';

/** How much is read from the disk at once: enough for speed, little enough for many readers. */
const readAheadBytes = 4 * 1024 * 1024;
/** Facts are nearly always shorter than this, so that one read gets them. */
const tailBytes = 4096;

interface Opened {
  handle: FileHandle;
  facts: PhotoFacts;
  seal: FileSeal;
  chunkBytes: number;
}

export class EncryptedSpoolReader implements SpoolReader {
  readonly facts: PhotoFacts;
  readonly #handle: FileHandle;
  readonly #seal: FileSeal;
  readonly #chunkBytes: number;
  readonly #chunks: number;

  private constructor(opened: Opened) {
    this.facts = opened.facts;
    this.#handle = opened.handle;
    this.#seal = opened.seal;
    this.#chunkBytes = opened.chunkBytes;
    this.#chunks = chunkCount(opened.facts.sizeBytes, opened.chunkBytes);
  }

  static async open(path: string, id: string, dataKey: KeyObject, keyId: Uint8Array): Promise<EncryptedSpoolReader> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      return new EncryptedSpoolReader({ handle, ...await readEnds(handle, id, dataKey, keyId) });
    } catch (error) {
      await handle?.close().catch(() => undefined);
      throw spoolError(error, 'reading');
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > this.facts.sizeBytes) {
      throw new RangeError(`no such part: ${start}–${end} of ${this.facts.sizeBytes}`);
    }
    const result = Buffer.allocUnsafeSlow(end - start);
    if (start === end) return result;
    const chunksAtOnce = Math.max(1, Math.floor(readAheadBytes / this.#chunkBytes));
    const lastChunk = Math.floor((end - 1) / this.#chunkBytes);
    for (let first = Math.floor(start / this.#chunkBytes); first <= lastChunk; first += chunksAtOnce) {
      const count = Math.min(chunksAtOnce, lastChunk - first + 1);
      const sealed = await this.#readSealed(first, count);
      for (let index = 0; index < count; index += 1) {
        const number = first + index;
        const plain = this.#openOne(sealed, index, number);
        const plainStart = number * this.#chunkBytes;
        const from = Math.max(start, plainStart);
        const to = Math.min(end, plainStart + plain.length);
        result.set(plain.subarray(from - plainStart, to - plainStart), from - start);
      }
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readSealed(first: number, count: number): Promise<Uint8Array> {
    const begin = chunkOffset(first, this.#chunkBytes);
    const plainEnd = Math.min(this.facts.sizeBytes, (first + count) * this.#chunkBytes);
    const length = plainEnd - first * this.#chunkBytes + count * tagBytes;
    try {
      return await readExactly(this.#handle, begin, length);
    } catch (error) {
      throw spoolError(error, 'reading');
    }
  }

  #openOne(sealed: Uint8Array, index: number, number: number): Uint8Array {
    const begin = index * (this.#chunkBytes + tagBytes);
    const last = number === this.#chunks - 1;
    return openChunk(this.#seal, sealed.subarray(begin, Math.min(sealed.length, begin + this.#chunkBytes + tagBytes)), number, last ? 'last-chunk' : 'chunk');
  }
}

async function readEnds(handle: FileHandle, id: string, dataKey: KeyObject, keyId: Uint8Array): Promise<Omit<Opened, 'handle'>> {
  const { size } = await handle.stat();
  if (size < headerBytes + footerBytes) throw new SpoolError('damaged');
  const header = await readExactly(handle, 0, headerBytes);
  const parsed = parseHeader(header, headerChecksum);
  if (parsed.name === 'damaged') throw new SpoolError('damaged');
  if (parsed.name === 'newer-version') throw new SpoolError('unreadable', { cause: new Error(`format version ${parsed.version}`) });
  if (Buffer.compare(parsed.header.keyId, keyId) !== 0) throw new SpoolError('wrong-key');
  const seal = fileSeal(dataKey, parsed.header.salt, header, id);
  const facts = await readFacts(handle, size, seal, parsed.header.chunkBytes);
  if (facts.id !== id) throw new SpoolError('damaged');
  return { facts, seal, chunkBytes: parsed.header.chunkBytes };
}

async function readFacts(handle: FileHandle, size: number, seal: FileSeal, chunkBytes: number): Promise<PhotoFacts> {
  const tailStart = Math.max(headerBytes, size - tailBytes);
  let tail = await readExactly(handle, tailStart, size - tailStart);
  const length = parseFooter(tail.subarray(tail.length - footerBytes));
  if (length === undefined || length + footerBytes > size - headerBytes) throw new SpoolError('damaged');
  if (length + footerBytes > tail.length) tail = await readExactly(handle, size - length - footerBytes, length + footerBytes);
  const trailer = tail.subarray(tail.length - footerBytes - length, tail.length - footerBytes);
  // The number of chunks is authenticated with the facts; the size is known only from them, so it is worked out from the file.
  const sealedSize = size - headerBytes - footerBytes - length;
  const chunks = Math.ceil(sealedSize / (chunkBytes + tagBytes));
  const text = Buffer.from(openChunk(seal, trailer, chunks, 'facts')).toString('utf8');
  const facts = photoFactsSchema.safeParse(parseJson(text));
  if (!facts.success || sealedBytes(facts.data.sizeBytes, chunkBytes, length) !== size) throw new SpoolError('damaged');
  return facts.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws SpoolError `damaged` where the file ends before. */
async function readExactly(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new SpoolError('damaged');
    done += bytesRead;
  }
  return buffer;
}
