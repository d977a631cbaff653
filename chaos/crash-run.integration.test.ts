import { expect, it } from 'vitest';
import { crashRun } from './crash-run.ts';
import { closingTable } from './closing-table.ts';

it('nothing is lost, doubled, corrupt or wrongly claimed when the engine is killed again and again', { timeout: 120_000 }, async () => {
  const report = await crashRun({ spaces: { kind: 'embedded' }, kills: 6, photos: 12, seed: 3, leastBytes: 200_000, mostBytes: 6_000_000, patienceMs: 90_000 });
  const { violations, rejected, trouble, copiesLeft, kills } = report;
  expect({ violations, rejected, trouble, copiesLeft }, closingTable(report)).toEqual({
    violations: { lost: [], duplicated: [], corrupt: [], wronglyClaimed: [], unfinished: [] }, rejected: [], trouble: [], copiesLeft: 0,
  });
  expect(Object.values(kills).reduce((sum, count) => sum + count, 0)).toBe(6);
  expect(kills.idle).toBeLessThan(4);
});
