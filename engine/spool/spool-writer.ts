import { randomBytes, type KeyObject } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { photoFactsSchema, type PhotoFacts } from '../../shared/domain/upload.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { DirectorySync } from './directory-sync.ts';
import { freeNow } from './free-now.ts';
import { fileSeal, headerChecksum, sealChunk, type FileSeal } from './spool-crypto.ts';
import { spoolError } from './spool-failure.ts';
import { encodeFooter, encodeHeader, saltBytes, type SpoolHeader } from './spool-format.ts';
import { SpoolError, type SpoolWriter } from './spool.ts';

export interface WriterOptions {
  id: string;
  dataKey: KeyObject;
  keyId: Uint8Array;
  chunkBytes: number;
  /** Of buffers of `chunkBytes`. */
  buffers: BufferPool;
  partialPath: string;
  sealedPath: string;
  directory: DirectorySync;
  /** Told once, when the entry is sealed or given up. */
  onEnd: () => void;
}

/** Writes one entry: encrypts on this thread (2 GB/s) while the previous chunk is on its way to the disk. */
export class EncryptedSpoolWriter implements SpoolWriter {
  readonly #options: WriterOptions;
  readonly #handle: FileHandle;
  readonly #seal: FileSeal;
  /** Holds back one chunk: only at the end is it known which one is the last. */
  readonly #held: Buffer;
  #heldBytes = 0;
  #chunks = 0;
  #plainBytes = 0;
  #position = 0;
  /** At most one write is under way, so that memory stays bounded however slow the disk is. */
  #writing: Promise<void> = Promise.resolve();
  #state: 'open' | 'renamed' | 'sealed' | 'discarded' = 'open';

  private constructor(options: WriterOptions, handle: FileHandle, seal: FileSeal) {
    this.#options = options;
    this.#handle = handle;
    this.#seal = seal;
    this.#held = options.buffers.take();
  }

  static async create(options: WriterOptions): Promise<EncryptedSpoolWriter> {
    const header: SpoolHeader = { chunkBytes: options.chunkBytes, salt: randomBytes(saltBytes), keyId: options.keyId };
    const headerBytes = encodeHeader(header, headerChecksum);
    let handle: FileHandle;
    try {
      handle = await open(options.partialPath, 'wx', 0o600);
    } catch (error) {
      throw spoolError(error, 'writing');
    }
    const writer = new EncryptedSpoolWriter(options, handle, fileSeal(options.dataKey, header.salt, headerBytes, options.id));
    writer.#startWriting([headerBytes]);
    return writer;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#heldBytes === this.#held.length) await this.#flush(this.#held, 'chunk');
      // A whole chunk that is surely not the last goes without being copied.
      if (this.#heldBytes === 0 && bytes.length - offset > this.#held.length) {
        await this.#flush(bytes.subarray(offset, offset + this.#held.length), 'chunk');
        offset += this.#held.length;
      } else {
        const taken = bytes.subarray(offset, offset + this.#held.length - this.#heldBytes);
        this.#held.set(taken, this.#heldBytes);
        this.#heldBytes += taken.length;
        offset += taken.length;
      }
    }
    this.#plainBytes += bytes.length;
  }

  async seal(facts: PhotoFacts): Promise<void> {
    this.#mustBeOpen();
    const parsed = photoFactsSchema.parse(facts);
    if (parsed.id !== this.#options.id || parsed.sizeBytes !== this.#plainBytes) throw new Error('the facts are not those of what was written');
    try {
      await this.#flush(this.#held.subarray(0, this.#heldBytes), 'last-chunk');
      const trailer = sealChunk(this.#seal, Buffer.from(JSON.stringify(parsed), 'utf8'), this.#chunks, 'facts');
      await this.#writing;
      this.#startWriting([...trailer, encodeFooter(trailer[0].length + trailer[1].length)]);
      await this.#writing;
      // The photo first, its name second: a name that survives a power cut always has its bytes.
      await this.#handle.datasync();
      await this.#handle.close();
      await rename(this.#options.partialPath, this.#options.sealedPath);
      this.#state = 'renamed';
      await this.#options.directory.sync();
    } catch (error) {
      throw spoolError(error, 'writing');
    }
    this.#state = 'sealed';
    this.#end();
  }

  async discard(): Promise<void> {
    if (this.#state === 'sealed') throw new Error('sealed already');
    if (this.#state === 'discarded') return;
    const path = this.#state === 'renamed' ? this.#options.sealedPath : this.#options.partialPath;
    this.#state = 'discarded';
    await this.#writing.catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    this.#end();
    await rm(path, { force: true }).catch((error: unknown) => { throw spoolError(error, 'writing'); });
  }

  async #flush(plain: Uint8Array, use: 'chunk' | 'last-chunk'): Promise<void> {
    const sealed = sealChunk(this.#seal, plain, this.#chunks, use);
    this.#chunks += 1;
    if (plain.buffer === this.#held.buffer) this.#heldBytes = 0;
    await this.#writing.catch((error: unknown) => { throw spoolError(error, 'writing'); });
    this.#startWriting(sealed);
  }

  #startWriting(buffers: Uint8Array[]): void {
    const position = this.#position;
    this.#position += buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    // What was sealed is nobody's but ours.
    this.#writing = writeAll(this.#handle, buffers, position).finally(() => { buffers.forEach(freeNow); });
    // Whoever writes next is told; until then it must not count as unhandled.
    this.#writing.catch(() => undefined);
  }

  /** What was held is in clear and is sealed before anything waits, so nothing uses it any more. */
  #end(): void {
    this.#options.buffers.giveBack(this.#held);
    this.#options.onEnd();
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open') throw new SpoolError('unwritable', { cause: new Error(`entry is ${this.#state}`) });
  }
}

/** A disk about to be full takes a part of a write without an error; only the next one says why. */
async function writeAll(handle: FileHandle, buffers: Uint8Array[], position: number): Promise<void> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await handle.writev(buffers, position);
  if (bytesWritten === total) return;
  const rest = Buffer.concat(buffers).subarray(bytesWritten);
  for (let done = 0; done < rest.length;) {
    done += (await handle.write(rest, done, rest.length - done, position + bytesWritten + done)).bytesWritten;
  }
}
