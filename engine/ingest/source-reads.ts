import { dirname } from 'node:path';
import { noLongerWanted, systemClock, type Clock } from '../clock.ts';
import { threadPoolSize } from '../thread-pool.ts';
import { Rejection } from './rejection.ts';

/*
 * [Note: a card that hangs] A read of a card or a share that gives nothing ends when the system says so, which may be never, and until then it holds
 * one of the few threads on which Node reads files, looks names up and flushes disks. Four of them, as many as Node has by itself, and
 * nothing is sent any more, while it looks as if the network were gone. So the engine's process has sixteen (`threadPoolSize`), its sources are read by
 * four at once, a read has a time limit after which its file is rejected and others go on, and those that hang for longer may not become many.
 */

/** Half a megabyte in this time is slower than any card that works. */
const limitMs = 30_000;

export interface SourceReadsOptions {
  clock: Pick<Clock, 'sleep'>;
  /** Under way at the same time, those aside that hang. */
  atOnce: number;
  /** With so many that hang, no more are begun. */
  stuckAtMost: number;
  limitMs: number;
}

/** It has taken longer than it may. The system is still at it: what it writes to or reads from must be left alone until then. */
export class SourceStuck extends Rejection {
  readonly ended: Promise<unknown>;

  constructor(ended: Promise<unknown>) {
    super('unreadable', { detail: 'ETIMEDOUT' });
    this.ended = ended;
  }
}

/** Two of one folder that hang are no longer one bad spot on a card: the card hangs. */
const folderHangsAt = 2;

/** What is asked of cards and shares goes through here. See [Note: a card that hangs]. */
export class SourceReads {
  readonly #options: SourceReadsOptions;
  readonly #waiting: (() => void)[] = [];
  readonly #stuckIn = new Map<string, number>();
  #underWay = 0;
  #stuck = 0;

  constructor(options: SourceReadsOptions) {
    this.#options = options;
  }

  /**
   * @param path what it is about
   * @param onLate told of a result for which nobody waits any more
   * @throws SourceStuck, or what `work` throws
   */
  async inTime<T>(path: string | Buffer, work: () => Promise<T>, onLate: (value: T) => void = () => undefined): Promise<T> {
    const folder = dirname(path.toString());
    while (this.#underWay >= this.#options.atOnce) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    if (this.#stuck >= this.#options.stuckAtMost || (this.#stuckIn.get(folder) ?? 0) >= folderHangsAt) {
      this.#waiting.shift()?.();
      throw new SourceStuck(Promise.resolve());
    }
    this.#underWay += 1;
    const over = new AbortController();
    let settled = false;
    const working = work().finally(() => { settled = true; over.abort(noLongerWanted); });
    // Whoever waits for it hears of it; where nobody does, it must not end the process.
    working.catch(() => undefined);
    await Promise.race([working.then(() => undefined, () => undefined), this.#options.clock.sleep(this.#options.limitMs, over.signal)]);
    if (!settled) this.#leaveStuck(folder, working.then(onLate, () => undefined));
    this.#underWay -= 1;
    this.#waiting.shift()?.();
    if (!settled) throw new SourceStuck(working.catch(() => undefined));
    return working;
  }

  #leaveStuck(folder: string, ended: Promise<void>): void {
    this.#stuck += 1;
    this.#stuckIn.set(folder, (this.#stuckIn.get(folder) ?? 0) + 1);
    void ended.finally(() => {
      this.#stuck -= 1;
      const left = (this.#stuckIn.get(folder) ?? 1) - 1;
      if (left > 0) this.#stuckIn.set(folder, left);
      else this.#stuckIn.delete(folder);
    });
  }
}

/** Threads are left for all else, even where the process has no more than Node's four: one that was begun without saying how many. */
export function sourceReadsFor(threads: number): SourceReads {
  return new SourceReads({ clock: systemClock, limitMs, ...(threads >= threadPoolSize ? { atOnce: 4, stuckAtMost: 8 } : { atOnce: 2, stuckAtMost: 1 }) });
}

/** The process has one pool, so all that it reads counts together. */
export const sourceReads = sourceReadsFor(Number(process.env['UV_THREADPOOL_SIZE'] ?? 4));
