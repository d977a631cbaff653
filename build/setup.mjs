/**
 * @file Sets up a checkout: Node 24 and the packages, the Electron runtime, and on Debian what they need from the system. Plain JavaScript
 * for the system's Node (20 or newer); may import nothing from node_modules, which may not be there yet.
 *
 *   node build/setup.mjs [--for packages|start|demo|test|spaces|bench] [--then SCRIPT [ARGUMENT ...]]
 *
 * With --then it runs the script on the Node 24 that it has set up. (A shell that has looked `node` up once goes on using the
 * system's, so `setup && node script` would not do on a fresh clone.)
 * Without --for it sets up everything but Ceph. Quick when there is nothing to do, so that every command can begin with it.
 */
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { BENCH_NEEDS, CEPH_NEEDS, VIRTUAL_DISPLAY_NEEDS, WINDOW_NEEDS, provide } from './debian.mjs';
import { electronRuntime } from './electron-runtime.mjs';
import { packagesAreCurrent } from './packages.mjs';
import { checkout, node24 } from './paths.mjs';
import { SetupError, run, runMain, step } from './processes.mjs';
import { hasDisplay } from './with-display.mjs';

/** The Node that npm runs on while it installs; the `node` package installs the same one for everything after. */
const INSTALLING_NODE = '24.9.0';
const OLDEST_NODE = 20;

async function installPackages() {
  if (packagesAreCurrent(checkout) && existsSync(node24)) return;
  await step('Packages', async () => {
    const quiet = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
    // npm on an older Node leaves out, without a word, optional packages that ask for a newer one.
    const outcome = await run('npx', ['-y', '-p', `node@${INSTALLING_NODE}`, '--', 'npm', ...quiet], { cwd: checkout, seconds: 1200 });
    if (outcome.code !== 0) throw new SetupError(`npm could not install the packages:\n${outcome.output}`);
    if (!existsSync(node24)) throw new SetupError(`npm left out Node ${INSTALLING_NODE}: is npm older than 9, or are install scripts switched off?\n${outcome.output}`);
  });
}

/** @param {string} purpose */
async function setUp(purpose) {
  await installPackages();
  if (purpose === 'packages') return;
  if (purpose === 'bench') await provide(BENCH_NEEDS, 'The comparison');
  if (purpose === 'spaces' || purpose === 'bench') return provide(CEPH_NEEDS, 'The Ceph gateway');
  await electronRuntime();
  await provide(WINDOW_NEEDS, 'A window');
  if (purpose === 'start' || hasDisplay()) return;
  await provide(VIRTUAL_DISPLAY_NEEDS, 'A virtual display');
}

await runMain(async () => {
  const began = performance.now();
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) throw new SetupError(`Node ${OLDEST_NODE} or newer is needed to start; this is ${process.versions.node}.`);
  const all = process.argv.slice(2);
  const end = all.indexOf('--then');
  const [flag, purpose = 'everything'] = end < 0 ? all : all.slice(0, end);
  const script = end < 0 ? [] : all.slice(end + 1);
  if (flag !== undefined && (flag !== '--for' || !['packages', 'start', 'demo', 'test', 'spaces', 'bench'].includes(purpose))) {
    throw new SetupError('Usage: node build/setup.mjs [--for packages|start|demo|test|spaces|bench] [--then SCRIPT [ARGUMENT ...]]');
  }
  await setUp(purpose);
  if (script.length > 0) return (await run(node24, script, { cwd: checkout, env: { ...process.env, PATH: `${dirname(node24)}${delimiter}${process.env.PATH ?? ''}` }, show: true })).code;
  if (flag === undefined) process.stdout.write(`Ready in ${((performance.now() - began) / 1000).toFixed(1)} s.\n`);
  return 0;
});
