/**
 * @file Plays the whole fault matrix and writes its table into docs/reliability.md. Ends with 1 where a cell is not as
 * expected, and then writes nothing.
 *
 *   node fault-matrix/run.ts [TEXT]     only cells with TEXT in their name; writes nothing
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cells } from './cells.ts';
import { describe, runMatrix } from './run-matrix.ts';
import { toTable, withTable } from './table.ts';

const document = fileURLToPath(new URL('../docs/reliability.md', import.meta.url));
const [only] = process.argv.slice(2);
const chosen = only === undefined ? cells : cells.filter((cell) => describe(cell).includes(only));
const begunAt = performance.now();
let wrong = 0;
const outcomes = await runMatrix(chosen, (outcome) => {
  if (outcome.wrong.length === 0) return;
  wrong += 1;
  process.stdout.write(`${describe(outcome.cell)}\n${outcome.wrong.map((line) => `    ${line}\n`).join('')}`);
});
process.stdout.write(`${outcomes.length} cells in ${((performance.now() - begunAt) / 1000).toFixed(1)} s, ${wrong} not as expected\n`);
if (wrong > 0) process.exitCode = 1;
else if (only === undefined) await writeFile(document, withTable(await readFile(document, 'utf8'), toTable(outcomes)));
