/**
 * What a filter sees of the bytes that go by: `window` from `at` on. It says of each byte whether it goes out (`pass`) or not
 * (`drop`), and puts others in between (`put`). The window belongs to whoever reads the file: it may be looked at, not written to.
 */
export class Sight {
  window: Buffer = Buffer.alloc(0);
  at = 0;
  /** Nothing comes after what is in the window. */
  ended = false;
  #passedFrom = 0;
  #out: Uint8Array[] = [];

  /** Bytes in sight. */
  get length(): number {
    return this.window.length - this.at;
  }

  pass(count: number): void {
    this.at += count;
  }

  drop(count: number): void {
    this.#flush();
    this.at += count;
    this.#passedFrom = this.at;
  }

  put(bytes: Uint8Array): void {
    this.#flush();
    this.#out.push(bytes);
  }

  text(from: number, length: number): string {
    return this.window.toString('latin1', this.at + from, Math.min(this.window.length, this.at + from + length));
  }

  /** What is to go out by now. The pieces lie in the window: they are good until the next one comes. */
  takeOut(): Uint8Array[] {
    this.#flush();
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** What was passed must have been taken out before. */
  look(window: Buffer): void {
    this.window = window;
    this.at = 0;
    this.#passedFrom = 0;
  }

  #flush(): void {
    if (this.at > this.#passedFrom) this.#out.push(this.window.subarray(this.#passedFrom, this.at));
    this.#passedFrom = this.at;
  }
}

/**
 * Goes over the bytes of a file. It yields how many bytes it wants in sight, and goes on when that many are, or when no more are to
 * come. It asks for no more than it can do with in memory. What is left when it returns goes out as it is.
 */
export type Filter = (sight: Sight) => Generator<number, void, void>;

/** A photo has some dozens in all; a file made of nothing but marks must not keep the engine from everything else. */
const stepsInARow = 4_096;

/**
 * The pieces as a filter leaves them. Each is good until the next one is asked for, which may be asked of pieces of which the same
 * holds. What is not changed is not copied, but for what lies across the border of two pieces and must be seen at once.
 */
export async function* filtered(pieces: AsyncIterable<Uint8Array>, filter: Filter): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]();
  const sight = new Sight();
  let piece: Buffer = Buffer.alloc(0);
  /** Where the window is not the piece itself: it holds this many bytes from before it, */
  let before = 0;
  /** and this many of its own. */
  let taken = 0;
  const steps = filter(sight);
  try {
    for (let step = steps.next(), count = 1; !step.done; step = steps.next(), count += 1) {
      if (count % stepsInARow === 0) await new Promise((resolve) => { setImmediate(resolve); });
      while (sight.length < step.value && !sight.ended) {
        yield* sight.takeOut();
        const left = sight.window.subarray(sight.at);
        if (before > 0 && sight.at >= before) {
          sight.look(piece.subarray(sight.at - before));
          before = 0;
        } else if (before > 0 && taken < piece.length) {
          // As much again as is wanted, or what wants a little more each time would copy the window each time.
          const more = piece.subarray(taken, taken + step.value * 2);
          before -= sight.at;
          taken += more.length;
          sight.look(Buffer.concat([left, more]));
        } else {
          // The piece that this lies in is about to be written over.
          sight.look(Buffer.from(left));
          const next = await source.next();
          sight.ended = next.done === true;
          piece = next.done ? Buffer.alloc(0) : Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
          before = next.done ? 0 : sight.length;
          taken = 0;
          if (before === 0 && !next.done) sight.look(piece);
        }
      }
    }
    sight.pass(sight.length);
    yield* sight.takeOut();
    if (before > 0) yield piece.subarray(taken);
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

/** Passes, or drops, that many bytes, however many are in sight; fewer where the file ends before. */
export function* goOver(sight: Sight, count: number, how: 'pass' | 'drop' = 'pass'): Generator<number, void, void> {
  for (let left = count; left > 0;) {
    if (sight.length === 0) yield 1;
    if (sight.length === 0) return;
    const now = Math.min(left, sight.length);
    sight[how](now);
    left -= now;
  }
}
