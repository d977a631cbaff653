/** @file What a command costs as a whole process: time, processor, memory, as the system counts them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError, run } from '../build/processes.mjs';

export interface Cost {
  wallSeconds: number;
  /** User and system, of the process and those that it has waited for. */
  cpuSeconds: number;
  /** The most that was resident at once. */
  peakMegabytes: number;
}

/** @throws {SetupError} where the command fails: what it did then says nothing about its speed */
export async function measured(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-bench-cost-'));
  const file = join(folder, 'cost');
  try {
    const { code, output } = await run('/usr/bin/time', ['-q', '-o', file, '-f', '%e %U %S %M', command, ...args], { env });
    if (code !== 0) throw new SetupError(`${command} ${args.slice(0, 2).join(' ')} ended with ${code}:\n${output.slice(-2_000)}`);
    const [wall = NaN, user = NaN, system = NaN, kibibytes = NaN] = (await readFile(file, 'utf8')).trim().split(' ').map(Number);
    return { wallSeconds: wall, cpuSeconds: user + system, peakMegabytes: kibibytes / 1024 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of each figure by itself. */
export function medianCost(costs: readonly Cost[]): Cost {
  const of = (figure: keyof Cost): number => median(costs.map((cost) => cost[figure]));
  return { wallSeconds: of('wallSeconds'), cpuSeconds: of('cpuSeconds'), peakMegabytes: of('peakMegabytes') };
}

/** @throws RangeError for none at all */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('a median of nothing');
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
