import type { Writable } from 'node:stream';

const smallestSlice = 16 * 1024;
const firstSlice = 64 * 1024;
const largestSlice = 256 * 1024;
/** What the kernel takes into its buffer at the beginning says nothing of the link: only past so much do slices grow. */
const provenBytes = 1024 * 1024;
const quickMs = 50;
const slowMs = 2_000;

/** Gives out turns to those who send bodies; see `Bandwidth`. */
export interface Pace {
  /** The most that should be sent in one turn; Infinity where nothing is limited. */
  readonly slice: number;
  /** Resolves when so much may go, or at once when the signal aborts; undefined where it may go now. Never rejects. */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined;
}

export interface BodyWriting {
  to: Writable;
  chunks: readonly Uint8Array[];
  /** Milliseconds that only grow. */
  monotonic: () => number;
  /** Aborts when nothing more is to be written. */
  over: AbortSignal;
  pace: Pace | undefined;
  /** It begins or ends to wait for its turn. */
  onTurn: (awaited: boolean) => void;
  onTaken: (bytes: number) => void;
}

/**
 * Writes chunks in slices and tells of each when the socket has really taken it, which is when its callback comes:
 * `bytesWritten` counts what is merely queued. Slices grow only once the link itself has been quick, and shrink where it
 * is slow: the first that has to wait must be through long before a stall would be believed.
 *
 * @returns once all is taken, or as soon as `over` says so. Never rejects: a socket that dies says so itself.
 */
export async function writeBody({ to, chunks, monotonic, over, pace, onTurn, onTaken }: BodyWriting): Promise<void> {
  let slice = firstSlice;
  let gone = 0;
  let gathered: Uint8Array[] = [];
  const nextRoom = (): number => Math.min(slice, pace?.slice ?? slice);
  let room = nextRoom();
  const flush = async (): Promise<void> => {
    if (gathered.length === 0) return;
    const bytes = gathered.reduce((sum, piece) => sum + piece.length, 0);
    const turn = pace?.take(bytes, over);
    if (turn) {
      onTurn(true);
      await turn;
      onTurn(false);
      if (over.aborted) return;
    }
    const begun = monotonic();
    const taken = await writeAll(to, gathered);
    if (taken) onTaken(bytes);
    const took = monotonic() - begun;
    gone += bytes;
    if (took < quickMs && gone >= provenBytes) slice = Math.min(largestSlice, slice * 2);
    if (took > slowMs) slice = Math.max(smallestSlice, slice / 2);
    gathered = [];
    room = nextRoom();
  };
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      if (over.aborted) return;
      const end = Math.min(chunk.length, start + room);
      gathered.push(chunk.subarray(start, end));
      room -= end - start;
      start = end;
      if (room === 0) await flush();
    }
  }
  if (!over.aborted) await flush();
}

function writeAll(to: Writable, pieces: readonly Uint8Array[]): Promise<boolean> {
  return new Promise((resolve) => {
    const closed = (): void => { resolve(false); };
    to.once('close', closed);
    pieces.forEach((piece, index) => {
      to.write(piece, index < pieces.length - 1 ? undefined : (error) => {
        to.off('close', closed);
        resolve(!error);
      });
    });
  });
}
