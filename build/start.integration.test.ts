import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './paths.mjs';
import { run } from './processes.mjs';

test.runIf(process.platform === 'linux')('without a display, npm start says so, points to the demonstration and ends', async () => {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const { code, output } = await run(process.execPath, [join(checkout, 'build/start.ts')], { env, seconds: 20 });
  expect(code).toBe(1);
  expect(output).toContain('There is no display here');
  expect(output).toContain('npm run demo');
  expect(output).not.toMatch(/\n\s+at /);
});
