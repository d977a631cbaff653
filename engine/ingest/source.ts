import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { BufferPool } from '../spool/buffer-pool.ts';
import { Rejection, rejectionOf } from './rejection.ts';

/** A path as the system has it: on POSIX a name need not be UTF-8, and must not be changed on the way back. */
export type SourcePath = string | Buffer;

/** Where a photo's bytes come from, once. */
export interface Source {
  /** As the system says before anything is read. */
  readonly sizeBytes: number;
  /** Each piece is good until the next one is asked for. @throws Rejection */
  read(): AsyncIterable<Uint8Array>;
  /** @throws Rejection `changed-while-reading`. @param bytesRead all that `read` gave. */
  assertUnchanged(bytesRead: number): Promise<void>;
  close(): Promise<void>;
}

const pieceBytes = 512 * 1024;
const pieces = new BufferPool(pieceBytes, 8);

/**
 * Opens a file for one reading. Without O_NONBLOCK, opening a pipe that took the file's place would wait for ever.
 *
 * @throws Rejection
 */
export async function openFileSource(path: SourcePath): Promise<Source> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  } catch (error) {
    throw rejectionOf(error);
  }
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw new Rejection('not-a-file');
    return {
      sizeBytes: Number(before.size),
      read: () => readAhead(handle, path),
      async assertUnchanged(bytesRead) {
        const after = await handle.stat({ bigint: true });
        if (BigInt(bytesRead) !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs) throw new Rejection('changed-while-reading');
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw rejectionOf(error);
  }
}

/** The next piece is on its way from the card while the present one is hashed and sealed. */
async function* readAhead(handle: FileHandle, path: SourcePath): AsyncGenerator<Uint8Array> {
  const buffers = [pieces.take(), pieces.take()] as const;
  let turn: 0 | 1 = 0;
  let position = 0;
  let reading = readFully(handle, buffers[turn], position);
  try {
    for (;;) {
      const length = await reading;
      if (length === 0) return;
      const piece = buffers[turn].subarray(0, length);
      position += length;
      turn = turn === 0 ? 1 : 0;
      reading = readFully(handle, buffers[turn], position);
      reading.catch(() => undefined);
      yield piece;
    }
  } catch (error) {
    throw await readRejection(error, path);
  } finally {
    await reading.catch(() => undefined);
    for (const buffer of buffers) pieces.giveBack(buffer);
  }
}

/** A network drive may give less than was asked for although there is more. */
async function readFully(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await handle.read(buffer, done, buffer.length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** A card pulled out says EIO or ENODEV; to a person the file is no longer there. */
async function readRejection(error: unknown, path: SourcePath): Promise<Rejection> {
  const gone = await stat(path).then(() => false, () => true);
  return gone ? new Rejection('not-found', { detail: (error as NodeJS.ErrnoException).code, cause: error }) : rejectionOf(error);
}

export function bytesSource(bytes: Uint8Array): Source {
  return {
    sizeBytes: bytes.length,
    async* read() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
    async assertUnchanged() {},
    async close() {},
  };
}
