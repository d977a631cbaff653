import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { askHidden, askInView, readPiped } from './ask.ts';
import { createContext, type CommandContext } from './context.ts';
import { explain, Interrupted } from './explain.ts';
import { localHost } from './local-host.ts';

const terminal = () => Object.assign(new PassThrough(), { isTTY: true });

function asked(): { context: CommandContext; stdin: PassThrough; shown(): string; abort: AbortController } {
  const stdin = terminal();
  const stderr = terminal();
  const abort = new AbortController();
  const context = createContext({ stdin, stdout: terminal(), stderr, environment: { LANG: 'en_US.UTF-8' }, signal: abort.signal }, localHost, { dataDir: '/nowhere' });
  return { context, stdin, shown: () => String(stderr.read() ?? ''), abort };
}

describe.each([['hidden', askHidden], ['in view', askInView]])('a question, %s', (_name, ask) => {
  test('is answered', async () => {
    const { context, stdin, shown } = asked();
    stdin.write('s3cret\n');
    expect(await ask(context, 'Which? ')).toBe('s3cret');
    expect(shown()).toContain('Which? ');
  });

  test.each([['Ctrl-C', '\u0003'], ['Ctrl-D', '\u0004']])('%s ends the command as an interruption, and not as something unexpected', async (_key, key) => {
    const { context, stdin } = asked();
    const answer = ask(context, 'Which? ');
    stdin.write(key);
    const error = await answer.catch((reason: unknown) => reason);
    expect(explain(error, 'en')).toMatchObject({ code: 'interrupted', exitCode: 130, message: expect.stringMatching(/^Interrupted\./) as string });
  });

  test('so does a terminal that is gone', async () => {
    const { context, stdin } = asked();
    const answer = ask(context, 'Which? ');
    stdin.end();
    await expect(answer).rejects.toThrow(Interrupted);
  });

  test('and a request to end', async () => {
    const { context, abort } = asked();
    const answer = ask(context, 'Which? ');
    abort.abort(new Interrupted());
    await expect(answer).rejects.toThrow(Interrupted);
  });
});

test('what is typed unseen is not shown', async () => {
  const { context, stdin, shown } = asked();
  stdin.write('s3cret\n');
  await askHidden(context, 'Which? ');
  expect(shown()).toBe('Which? \n');
});

test('what is piped in is taken without its line’s end, and not waited for after a request to end', async () => {
  const whole = asked();
  whole.stdin.end('s3cret\n');
  expect(await readPiped(whole.context)).toBe('s3cret');
  const open = asked();
  const reading = readPiped(open.context);
  open.stdin.write('half of it');
  open.abort.abort(new Interrupted());
  await expect(reading).rejects.toThrow(Interrupted);
});
