import { HttpError } from './http.ts';

/**
 * Makes one call of the calls made within the same turn of the event loop.
 *
 * @param atMost inputs in one call; more make several.
 * @param run must answer as many results, in order; what it throws, each of its callers gets.
 */
export function coalesce<Input, Result>(atMost: number, run: (inputs: Input[]) => Promise<Result[]>): (input: Input) => Promise<Result> {
  let waiting: { input: Input; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];

  async function flush(): Promise<void> {
    const all = waiting;
    waiting = [];
    await Promise.all(Array.from({ length: Math.ceil(all.length / atMost) }, async (_, index) => {
      const batch = all.slice(index * atMost, (index + 1) * atMost);
      try {
        const results = await run(batch.map(({ input }) => input));
        batch.forEach(({ resolve }, at) => { resolve(results[at] as Result); });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }));
  }

  return (input) => new Promise((resolve, reject) => {
    if (waiting.length === 0) setImmediate(() => void flush());
    waiting.push({ input, resolve, reject });
  });
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
