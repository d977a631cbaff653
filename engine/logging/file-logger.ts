import { closeSync, fstatSync, openSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '../clock.ts';
import { makeFolderNow } from '../data-folder/make-folder.ts';
import type { LogFields, Logger } from './logger.ts';
import { createMemoryLog, logLevels, type LogLevel, type LogLine, type MemoryLog } from './memory-log.ts';
import { redactFields } from './redact.ts';

export interface FileLogger extends Logger {
  readonly memory: MemoryLog;
  /** Resolves when everything logged so far has been handed to the system. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface FileLoggerOptions {
  /** Made if it is not there. */
  dir: string;
  /** What goes to the file; the memory log gets everything. */
  level: LogLevel;
  clock: Clock;
  memory?: MemoryLog;
  /** Default 1 MB. */
  maxFileBytes?: number;
  /** Default 5, the one being written included. */
  maxFiles?: number;
}

const flushDelayMs = 100;
const writeAsync = promisify(write);

/**
 * Writes JSON lines to `relevo.log`, turned over to `relevo.1.log` and so on by size. Every line is redacted first.
 *
 * Never throws and never makes anyone wait: where the disk does not take a line, the line is lost and the work goes on.
 * What is still in memory when the process exits is written then, with one call that waits; only SIGKILL loses it.
 */
export function createFileLogger(options: FileLoggerOptions): FileLogger {
  const { dir, clock } = options;
  const maxFileBytes = options.maxFileBytes ?? 1024 * 1024;
  const maxFiles = options.maxFiles ?? 5;
  const memory = options.memory ?? createMemoryLog();
  const threshold = logLevels.indexOf(options.level);

  let waiting: string[] = [];
  /** Being written. Every write names its position, so that writing it again on exit cannot double a line. */
  let underWay: Buffer | undefined;
  let file: number | undefined;
  let position = 0;
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let closed = false;

  const pathOf = (number: number): string => join(dir, number === 0 ? 'relevo.log' : `relevo.${number}.log`);

  function open(): number {
    if (file === undefined) {
      makeFolderNow(dir);
      try {
        file = openSync(pathOf(0), 'r+');
      } catch {
        file = openSync(pathOf(0), 'w+', 0o600);
      }
      position = fstatSync(file).size;
    }
    return file;
  }

  function closeFile(): void {
    if (file !== undefined) closeSync(file);
    file = undefined;
  }

  function turnOver(): void {
    closeFile();
    rmSync(pathOf(maxFiles - 1), { force: true });
    for (let number = maxFiles - 2; number >= 0; number -= 1) {
      try { renameSync(pathOf(number), pathOf(number + 1)); } catch { /* It is not there yet. */ }
    }
  }

  function take(): Buffer | undefined {
    if (waiting.length === 0) return undefined;
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    return bytes;
  }

  function openFor(bytes: Buffer): number {
    const opened = open();
    if (position === 0 || position + bytes.length <= maxFileBytes) return opened;
    turnOver();
    return open();
  }

  async function writeWaiting(): Promise<void> {
    for (let bytes = take(); bytes; bytes = take()) {
      try {
        const target = openFor(bytes);
        underWay = bytes;
        for (let done = 0; done < bytes.length;) {
          done += (await writeAsync(target, bytes, done, bytes.length - done, position + done)).bytesWritten;
        }
        position += bytes.length;
      } catch {
        try { closeFile(); } catch { file = undefined; }
      } finally {
        underWay = undefined;
      }
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing ??= writeWaiting().finally(() => { flushing = undefined; });
    await flushing;
    if (waiting.length > 0) await flush();
  }

  function writeTail(): void {
    try {
      if (underWay && file !== undefined) {
        writeSync(file, underWay, 0, underWay.length, position);
        position += underWay.length;
        underWay = undefined;
      }
      const bytes = take();
      if (bytes) writeSync(openFor(bytes), bytes, 0, bytes.length, position);
    } catch { /* There is nobody left to tell. */ }
  }
  process.on('exit', writeTail);

  function log(level: LogLevel, event: string, fields: LogFields = {}): void {
    const line: LogLine = { at: clock.now(), level, event: /^[a-z0-9][a-z0-9.-]{0,80}$/i.test(event) ? event : '[event]', fields: redactFields(fields) };
    memory.add(line);
    if (closed || logLevels.indexOf(level) < threshold) return;
    waiting.push(`${JSON.stringify({ at: new Date(line.at).toISOString(), level, event: line.event, ...line.fields })}\n`);
    if (level === 'error') void flush();
    else timer ??= setTimeout(() => void flush(), flushDelayMs).unref();
  }

  return {
    memory,
    debug: (event, fields) => log('debug', event, fields),
    info: (event, fields) => log('info', event, fields),
    warn: (event, fields) => log('warn', event, fields),
    error: (event, fields) => log('error', event, fields),
    flush,
    async close() {
      if (closed) return;
      closed = true;
      await flush();
      process.off('exit', writeTail);
      closeFile();
    },
  };
}
