import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { BufferPool } from '../spool/buffer-pool.ts';
import { Rejection, rejectionOf } from './rejection.ts';
import { sourceReads, SourceStuck, type SourceReads } from './source-reads.ts';

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
export async function openFileSource(path: SourcePath, reads: SourceReads = sourceReads): Promise<Source> {
  let handle: FileHandle;
  /** The system is still at something that nobody waits for any more. */
  let stuck: Promise<unknown> | undefined;
  const inTime: InTime = (work) => reads.inTime(path, work).catch((error: unknown) => {
    if (error instanceof SourceStuck) stuck = error.ended;
    throw error;
  });
  const letGo = (late: FileHandle): void => { late.close().catch(() => undefined); };
  try {
    handle = await reads.inTime(path, () => open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0)), letGo);
  } catch (error) {
    throw rejectionOf(error);
  }
  /** Not while the system still reads; nobody waits for that. */
  async function close(): Promise<void> {
    if (stuck) void stuck.then(() => letGo(handle));
    else await inTime(() => handle.close());
  }
  try {
    const before = await inTime(() => handle.stat({ bigint: true }));
    if (!before.isFile()) throw new Rejection('not-a-file');
    return {
      sizeBytes: Number(before.size),
      read: () => readAhead(handle, path, inTime),
      async assertUnchanged(bytesRead) {
        const after = await inTime(() => handle.stat({ bigint: true }));
        if (BigInt(bytesRead) !== before.size || after.size !== before.size || after.mtimeNs !== before.mtimeNs) throw new Rejection('changed-while-reading');
      },
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw rejectionOf(error);
  }
}

type InTime = <T>(work: () => Promise<T>) => Promise<T>;

/** The next piece is on its way from the card while the present one is hashed and sealed. */
async function* readAhead(handle: FileHandle, path: SourcePath, inTime: InTime): AsyncGenerator<Uint8Array> {
  const buffers = [pieces.take(), pieces.take()] as const;
  let turn: 0 | 1 = 0;
  let position = 0;
  let reading = readFully(handle, buffers[turn], position, inTime);
  try {
    for (;;) {
      const length = await reading;
      if (length === 0) return;
      const piece = buffers[turn].subarray(0, length);
      position += length;
      turn = turn === 0 ? 1 : 0;
      reading = readFully(handle, buffers[turn], position, inTime);
      reading.catch(() => undefined);
      yield piece;
    }
  } catch (error) {
    throw error instanceof Rejection ? error : await readRejection(error, path, inTime);
  } finally {
    const hangs = await reading.then(() => false, (error: unknown) => error instanceof SourceStuck);
    // What hangs may yet write into its buffer, which then must not be another file's.
    if (!hangs) for (const buffer of buffers) pieces.giveBack(buffer);
  }
}

/** A network drive may give less than was asked for although there is more. */
async function readFully(handle: FileHandle, buffer: Buffer, position: number, inTime: InTime): Promise<number> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesRead } = await inTime(() => handle.read(buffer, done, buffer.length - done, position + done));
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

/** A card pulled out says EIO or ENODEV; to a person the file is no longer there. */
async function readRejection(error: unknown, path: SourcePath, inTime: InTime): Promise<Rejection> {
  const gone = await inTime(() => stat(path)).then(() => false, () => true);
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
