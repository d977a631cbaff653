import type { Readable, Writable } from 'node:stream';

/** The world around one run of the command line. */
export interface CommandIo {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean };
  /** Progress bars and errors for people; results never. */
  stderr: Writable & { isTTY?: boolean; columns?: number };
  environment: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl-C or a request to end. */
  signal: AbortSignal;
}

/** What the work comes to, or the signal's reason as soon as it aborts; the work itself is not stopped. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}

/** The language that the system's locale names, where it is one of ours. POSIX: LC_ALL over LC_MESSAGES over LANG. */
export function localeLanguage(environment: CommandIo['environment']): 'es' | 'en' | undefined {
  const locale = environment.LC_ALL || environment.LC_MESSAGES || environment.LANG || '';
  return /^(es|en)(?![a-z])/i.exec(locale)?.[1]?.toLowerCase() as 'es' | 'en' | undefined;
}

/** Names of files and patients come from elsewhere; control characters in them must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
