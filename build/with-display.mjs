/**
 * @file Runs a command that opens windows: on the display that is there, or on a virtual one of its own that ends with it.
 *
 *   node build/with-display.mjs COMMAND [ARGUMENT...]
 */
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { SetupError, end, endWithUs, run, runMain } from './processes.mjs';

const SCREEN = '1600x1000x24';
const START_SECONDS = 10;

/** Whether windows can be opened as it is. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/**
 * Starts Xvfb on a display number that it chooses itself, so that any number of runs can go on at once.
 * @returns {Promise<{ display: string, stop: () => Promise<void> }>} `display` is what DISPLAY must be
 * @throws {SetupError} if Xvfb is missing or does not start
 */
export async function startVirtualDisplay() {
  const options = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'];
  const child = endWithUs(spawn('Xvfb', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }));
  const display = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new SetupError(`Xvfb was not ready after ${START_SECONDS} s`)), START_SECONDS * 1000);
    let text = '';
    child.stdio[3]?.on('data', (/** @type {Buffer} */ data) => {
      text += data.toString();
      if (!text.includes('\n')) return;
      clearTimeout(timer);
      resolve(`:${text.trim()}`);
    });
    child.once('error', () => reject(new SetupError('Xvfb is missing; on Debian: apt-get install xvfb')));
    child.once('exit', (code) => reject(new SetupError(`Xvfb ended at once with exit code ${code}`)));
  });
  return { display, stop: () => end(child) };
}

/**
 * Gives `work` a display.
 * @template T
 * @param {(env: NodeJS.ProcessEnv) => Promise<T>} work gets the environment with DISPLAY in it
 * @returns {Promise<T>}
 */
export async function withDisplay(work) {
  if (hasDisplay()) return work(process.env);
  const { display, stop } = await startVirtualDisplay();
  try {
    return await work({ ...process.env, DISPLAY: display });
  } finally {
    await stop();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runMain(async () => {
    const [command, ...args] = process.argv.slice(2);
    if (command === undefined) throw new SetupError('Usage: node build/with-display.mjs COMMAND [ARGUMENT...]');
    return withDisplay(async (env) => (await run(command, args, { env, show: true })).code);
  });
}
