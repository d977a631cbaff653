import type { KeyObject } from 'node:crypto';
import { access, chmod, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uploadIdSchema } from '../../shared/domain/ids.ts';
import { makeFolder } from '../data-folder/make-folder.ts';
import { BufferPool } from './buffer-pool.ts';
import { DirectorySync } from './directory-sync.ts';
import { keyFrom, keyIdOf } from './spool-crypto.ts';
import { spoolError } from './spool-failure.ts';
import { defaultChunkBytes, tagBytes } from './spool-format.ts';
import { EncryptedSpoolReader } from './spool-reader.ts';
import { EncryptedSpoolWriter } from './spool-writer.ts';
import { SpoolError, type Spool, type SpoolEntry } from './spool.ts';

export interface EncryptedSpoolOptions {
  /** Made, with its parents, where it is missing. */
  dir: string;
  /** 32 bytes, copied: whoever gave them may overwrite them as soon as this has answered. */
  key: Uint8Array;
  /** Plain bytes in a chunk; only for measuring and tests, each file says its own. */
  chunkBytes?: number;
  /** Only to be read: nothing is made, and a folder on a read-only disk will do. */
  readOnly?: boolean;
}

const sealedSuffix = '.photo';
const partialSuffix = '.partial';
/** Chunks read from the disk at once: enough for speed, little enough for many readers. */
const chunksReadAtOnce = 4;
/** Files asked about at the same time while listing. */
const statsAtOnce = 64;

/**
 * A spool of files `<id>.photo`, AES-256-GCM; see [Note: sealed in chunks] in `spool-format.ts`.
 *
 * @throws SpoolError `unwritable` or `disk-full` when the folder cannot be made.
 */
export async function openEncryptedSpool(options: EncryptedSpoolOptions): Promise<Spool> {
  if (options.key.length !== 32) throw new Error('the key must have 32 bytes');
  const dataKey = keyFrom(Uint8Array.from(options.key));
  if (!options.readOnly) await makeSpoolFolder(options.dir);
  return new EncryptedSpool(options.dir, dataKey, options.chunkBytes ?? defaultChunkBytes);
}

async function makeSpoolFolder(dir: string): Promise<void> {
  try {
    await makeFolder(dir);
    await chmod(dir, 0o700);
  } catch (error) {
    throw spoolError(error, 'writing');
  }
}

class EncryptedSpool implements Spool {
  readonly #dir: string;
  readonly #dataKey: KeyObject;
  readonly #keyId: Uint8Array;
  readonly #chunkBytes: number;
  readonly #directory: DirectorySync;
  readonly #plainBuffers: BufferPool;
  readonly #sealedBuffers: BufferPool;
  /** Entries that this process is writing now; a partial file of any other id is a dead process's. */
  readonly #beingWritten = new Set<string>();

  constructor(dir: string, dataKey: KeyObject, chunkBytes: number) {
    this.#dir = dir;
    this.#dataKey = dataKey;
    this.#keyId = keyIdOf(dataKey);
    this.#chunkBytes = chunkBytes;
    this.#plainBuffers = new BufferPool(chunkBytes, 4);
    this.#sealedBuffers = new BufferPool(chunksReadAtOnce * (chunkBytes + tagBytes), 6);
    this.#directory = new DirectorySync(dir);
  }

  async create(id: string, { replaces = false }: { replaces?: boolean } = {}): Promise<EncryptedSpoolWriter> {
    const sealedPath = this.#path(id, sealedSuffix);
    const taken = !replaces && await access(sealedPath).then(() => true, () => false);
    if (taken || this.#beingWritten.has(id)) throw new SpoolError('unwritable', { cause: new Error('the id is taken') });
    this.#beingWritten.add(id);
    const onEnd = (): void => { this.#beingWritten.delete(id); };
    const partialPath = this.#path(id, partialSuffix);
    try {
      await rm(partialPath, { force: true });
      return await EncryptedSpoolWriter.create({
        id, dataKey: this.#dataKey, keyId: this.#keyId, chunkBytes: this.#chunkBytes, buffers: this.#plainBuffers, partialPath, sealedPath,
        directory: this.#directory, onEnd,
      });
    } catch (error) {
      onEnd();
      throw spoolError(error, 'writing');
    }
  }

  async open(id: string): Promise<EncryptedSpoolReader> {
    return await EncryptedSpoolReader.open({ path: this.#path(id, sealedSuffix), id, dataKey: this.#dataKey, keyId: this.#keyId, buffers: this.#sealedBuffers });
  }

  /**
   * Overwriting first would be for show: SSDs and journalling file systems write elsewhere. What destroys the photo is that
   * the salt of its key goes with the file; what may linger in free blocks is ciphertext, readable to nobody without the
   * data key, which the keychain holds.
   */
  async remove(id: string): Promise<void> {
    try {
      await rm(this.#path(id, sealedSuffix), { force: true });
    } catch (error) {
      throw spoolError(error, 'writing');
    }
  }

  async list(): Promise<SpoolEntry[]> {
    try {
      const names = (await readdir(this.#dir)).map(parseName).filter((name) => name !== undefined);
      const entries: SpoolEntry[] = [];
      for (let start = 0; start < names.length; start += statsAtOnce) {
        const found = await Promise.all(names.slice(start, start + statsAtOnce).map((name) => this.#describe(name)));
        entries.push(...found.filter((entry) => entry !== undefined));
      }
      return entries;
    } catch (error) {
      throw spoolError(error, 'reading');
    }
  }

  async removePartial(): Promise<number> {
    try {
      const names = (await readdir(this.#dir)).map(parseName);
      let removed = 0;
      for (const name of names) {
        if (name?.kind !== 'partial' || this.#beingWritten.has(name.id)) continue;
        await rm(this.#path(name.id, partialSuffix), { force: true });
        removed += 1;
      }
      return removed;
    } catch (error) {
      throw spoolError(error, 'writing');
    }
  }

  async #describe(name: SpoolName): Promise<SpoolEntry | undefined> {
    try {
      const { mtimeMs, size } = await stat(this.#path(name.id, name.kind === 'sealed' ? sealedSuffix : partialSuffix));
      return { ...name, modifiedAt: Math.round(mtimeMs), sizeOnDisk: size };
    } catch (error) {
      // Sent and destroyed between the listing and the question.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** An id becomes a file name, so nothing but an id may pass. */
  #path(id: string, suffix: string): string {
    return join(this.#dir, `${uploadIdSchema.parse(id)}${suffix}`);
  }
}

type SpoolName = Pick<SpoolEntry, 'id' | 'kind'>;

function parseName(fileName: string): SpoolName | undefined {
  const kind = fileName.endsWith(sealedSuffix) ? 'sealed' : fileName.endsWith(partialSuffix) ? 'partial' : undefined;
  if (!kind) return undefined;
  const id = fileName.slice(0, -(kind === 'sealed' ? sealedSuffix : partialSuffix).length);
  return uploadIdSchema.safeParse(id).success ? { id, kind } : undefined;
}
