import { createReadStream, createWriteStream } from 'node:fs';
import type { CommandIo } from '../../cli/io.ts';

type Streams = Pick<CommandIo, 'stdin' | 'stdout' | 'stderr'>;

/**
 * The streams of whoever gave the command.
 *
 * [Note: a console on Windows] There Electron's main process has none to speak of: its `process.stdin` has always ended, and what is written
 * to the other two goes to Chromium's log. So the descriptors themselves are used, which `relevo.cmd` hands on. They are not taken for a
 * terminal: nothing is asked there and no bar is drawn; passwords come by `--password-stdin`. Not run on Windows yet.
 */
export function consoleStreams(platform: NodeJS.Platform): Streams {
  if (platform !== 'win32') return { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  return {
    stdin: createReadStream('', { fd: 0, autoClose: false }),
    stdout: createWriteStream('', { fd: 1, autoClose: false }),
    stderr: createWriteStream('', { fd: 2, autoClose: false }),
  };
}
