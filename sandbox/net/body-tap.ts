/**
 * @file Watches or holds back the body of a request without reading it.
 *
 * Listening for `data` would start the flow and take the body away from the real handler. Node's parser hands every piece
 * to `push`, so standing in front of `push` sees exactly the bytes that arrived, and answering `false` to the parser makes
 * it stop reading the socket, as a slow reader would.
 */
import type { IncomingMessage } from 'node:http';

export type Piece = Buffer | null;

/** Decides about one piece (`null` is the end); `pass` hands it on. Returns false to make the sender wait. */
export type BodyTap = (piece: Piece, pass: (piece: Piece) => boolean) => boolean;

/** Puts `tap` in front of what was there before. Call it before anything of the body was pushed: in the `request` event. */
export function tapBody(request: IncomingMessage, tap: BodyTap): void {
  const pass = request.push.bind(request);
  request.push = (piece: Piece) => tap(piece, pass);
}

/** Calls `onBytes` with the length of every piece and hands it on. */
export function countBody(request: IncomingMessage, onBytes: (bytes: number) => void): void {
  tapBody(request, (piece, pass) => {
    if (piece) onBytes(piece.length);
    return pass(piece);
  });
}

/** Hands on at most `bytesPerSecond`, in tenths of a second, and reads hardly further ahead. */
export function slowBody(request: IncomingMessage, bytesPerSecond: number): void {
  const waiting: Piece[] = [];
  let waitingBytes = 0;
  const perTick = Math.max(1, Math.floor(bytesPerSecond / 10));
  let timer: NodeJS.Timeout | undefined;
  request.once('close', () => clearInterval(timer));
  tapBody(request, (piece, pass) => {
    waiting.push(piece);
    waitingBytes += piece?.length ?? 0;
    timer ??= setInterval(() => {
      let left = perTick;
      while (left > 0) {
        const head = waiting.shift();
        if (head === undefined) return;
        if (head === null) {
          clearInterval(timer);
          pass(null);
          return;
        }
        const now = head.subarray(0, left);
        if (now.length < head.length) waiting.unshift(head.subarray(left));
        left -= now.length;
        waitingBytes -= now.length;
        pass(now);
      }
    }, 100);
    return waitingBytes < perTick;
  });
}

/** Hands on `bytes`, then calls `then` once; whatever else arrives is never read. */
export function cutBody(request: IncomingMessage, bytes: number, then: () => void): void {
  let left = bytes;
  let cut = false;
  tapBody(request, (piece, pass) => {
    if (cut) return false;
    if (piece === null) return pass(null);
    if (piece.length < left) {
      left -= piece.length;
      return pass(piece);
    }
    cut = true;
    if (left > 0) pass(piece.subarray(0, left));
    then();
    return false;
  });
}
