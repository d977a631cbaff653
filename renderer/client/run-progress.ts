/**
 * How far the present run is: from an empty queue (or the window's opening) until nothing remains.
 * Photos added on the way lengthen it, so the bar may step back, but it never claims more than is sent.
 */
export interface RunProgress {
  totalBytes: number;
  remainingBytes: number;
}

export const noRun: RunProgress = { totalBytes: 0, remainingBytes: 0 };

export function followRun(run: RunProgress, remainingBytes: number): RunProgress {
  if (run.remainingBytes === 0) return remainingBytes === 0 ? run : { totalBytes: remainingBytes, remainingBytes };
  const added = Math.max(0, remainingBytes - run.remainingBytes);
  return { totalBytes: run.totalBytes + added, remainingBytes };
}

/** From 0 to 1. */
export function runRatio(run: RunProgress): number {
  return run.totalBytes === 0 ? 0 : 1 - run.remainingBytes / run.totalBytes;
}
