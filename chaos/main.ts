/**
 * @file `npm run chaos -- --kills N [--photos 200] [--seed S] [--spaces ceph|embedded] [--min-mb 0.2] [--max-mb 25] [--big MB] [--ratio 1.10] [--verbose]`
 *
 * Exit code 0 when nothing was lost, doubled, corrupt, wrongly claimed or left unfinished, and little was sent twice.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SetupError, runMain } from '../build/processes.mjs';
import { withSpaces } from '../build/with-spaces.ts';
import type { SpacesOption } from '../sandbox/options.ts';
import { closingTable, passed } from './closing-table.ts';
import { crashRun } from './crash-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' }, photos: { type: 'string' }, seed: { type: 'string' }, spaces: { type: 'string', default: 'ceph' },
    'min-mb': { type: 'string' }, 'max-mb': { type: 'string' },
    /** All photos of this length, in MB. */
    big: { type: 'string' },
    ratio: { type: 'string' }, verbose: { type: 'boolean', default: false },
  },
});

const optionsSchema = z.object({
  kills: z.coerce.number().int().min(0).default(20),
  photos: z.coerce.number().int().min(1).optional(),
  seed: z.coerce.number().int().min(0).default(() => Date.now() % 1_000_000),
  spaces: z.enum(['ceph', 'embedded']),
  'min-mb': z.coerce.number().positive().default(0.2),
  'max-mb': z.coerce.number().positive().default(25),
  big: z.coerce.number().positive().optional(),
  ratio: z.coerce.number().min(1).default(1.1),
});

await runMain(async () => {
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) throw new SetupError(z.prettifyError(parsed.error));
  const { kills, seed, big, ratio } = parsed.data;
  const photos = parsed.data.photos ?? (big === undefined ? 200 : 20);
  const [least, most] = big === undefined ? [parsed.data['min-mb'], parsed.data['max-mb']] : [big, big];
  const run = async (spaces: SpacesOption): Promise<number> => {
    process.stdout.write(`${photos} photos of ${least === most ? least : `${least} to ${most}`} MB, ${kills} kills, seed ${seed}, ${parsed.data.spaces}\n`);
    const log = values.verbose ? (line: string): void => { process.stdout.write(`${line}\n`); } : undefined;
    const report = await crashRun({ spaces, kills, photos, seed, leastBytes: least * 1e6, mostBytes: most * 1e6, ...(log ? { log } : {}) });
    process.stdout.write(closingTable(report));
    return passed(report, ratio) ? 0 : 1;
  };
  if (parsed.data.spaces === 'embedded') return run({ kind: 'embedded' });
  return withSpaces(({ SPACES_ENDPOINT: endpoint, SPACES_REGION: region, SPACES_BUCKET: bucket, SPACES_ACCESS_KEY: accessKeyId, SPACES_SECRET_KEY: secretAccessKey }) =>
    run({ kind: 'env', endpoint, region, bucket, accessKeyId, secretAccessKey }));
});
