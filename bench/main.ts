/**
 * @file `npm run bench -- [--rounds 3] [--only many|large|queue]`: Relevo beside rclone, in one run, on a Ceph gateway that is new in each
 * round; and a queue of 100,000 photos beside one of ten.
 *
 * What is compared is whole processes from their start to their end. Ratios are taken round by round, since a machine's speed drifts.
 * The sandbox backend, whose work rclone does without, runs on the same processors and is not counted as Relevo's.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SetupError, runMain } from '../build/processes.mjs';
import { startSandboxProcess } from '../build/sandbox-process.ts';
import { withSpaces } from '../build/with-spaces.ts';
import { writePhotos } from '../test-support/photos.ts';
import { comparison, type Round } from './comparison.ts';
import { queueSizes } from './queue.ts';
import { rcloneCopy, transfers, warmUp } from './rclone.ts';
import { relevoSend } from './relevo.ts';

const loads = {
  many: { title: '200 photos of 4 MB', files: 200, bytes: 4e6 },
  large: { title: 'one photo of 200 MB', files: 1, bytes: 200e6 },
} as const;
type Load = keyof typeof loads;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, only: { type: 'string' } } });
const optionsSchema = z.object({ rounds: z.coerce.number().int().min(1).max(20), only: z.enum(['many', 'large', 'queue']).optional() });

/** One load by everybody, on a gateway and a backend that are new. */
async function playRound(load: Load, number: number, folder: string): Promise<Round> {
  const { files, bytes } = loads[load];
  const card = join(folder, `card-${load}`);
  await writePhotos(card, files, { seed: `bench-${load}`, sizeOf: () => bytes, width: 640, height: 480 });
  return withSpaces(async (spaces) => {
    // Reading every object back to hash it is the sandbox's own zeal; the contract asks for sizes and ETags.
    const sandbox = await startSandboxProcess(join(folder, `backend-${load}-${number}`), { ...spaces }, ['--no-verify']);
    try {
      await warmUp(spaces, folder);
      // In turn first and last, so that neither always finds the files in memory.
      const relevo = async () => relevoSend(card, files, sandbox, number, join(folder, load));
      const first = number % 2 === 0 ? await relevo() : undefined;
      const rclone: Round['rclone'] = [];
      for (const atOnce of load === 'many' ? transfers : [4]) rclone.push({ atOnce, cost: await rcloneCopy(card, files, atOnce, spaces, folder) });
      return { relevo: first ?? await relevo(), rclone };
    } finally {
      await sandbox.stop();
    }
  });
}

await runMain(async () => {
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) throw new SetupError(z.prettifyError(parsed.error));
  const { rounds, only } = parsed.data;
  if (only === undefined || only === 'queue') process.stdout.write(`\n${await queueSizes()}`);
  if (only === 'queue') return;
  const folder = await mkdtemp(join(tmpdir(), 'relevo-bench-'));
  try {
    for (const load of only ? [only] : ['many', 'large'] as const) {
      const played: Round[] = [];
      for (let number = 0; number < rounds; number += 1) played.push(await playRound(load, number, folder));
      process.stdout.write(`\n${comparison(loads[load].title, played)}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
