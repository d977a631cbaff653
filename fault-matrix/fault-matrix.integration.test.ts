import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe as group, expect, it } from 'vitest';
import { cells } from './cells.ts';
import { describe, runMatrix, type Outcome } from './run-matrix.ts';
import { toTable, withTable } from './table.ts';

/** A minute and a half where the computer has nothing else to do. */
const timeoutMs = 300_000;

group('the fault matrix', () => {
  let outcomes: Outcome[] = [];
  beforeAll(async () => { outcomes = await runMatrix(cells); }, timeoutMs);

  it('has no cell twice', () => {
    expect(new Set(cells.map(describe)).size).toBe(cells.length);
  });

  it.each(cells.map((cell, index) => [describe(cell), index] as const))('%s', (_name, index) => {
    expect(outcomes[index]?.wrong).toEqual([]);
    expect(outcomes[index]?.observed.finally).toBe('completed');
  });

  it('is the one in docs/reliability.md; `npm run fault-matrix` writes it', async () => {
    const document = await readFile(fileURLToPath(new URL('../docs/reliability.md', import.meta.url)), 'utf8');
    expect(document).toBe(withTable(document, toTable(outcomes)));
  });
});
