/** Facts of a log line: short, flat, and never of a patient. The redactor drops what is not on its list. */
export type LogFields = Record<string, string | number | boolean | undefined>;

/** Events are named like `upload.completed`; what is variable goes into the fields, so that lines can be counted. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
