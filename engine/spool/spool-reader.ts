import type { KeyObject } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { photoFactsSchema, type PhotoFacts } from '../../shared/domain/upload.ts';
import type { BufferPool } from './buffer-pool.ts';
import { fileSeal, headerChecksum, openChunk, type FileSeal } from './spool-crypto.ts';
import { spoolError } from './spool-failure.ts';
import { chunkCount, chunkOffset, footerBytes, headerBytes, parseFooter, parseHeader, sealedBytes, tagBytes } from './spool-format.ts';
import { SpoolError, type SpoolReader } from './spool.ts';

/** Facts are nearly always shorter than this, so that one read gets them. */
const tailBytes = 4096;

interface Opened {
  handle: FileHandle;
  facts: PhotoFacts;
  seal: FileSeal;
  chunkBytes: number;
}

export interface ReaderOptions {
  path: string;
  id: string;
  dataKey: KeyObject;
  keyId: Uint8Array;
  /** For sealed chunks, of which as many are read at once as fit into one. */
  buffers: BufferPool;
}

export class EncryptedSpoolReader implements SpoolReader {
  readonly facts: PhotoFacts;
  readonly #handle: FileHandle;
  readonly #seal: FileSeal;
  readonly #chunkBytes: number;
  readonly #chunks: number;
  readonly #buffers: BufferPool;

  private constructor(opened: Opened, buffers: BufferPool) {
    this.facts = opened.facts;
    this.#handle = opened.handle;
    this.#seal = opened.seal;
    this.#chunkBytes = opened.chunkBytes;
    this.#chunks = chunkCount(opened.facts.sizeBytes, opened.chunkBytes);
    this.#buffers = buffers;
  }

  static async open({ path, id, dataKey, keyId, buffers }: ReaderOptions): Promise<EncryptedSpoolReader> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'r');
      return new EncryptedSpoolReader({ handle, ...await readEnds(handle, id, dataKey, keyId) }, buffers);
    } catch (error) {
      await handle?.close().catch(() => undefined);
      throw spoolError(error, 'reading');
    }
  }

  async *pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > this.facts.sizeBytes) {
      throw new RangeError(`no such part: ${start}–${end} of ${this.facts.sizeBytes}`);
    }
    if (start === end) return;
    const lastChunk = Math.floor((end - 1) / this.#chunkBytes);
    const sealedChunk = this.#chunkBytes + tagBytes;
    const isLarger = sealedChunk > this.#buffers.bytes;
    const buffer = isLarger ? Buffer.allocUnsafeSlow(sealedChunk) : this.#buffers.take();
    const atOnce = Math.floor(buffer.length / sealedChunk);
    try {
      for (let first = Math.floor(start / this.#chunkBytes); first <= lastChunk; first += atOnce) {
        const count = Math.min(atOnce, lastChunk - first + 1);
        const sealed = await this.#readSealed(first, count, buffer);
        for (let index = 0; index < count; index += 1) {
          const plain = this.#openOne(sealed, index, first + index);
          const plainStart = (first + index) * this.#chunkBytes;
          yield plain.subarray(Math.max(start, plainStart) - plainStart, Math.min(end, plainStart + plain.length) - plainStart);
        }
      }
    } finally {
      if (!isLarger) this.#buffers.giveBack(buffer);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readSealed(first: number, count: number, into: Uint8Array): Promise<Uint8Array> {
    const begin = chunkOffset(first, this.#chunkBytes);
    const plainEnd = Math.min(this.facts.sizeBytes, (first + count) * this.#chunkBytes);
    const length = plainEnd - first * this.#chunkBytes + count * tagBytes;
    try {
      return await readExactly(this.#handle, begin, into.subarray(0, length));
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
  const header = await readExactly(handle, 0, Buffer.alloc(headerBytes));
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
  let tail = await readExactly(handle, tailStart, Buffer.alloc(size - tailStart));
  const length = parseFooter(tail.subarray(tail.length - footerBytes));
  if (length === undefined || length + footerBytes > size - headerBytes) throw new SpoolError('damaged');
  if (length + footerBytes > tail.length) tail = await readExactly(handle, size - length - footerBytes, Buffer.alloc(length + footerBytes));
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

/** Fills a buffer from the file. @throws SpoolError `damaged` where the file ends before. */
async function readExactly(handle: FileHandle, position: number, buffer: Uint8Array): Promise<Uint8Array> {
  for (let done = 0; done < buffer.length;) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) throw new SpoolError('damaged');
    done += bytesRead;
  }
  return buffer;
}
