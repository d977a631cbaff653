import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { exitCodes } from './failure.ts';
import { localHost } from './local-host.ts';
import { createCommandProcess, type CommandProcess } from './process.ts';

/** As a process's own streams are: never destroyed, so that each writing fails anew. */
function broken(): Writable {
  const gone = Object.assign(new Error('gone'), { code: 'EPIPE' });
  return Object.assign(new Writable({ autoDestroy: false }), {
    write(this: Writable, _text: string, done?: (error: Error) => void) {
      setImmediate(() => {
        done?.(gone);
        // An error that nobody listens to is thrown.
        if (!this.emit('error', gone)) throw gone;
      });
      return false;
    },
  });
}

test('with both outputs broken it ends once, however often it is told of it', async () => {
  const codes: number[] = [];
  const command: CommandProcess = createCommandProcess({ stdin: new PassThrough(), stdout: broken(), stderr: broken(), environment: {}, exit: (code) => { codes.push(code); } });
  await command.run(['--version'], localHost);
  for (let turn = 0; turn < 5; turn += 1) {
    command.fail(new Error('one more'));
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  expect(codes).toEqual([exitCodes.failed]);
});
