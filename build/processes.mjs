/**
 * @file Child processes for the build: run one to its end, end one by its id, tell a person what takes how long.
 */
import { spawn } from 'node:child_process';

/**
 * @typedef {object} Outcome
 * @property {number} code exit code; 127 if the program is not there, 124 if it ran out of time, 128 + n if a signal ended it
 * @property {string} output what it wrote to both streams, empty when they were inherited
 */

/**
 * Runs a program to its end. Never throws: the outcome tells.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds?: number, show?: boolean, onOutput?: (text: string) => void }} [options]
 *   `seconds` ends it after that long; `show` gives it this process's streams.
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd, env = process.env, seconds, show = false, onOutput } = {}) {
  return new Promise((resolve) => {
    // npm's programs are .cmd files on Windows, which only a shell starts.
    const shell = process.platform === 'win32' && /^(npm|npx)$/.test(command);
    const child = spawn(command, args, { cwd, env, shell, stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    let output = '';
    let late = false;
    const timer = seconds === undefined ? undefined : setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    /** @param {Buffer} data */
    const take = (data) => {
      output += data.toString();
      onOutput?.(data.toString());
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: 127, output: output + error.message });
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: late ? 124 : code ?? (signal === 'SIGINT' ? 130 : 143), output });
    });
  });
}

/**
 * Ends a child with this process, however this process ends (short of SIGKILL). Needs `runMain`, which turns signals into an exit.
 * @template {import('node:child_process').ChildProcess} Child
 * @param {Child} child
 * @returns {Child}
 */
export function endWithUs(child) {
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

/**
 * Ends a child and waits until it is gone: politely, then after `graceSeconds` by force.
 * @param {import('node:child_process').ChildProcess} child
 * @param {number} [graceSeconds]
 * @returns {Promise<void>}
 */
export async function end(child, graceSeconds = 5) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
  await gone;
  clearTimeout(timer);
}

/**
 * Prints one line for a step when it ends, with its seconds.
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  process.stdout.write(`${title} …\n`);
  try {
    const result = await work();
    process.stdout.write(`${title}: done in ${seconds()}\n`);
    return result;
  } catch (error) {
    process.stdout.write(`${title}: failed after ${seconds()}\n`);
    throw error;
  }
}

/** A failure that a person can act on: its message is all they should see, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a script's main function and turns its failure into a sentence and an exit code.
 * @param {() => Promise<number | void>} main
 */
export async function runMain(main) {
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGHUP', () => process.exit(129));
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    process.stderr.write(`${error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  }
}
