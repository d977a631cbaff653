import type { LogFields, Logger } from '../../engine/logging/logger.ts';

export type MainLog = Logger;

/** One JSON line an event on stderr. What main does is little, and none of it is about a patient; the engine keeps the log files. */
export function createMainLog(write: (line: string) => void = (line) => { process.stderr.write(`${line}\n`); }): MainLog {
  const line = (level: string) => (event: string, fields: LogFields = {}): void => {
    write(JSON.stringify({ at: new Date().toISOString(), level, event, ...fields }));
  };
  return { debug: () => undefined, info: line('info'), warn: line('warn'), error: line('error') };
}
