import type { Clock } from '../clock.ts';
import type { LogFields, Logger } from './logger.ts';
import { createMemoryLog, type LogLevel, type MemoryLog } from './memory-log.ts';
import { redactFields } from './redact.ts';

/** A logger that has its latest lines in memory: the one given if it keeps them already, else one around it that does. */
export function rememberingLogger(log: Logger & { memory?: MemoryLog }, clock: Clock): { log: Logger; memory: MemoryLog } {
  if (log.memory) return { log, memory: log.memory };
  const memory = createMemoryLog();
  const both = (level: LogLevel) => (event: string, fields: LogFields = {}): void => {
    memory.add({ at: clock.now(), level, event, fields: redactFields(fields) });
    log[level](event, fields);
  };
  return { log: { debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') }, memory };
}
