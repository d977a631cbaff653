import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './paths.mjs';
import { run } from './processes.mjs';

const script = join(checkout, 'build/with-display.mjs');
const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...withoutDisplay } = process.env;
const socketOf = (display: string): string => `/tmp/.X11-unix/X${display.slice(1)}`;

test('without a display a command gets one of its own, which ends with it', async () => {
  const print = "const d = process.env.DISPLAY; console.log(d, require('fs').existsSync('/tmp/.X11-unix/X' + d.slice(1)))";
  const { code, output } = await run(process.execPath, [script, process.execPath, '-e', print], { env: withoutDisplay });
  const [display = '', wasThere] = output.trim().split(' ');
  expect([code, wasThere]).toEqual([0, 'true']);
  expect(display).toMatch(/^:\d+$/);
  expect(existsSync(socketOf(display))).toBe(false);
});

test('a display that is there is used, and the exit code is the command’s', async () => {
  const { code, output } = await run(process.execPath, [script, process.execPath, '-e', 'console.log(process.env.DISPLAY); process.exit(7)'], { env: { ...withoutDisplay, DISPLAY: ':4242' } });
  expect([code, output.trim()]).toEqual([7, ':4242']);
});

test('told to end, it takes the display and the command with it', async () => {
  const child = spawn(process.execPath, [script, process.execPath, '-e', 'console.log(process.env.DISPLAY); setInterval(() => {}, 1000)'], { env: withoutDisplay, stdio: ['ignore', 'pipe', 'inherit'] });
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  const display = data.toString().trim();
  expect(existsSync(socketOf(display))).toBe(true);
  child.kill('SIGTERM');
  const ended = once(child.stdout, 'close');
  expect((await once(child, 'exit'))[0]).toBe(143);
  // The command holds the pipe's other end: the pipe closes when it is gone.
  await ended;
  await expect.poll(() => existsSync(socketOf(display))).toBe(false);
});
