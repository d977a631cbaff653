import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CommandContext } from './context.ts';
import { Interrupted } from './explain.ts';
import { unlessAborted } from './io.ts';

/** What is piped in, less the line's end that `echo` adds. @throws Interrupted, also where the other end stays open */
export async function readPiped(context: CommandContext): Promise<string> {
  return unlessAborted(context.io.signal, readAll(context.io.stdin));
}

async function readAll(stdin: AsyncIterable<unknown>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stdin) pieces.push(Buffer.from(piece as Buffer));
  return Buffer.concat(pieces).toString('utf8').replace(/\r?\n$/, '');
}

/** Somebody sits there and can be asked. */
export function isTerminal({ io }: CommandContext): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** Asked on the terminal without showing what is typed. @throws Interrupted */
export async function askHidden(context: CommandContext, prompt: string): Promise<string> {
  const { stderr } = context.io;
  const muted = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    stderr.write(prompt);
    return await answer(context, muted, '');
  } finally {
    stderr.write('\n');
  }
}

/** @returns what was typed, in view. @throws Interrupted */
export async function askInView(context: CommandContext, prompt: string): Promise<string> {
  return answer(context, context.io.stderr, prompt);
}

/**
 * While a question stands the terminal gives Ctrl-C to it and not to the process, as it does Ctrl-D; and one that is closed gives no answer
 * ever. All three are a person's "no more of this".
 */
async function answer({ io: { stdin, signal } }: CommandContext, output: Writable, prompt: string): Promise<string> {
  const asking = createInterface({ input: stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      asking.once('close', () => reject(new Interrupted()));
      asking.question(prompt, { signal }).then(resolve, () => reject(signal.aborted ? signal.reason as Error : new Interrupted()));
    });
  } finally {
    asking.close();
  }
}
