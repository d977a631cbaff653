/**
 * @file Runs the checks and ends with one plain line, `N passed, N failed`, over all of them.
 *
 *   node build/test.ts all|e2e|spaces   the checks of that name
 *   node build/test.ts total            the closing line over what ran since the last `all`
 *
 * A step that is not made of tests (types, lint, bundle) counts as one failure if it fails, and is not counted if it passes.
 */
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { audit } from './audit.ts';
import { checkout } from './paths.mjs';
import { SetupError, run, runMain } from './processes.mjs';
import { withDisplay } from './with-display.mjs';
import { withSpaces } from './with-spaces.ts';

const results = join(checkout, 'test-results', 'counts');

interface Counts {
  passed: number;
  failed: number;
  /** A step that could not be done at all says so, and counts as neither. */
  notRun?: boolean;
}
interface Step { title: string; run: () => Promise<Counts> }

type Environment = Record<string, string | undefined>;

/** Colours are for a terminal, not for a log. */
const colours: Environment = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined };

/** Runs one of the installed tools; true if it was content. */
async function tool(name: string, args: string[], env: Environment = process.env): Promise<boolean> {
  return (await run(join(checkout, 'node_modules', '.bin', name), args, { cwd: checkout, env: { ...env, ...colours }, show: true })).code === 0;
}

async function plain(succeeded: Promise<boolean>): Promise<Counts> {
  return { passed: 0, failed: (await succeeded) ? 0 : 1 };
}

/** Counts from a runner's report. A runner that failed without a failed test (a file that does not load, no test at all) is one failure. */
async function counted(succeeded: Promise<boolean>, file: string, parse: (report: unknown) => Counts): Promise<Counts> {
  const content = await succeeded;
  const counts = await readFile(file, 'utf8').then((text) => parse(JSON.parse(text)), () => ({ passed: 0, failed: 0 }));
  return content || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

const vitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });
const playwrightReport = z.object({ stats: z.object({ expected: z.number(), unexpected: z.number(), flaky: z.number() }) });

async function vitest(project: string, env?: Environment): Promise<Counts> {
  const file = join(checkout, 'test-results', `${project}.json`);
  await rm(file, { force: true });
  const args = ['run', '--project', project, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`];
  return counted(tool('vitest', args, env), file, (report) => {
    const { numPassedTests: passed, numFailedTests: failed } = vitestReport.parse(report);
    return { passed, failed };
  });
}

async function playwright(): Promise<Counts> {
  const file = join(checkout, 'test-results', 'e2e.json');
  await rm(file, { force: true });
  const args = ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'];
  return withDisplay((env) => counted(tool('playwright', args, { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file }), file, (report) => {
    const { expected, unexpected, flaky } = playwrightReport.parse(report).stats;
    // A test that passes at a second try has failed once: that is a failure, here and for a nurse.
    return { passed: expected, failed: unexpected + flaky };
  }));
}

const bundleStep: Step = { title: 'Bundle', run: () => plain(tool('node', ['build/bundle.ts'])) };
const endToEndStep: Step = { title: 'End to end, in real Electron', run: playwright };

/** Each passes as one, whatever the number of days. */
async function simulated(args: string[]): Promise<Counts> {
  const kept = await tool('node', ['simulation/run.ts', ...args]);
  return { passed: kept ? 1 : 0, failed: kept ? 0 : 1 };
}

/** Each problem is one failure. What the registry does not answer is said and counts as nothing. */
async function weaknesses(): Promise<Counts> {
  const { problems, notRun } = await audit();
  for (const line of notRun) process.stdout.write(`Not run. ${line}\n`);
  for (const line of problems) process.stdout.write(`${line}\n`);
  return { passed: 0, failed: problems.length, notRun: notRun.length > 0 };
}

const suites: Record<string, Step[]> = {
  all: [
    { title: 'Types', run: () => plain(typecheck()) },
    { title: 'Lint', run: () => plain(tool('oxlint', ['--type-aware', '--deny-warnings'])) },
    { title: 'Known weaknesses', run: weaknesses },
    { title: 'Unit tests', run: () => vitest('unit') },
    { title: 'Integration tests', run: () => vitest('integration') },
    // By itself: its deadlines are a fifteenth of the product's, and what else runs must not use them up.
    { title: 'Fault matrix', run: () => vitest('fault-matrix') },
    { title: 'Simulated days', run: () => simulated(['--seeds', '2000', '--jobs', '2']) },
    { title: 'Planted bugs are found', run: () => simulated(['--all-breaks', '--seeds', '2000']) },
    bundleStep,
    endToEndStep,
  ],
  e2e: [bundleStep, endToEndStep],
  spaces: [{ title: 'Tests on a Ceph gateway', run: () => withSpaces((spaces) => vitest('spaces', { ...process.env, ...spaces })) }],
};

async function typecheck(): Promise<boolean> {
  let clean = true;
  for (const runtime of ['shared', 'node', 'e2e', 'electron', 'renderer']) clean = (await tool('tsc', ['-p', `tsconfig.${runtime}.json`])) && clean;
  return clean;
}

function sum(all: Counts[]): Counts {
  return all.reduce((total, counts) => ({ passed: total.passed + counts.passed, failed: total.failed + counts.failed }), { passed: 0, failed: 0 });
}

function close({ passed, failed }: Counts): number {
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

async function runSuite(name: string, steps: Step[]): Promise<number> {
  if (name === 'all') await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const lines: string[] = [];
  const all: Counts[] = [];
  for (const { title, run: runStep } of steps) {
    process.stdout.write(`\n${title} …\n`);
    const began = performance.now();
    const counts = await runStep();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const outcome = counts.failed > 0 ? `${counts.failed} FAILED` : counts.notRun ? 'not run' : counts.passed > 0 ? `${counts.passed} passed` : 'clean';
    lines.push(`${title.padEnd(32)}${outcome.padStart(12)}${seconds.padStart(9)} s`);
    process.stdout.write(`${lines.at(-1)}\n`);
    all.push(counts);
  }
  const total = sum(all);
  await writeFile(join(results, `${name}.json`), JSON.stringify(total));
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return close(total);
}

await runMain(async () => {
  const name = process.argv[2] ?? '';
  if (name === 'total') {
    const files = await readdir(results);
    return close(sum(await Promise.all(files.map(async (file) => JSON.parse(await readFile(join(results, file), 'utf8')) as Counts))));
  }
  const steps = suites[name];
  if (steps === undefined) throw new SetupError('Usage: node build/test.ts all|e2e|spaces|total');
  return runSuite(name, steps);
});
