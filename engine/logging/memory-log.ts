import type { LogFields } from './logger.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** One line, redacted already. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  at: number;
  level: LogLevel;
  event: string;
  fields: LogFields;
}

/** The latest lines, for the support view. Costs nothing to keep and is gone with the process. */
export interface MemoryLog {
  add(line: LogLine): void;
  /** Oldest first. */
  lines(): LogLine[];
  /** @returns a function that stops listening. */
  subscribe(listener: (line: LogLine) => void): () => void;
}

export function createMemoryLog(capacity = 2000): MemoryLog {
  const ring: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  let next = 0;
  return {
    add(line) {
      ring[next] = line;
      next = (next + 1) % capacity;
      for (const listener of listeners) listener(line);
    },
    lines: () => [...ring.slice(next), ...ring.slice(0, next)],
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}
