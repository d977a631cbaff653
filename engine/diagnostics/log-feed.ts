import type { ShownLogLine } from '../../shared/domain/support.ts';
import type { LogLine, MemoryLog } from '../logging/memory-log.ts';

/** Four batches a second at most. */
const batchMs = 250;
/** A burst is told by its newest lines; the rest can be asked for. */
const mostInABatch = 200;

export function toShownLine({ at, level, event, fields }: LogLine): ShownLogLine {
  return {
    at: Math.round(at), level, event: event.slice(0, 200),
    fields: Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined)),
  };
}

/** Tells of new lines, oldest first, in batches. */
export class LogFeed {
  readonly #tell: (lines: ShownLogLine[]) => void;
  readonly #stop: () => void;
  #waiting: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(memory: MemoryLog, tell: (lines: ShownLogLine[]) => void) {
    this.#tell = tell;
    this.#stop = memory.subscribe((line) => this.#add(line));
  }

  close(): void {
    this.#stop();
    clearTimeout(this.#timer);
  }

  #add(line: LogLine): void {
    this.#waiting.push(line);
    if (this.#waiting.length > mostInABatch) this.#waiting.shift();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell(this.#waiting.splice(0).map(toShownLine));
    }, batchMs).unref();
  }
}
