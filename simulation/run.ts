/**
 * @file Simulated clinic days, each decided by its seed.
 *
 *   npm run sim -- --seeds N [--from S] [--jobs J]   N days, in J processes
 *   npm run sim -- --seed S [--verbose]              one day again, with everything that happened
 *   npm run sim -- --break NAME | --list-breaks      the same with a bug planted
 *   npm run sim -- --all-breaks                      each planted bug must be found within N days
 *
 * Exit code 0 when every day kept the promise (or every planted bug was found), 1 with the first seed that did not and
 * its schedule.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { breakages } from './breaks.ts';
import { runDay, type DayResult } from './day.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' }, seed: { type: 'string' }, jobs: { type: 'string', default: '1' },
    break: { type: 'string' }, 'list-breaks': { type: 'boolean' }, 'all-breaks': { type: 'boolean' }, verbose: { type: 'boolean' },
  },
});
const realTime = process.hrtime.bigint;

// A process that dies in the middle of something leaves promises behind that nobody holds any more.
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (reason: unknown) => {
    if (reason instanceof Error && reason.name === 'ProcessDied') return;
    console.error(event, reason);
    process.exitCode = 1;
  });
}

// Days end with processes killed mid-flight; nothing of them is worth waiting for.
process.exit(await main() || Number(process.exitCode ?? 0));

async function main(): Promise<number> {
  if (values['list-breaks']) {
    for (const [name, { what }] of Object.entries(breakages)) console.log(`${name.padEnd(24)} ${what}`);
    return 0;
  }
  if (values['all-breaks']) return findAll(Number(values.seeds));
  if (values.break !== undefined && !breakages[values.break]) {
    console.error(`No planted bug is called ${values.break}. There are: ${Object.keys(breakages).join(', ')}`);
    return 2;
  }
  const from = Number(values.seed ?? values.from);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const jobs = Math.min(Number(values.jobs), count);
  return jobs > 1 ? inProcesses(from, count, jobs) : here(from, count, values.break);
}

async function here(from: number, count: number, planted: string | undefined): Promise<number> {
  const began = realTime();
  const totals = { days: 0, photos: 0, kills: 0, requests: 0 };
  for (let seed = from; seed < from + count; seed += 1) {
    const day = await runDay(seed, planted === undefined ? undefined : breakages[planted]?.apply);
    add(totals, day);
    if (values.verbose || day.violation !== undefined) console.log(day.lines.join('\n'));
    if (day.violation === undefined) continue;
    console.log(`\nseed ${seed}: ${day.violation}`);
    console.log(`Again: npm run sim -- --seed ${seed}${planted ? ` --break ${planted}` : ''}`);
    console.log(summary(totals, began));
    return 1;
  }
  console.log(summary(totals, began));
  return 0;
}

/** Each planted bug is looked for until it is found. */
async function findAll(most: number): Promise<number> {
  let missed = 0;
  for (const [name, { what, apply }] of Object.entries(breakages)) {
    let found: DayResult | undefined;
    for (let seed = 1; seed <= most && !found; seed += 1) {
      const day = await runDay(seed, apply);
      if (day.violation !== undefined) found = day;
    }
    if (!found) missed += 1;
    console.log(`${name.padEnd(24)} ${found ? `found by seed ${String(found.seed).padStart(4)}: ${found.violation}` : `NOT FOUND in ${most} days`}\n${' '.repeat(25)}(${what})`);
  }
  console.log(`${Object.keys(breakages).length - missed} of ${Object.keys(breakages).length} planted bugs found`);
  return missed === 0 ? 0 : 1;
}

/** Every job-th seed to each process; the first that fails speaks for all. */
async function inProcesses(from: number, count: number, jobs: number): Promise<number> {
  const began = realTime();
  const share = Math.ceil(count / jobs);
  const codes = await Promise.all(Array.from({ length: jobs }, async (_, job) => {
    const seeds = Math.min(share, count - job * share);
    if (seeds <= 0) return 0;
    const planted = values.break === undefined ? [] : ['--break', values.break];
    const child = spawn(process.execPath, [import.meta.filename, '--from', String(from + job * share), '--seeds', String(seeds), ...planted], { stdio: ['ignore', 'inherit', 'inherit'] });
    const [code] = await once(child, 'exit') as [number | null];
    return code ?? 1;
  }));
  const seconds = Number(realTime() - began) / 1e9;
  console.log(`${count} days in ${seconds.toFixed(1)} s (${(count / seconds).toFixed(1)} seeds/s) in ${jobs} processes`);
  return Math.max(...codes);
}

function add(totals: { days: number; photos: number; kills: number; requests: number }, day: DayResult): void {
  totals.days += 1;
  totals.photos += day.photos;
  totals.kills += day.kills;
  totals.requests += day.requests;
}

function summary({ days, photos, kills, requests }: { days: number; photos: number; kills: number; requests: number }, began: bigint): string {
  const seconds = Number(realTime() - began) / 1e9;
  return `${days} days in ${seconds.toFixed(1)} s (${(days / seconds).toFixed(1)} seeds/s): ${photos} photos promised, ${kills} processes killed, ${requests} requests`;
}
