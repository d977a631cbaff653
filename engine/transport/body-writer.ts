import type { Writable } from 'node:stream';

const smallestSlice = 16 * 1024;
const firstSlice = 128 * 1024;
const largestSlice = 256 * 1024;
const quickMs = 50;
const slowMs = 2_000;

/**
 * Writes chunks in slices and tells of each when the socket has really taken it, which is when its callback comes:
 * `bytesWritten` counts what is merely queued. Slices shrink on a slow link, so that a link that moves half a
 * kilobyte a second still shows that it moves.
 *
 * @param monotonic milliseconds that only grow.
 * @returns once all is taken, or as soon as `stopped` says so. Never rejects: a socket that dies says so itself.
 */
export async function writeBody(
  to: Writable, chunks: readonly Uint8Array[], monotonic: () => number, stopped: () => boolean, onTaken: (bytes: number) => void,
): Promise<void> {
  let slice = firstSlice;
  let gathered: Uint8Array[] = [];
  let room = slice;
  const flush = async (): Promise<void> => {
    if (gathered.length === 0) return;
    const bytes = gathered.reduce((sum, piece) => sum + piece.length, 0);
    const begun = monotonic();
    const taken = await writeAll(to, gathered);
    if (taken) onTaken(bytes);
    const took = monotonic() - begun;
    if (took < quickMs) slice = Math.min(largestSlice, slice * 2);
    if (took > slowMs) slice = Math.max(smallestSlice, slice / 2);
    gathered = [];
    room = slice;
  };
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      if (stopped()) return;
      const end = Math.min(chunk.length, start + room);
      gathered.push(chunk.subarray(start, end));
      room -= end - start;
      start = end;
      if (room === 0) await flush();
    }
  }
  if (!stopped()) await flush();
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
