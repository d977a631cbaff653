import type { LogLevel, ShownLogLine } from '../../../shared/domain/support.ts';

/** As many as can be looked through; the bundle holds more. */
export const keptLines = 2_000;
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export interface LogFilter {
  level: LogLevel;
  search: string;
}

/** Whether a line that has just come belongs to what is shown; the engine narrows those it is asked for alike. */
export function isShown(line: ShownLogLine, { level, search }: LogFilter): boolean {
  if (levels.indexOf(line.level) < levels.indexOf(level)) return false;
  return search === '' || `${line.event} ${fieldsText(line)}`.toLowerCase().includes(search.toLowerCase());
}

/** Newest first, whatever the order in which a batch comes. */
export function withNewLines(shown: readonly ShownLogLine[], batch: readonly ShownLogLine[], filter: LogFilter): readonly ShownLogLine[] {
  const added = batch.filter((line) => isShown(line, filter)).sort((a, b) => b.at - a.at);
  return added.length === 0 ? shown : [...added, ...shown].slice(0, keptLines);
}

export function fieldsText({ fields }: ShownLogLine): string {
  return Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(' ');
}

/** With milliseconds, since order is what a log is read for. */
export function logTime(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
