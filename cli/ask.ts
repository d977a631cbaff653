import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandContext } from './context.ts';

/** What is piped in, less the line's end that `echo` adds. */
export async function readPiped(context: CommandContext): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of context.io.stdin) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces).toString('utf8').replace(/\r?\n$/, '');
}

/** Somebody sits there and can be asked. */
export function isTerminal({ io }: CommandContext): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** Asked on the terminal without showing what is typed. */
export async function askHidden(context: CommandContext, prompt: string): Promise<string> {
  const { stdin, stderr, signal } = context.io;
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asking = createInterface({ input: stdin, output: muted, terminal: true });
  try {
    stderr.write(prompt);
    return await asking.question('', { signal });
  } finally {
    asking.close();
    stderr.write('\n');
  }
}

/** @returns what was typed, in view */
export async function askInView(context: CommandContext, prompt: string): Promise<string> {
  const { stdin, stderr, signal } = context.io;
  const asking = createInterface({ input: stdin, output: stderr, terminal: true });
  try {
    return await asking.question(prompt, { signal });
  } finally {
    asking.close();
  }
}
