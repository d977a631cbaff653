/**
 * @file `npm run sim -- --seeds N [--seed S] [--break NAME]`: simulated clinic days, each decided by its seed.
 * Exit code 0 when every day kept the promise, 1 with the first seed that did not and its schedule.
 */
import { parseArgs } from 'node:util';
import { breakages } from './breaks.ts';
import { runDay } from './day.ts';

const realNow = process.hrtime.bigint;

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, seed: { type: 'string' }, break: { type: 'string' }, 'list-breaks': { type: 'boolean' }, verbose: { type: 'boolean' }, 'keep-going': { type: 'boolean' } },
});

if (values['list-breaks']) {
  for (const [name, { what }] of Object.entries(breakages)) console.log(`${name.padEnd(28)} ${what}`);
  process.exit(0);
}
const chosen = values.break === undefined ? undefined : breakages[values.break];
if (values.break !== undefined && !chosen) {
  console.error(`No planted bug is called ${values.break}. There are: ${Object.keys(breakages).join(', ')}`);
  process.exit(2);
}

// A process that dies in the middle of something leaves promises behind that nobody holds any more.
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (reason: unknown) => {
    if (reason instanceof Error && reason.name === 'ProcessDied') return;
    console.error(event, reason);
    process.exitCode = 1;
  });
}

const first = values.seed === undefined ? 1 : Number(values.seed);
const count = values.seed === undefined ? Number(values.seeds) : 1;
const began = realNow();
const totals = { photos: 0, kills: 0, requests: 0 };
for (let seed = first; seed < first + count; seed += 1) {
  const day = await runDay(seed, chosen?.apply);
  totals.photos += day.photos;
  totals.kills += day.kills;
  totals.requests += day.requests;
  if (values.verbose) console.log(day.lines.join('\n'));
  if (day.violation !== undefined && values['keep-going']) {
    console.log(`seed ${seed}: ${day.violation}`);
    process.exitCode = 1;
  } else if (day.violation !== undefined) {
    console.log(day.lines.join('\n'));
    console.log(`\nseed ${seed}: ${day.violation}`);
    console.log(`Again: npm run sim -- --seed ${seed}${values.break ? ` --break ${values.break}` : ''}`);
    console.log(summary(seed - first + 1));
    process.exit(1);
  }
}
console.log(summary(count));
// Days end with processes killed mid-flight; nothing of them is worth waiting for.
process.exit(process.exitCode ?? 0);

function summary(days: number): string {
  const seconds = Number(realNow() - began) / 1e9;
  return `${days} days in ${seconds.toFixed(1)} s (${(days / seconds).toFixed(1)} seeds/s): ${totals.photos} photos promised, ${totals.kills} processes killed, ${totals.requests} requests`;
}
