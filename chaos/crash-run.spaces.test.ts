import { expect, it } from 'vitest';
import { z } from 'zod';
import { closingTable } from './closing-table.ts';
import { crashRun } from './crash-run.ts';

const { SPACES_ENDPOINT: endpoint, SPACES_REGION: region, SPACES_ACCESS_KEY: accessKeyId, SPACES_SECRET_KEY: secretAccessKey } = z
  .object({ SPACES_ENDPOINT: z.url(), SPACES_REGION: z.string(), SPACES_ACCESS_KEY: z.string(), SPACES_SECRET_KEY: z.string() })
  .parse(process.env);

it('on Ceph, nothing is lost, doubled, corrupt or wrongly claimed, and little is sent twice', async () => {
  // A bucket of its own: what other tests leave unfinished in theirs is not to be counted here.
  const spaces = { kind: 'env', endpoint, region, bucket: 'crash-run', accessKeyId, secretAccessKey } as const;
  const report = await crashRun({ spaces, kills: 20, photos: 40, seed: 5, leastBytes: 200_000, mostBytes: 12_000_000, patienceMs: 90_000 });
  const { violations, rejected, trouble, copiesLeft } = report;
  expect({ violations, rejected, trouble, copiesLeft }, closingTable(report)).toEqual({
    violations: { lost: [], duplicated: [], corrupt: [], wronglyClaimed: [], unfinished: [] }, rejected: [], trouble: [], copiesLeft: 0,
  });
  // A fault may waste a whole photo, and here there are few photos to each kill: the bound of the long run is not that of this one.
  expect(report.ratio).toBeLessThan(1.5);
});
