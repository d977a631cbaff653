import { HttpError } from './http.ts';

interface Waiting<Input, Result> {
  input: Input;
  signal: AbortSignal;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Makes one call of the calls made within the same turn of the event loop. A caller that no longer wants it is answered at once
 * (`HttpError` `aborted`) while the call goes on for the others; it is aborted when the last of them has left, so that nothing of it
 * goes on in the name of somebody who has.
 *
 * @param atMost inputs in one call; more make several.
 * @param run must answer as many results, in order; what it throws, each of its callers gets.
 */
export function coalesce<Input, Result>(
  atMost: number, run: (inputs: Input[], signal: AbortSignal) => Promise<(Result | Promise<Result>)[]>,
): (input: Input, signal: AbortSignal) => Promise<Result> {
  let waiting: Waiting<Input, Result>[] = [];

  async function runBatch(batch: Waiting<Input, Result>[]): Promise<void> {
    const left = new AbortController();
    const look = (): void => { if (batch.every(({ signal }) => signal.aborted)) left.abort(); };
    for (const { signal } of batch) signal.addEventListener('abort', look, { once: true });
    look();
    try {
      const results = await run(batch.map(({ input }) => input), left.signal);
      batch.forEach(({ resolve }, at) => { resolve(results[at] as Result | Promise<Result> as Result); });
      await Promise.allSettled(results);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { signal } of batch) signal.removeEventListener('abort', look);
    }
  }

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += atMost) void runBatch(all.slice(start, start + atMost));
  }

  return (input, signal) => unlessAborted(new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ input, signal, resolve, reject });
  }), signal);
}

/** What a shared call brings, unless this caller no longer wants it; the call itself goes on for the others. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(new HttpError({ reason: 'aborted', endpoint: 'gateway', requestSent: false })); };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', abort); });
  });
}
