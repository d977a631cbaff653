import { isDeepStrictEqual } from 'node:util';
import type { Cell, Expectation, Observed } from './cell.ts';
import { runCell } from './run-cell.ts';
import { Stage, stageKindOf, type StageKind } from './stage.ts';

export interface Outcome {
  cell: Cell;
  observed: Observed;
  /** What is not as expected, in words; empty where all is well. */
  wrong: string[];
}

/** How many stages of each kind are played on at the same time: most of a cell is waiting. */
const lanes: Record<StageKind, number> = { 'sessions': 18, 'gateway-photo': 4, 'short-tokens': 5 };

/** Plays every cell on real sockets. @returns the outcomes in the order of the cells */
export async function runMatrix(cells: readonly Cell[], onOutcome: (outcome: Outcome) => void = () => undefined): Promise<Outcome[]> {
  const outcomes = new Map<Cell, Outcome>();
  const numbered = cells.map((cell, index) => ({ cell, number: index + 1, kind: stageKindOf(cell) }));
  const lane = async (kind: StageKind, queue: Iterator<(typeof numbered)[number]>): Promise<void> => {
    const stage = await Stage.open(kind);
    try {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        const { cell, number } = next.value;
        const observed = await runCell(stage, cell, number).catch((error: unknown): Observed => ({ ...cell.expected, finally: 'an error', reads: '', broken: [String(error)] }));
        const outcome = { cell, observed, wrong: compare(cell.expected, observed) };
        outcomes.set(cell, outcome);
        onOutcome(outcome);
      }
      const unfinished = await stage.sandbox.store.unfinishedUploads();
      if (unfinished.length > 0) throw new Error(`${unfinished.length} multipart uploads left behind`);
    } finally {
      await stage.close();
    }
  };
  await Promise.all(Object.entries(lanes).flatMap(([kind, count]) => {
    const ofKind = numbered.filter((each) => each.kind === kind);
    const queue = ofKind.values();
    return Array.from({ length: Math.min(count, ofKind.length) }, () => lane(kind as StageKind, queue));
  }));
  return cells.flatMap((cell) => outcomes.get(cell) ?? []);
}

export function describe({ fault, where, lasts }: Cell): string {
  return `${fault.name} at ${where}, ${lasts}`;
}

function compare(expected: Expectation, observed: Observed): string[] {
  const wrong = [...observed.broken];
  for (const name of ['under', 'code', 'requests', 'tries', 'stored', 'goesOn'] as const) {
    if (name === 'requests' && expected.requests === undefined) continue;
    if (!isDeepStrictEqual(expected[name], observed[name])) wrong.push(`${name}: expected ${String(expected[name])}, was ${String(observed[name])}`);
  }
  return wrong;
}
