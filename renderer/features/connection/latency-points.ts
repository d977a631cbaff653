import type { LatencySeries } from '../../../shared/domain/diagnosis.ts';

const hourMs = 60 * 60_000;

/** Drawn in a box of 100 × 100 that is stretched to its place. */
export interface LatencyShape {
  /** Pieces of the line: where a try failed, it is interrupted. */
  lines: string[];
  /** Where tries failed, from 0 to 100. */
  failures: number[];
  /** The top of the box, in milliseconds. */
  topMs: number;
}

/** The last hour of a series, newest at the right edge. */
export function latencyShape(points: LatencySeries['points'], now: number): LatencyShape {
  const seen = points.filter(({ at }) => at > now - hourMs && at <= now + 60_000);
  const topMs = Math.max(20, ...seen.map(({ ms }) => ms ?? 0)) * 1.15;
  const lines: string[][] = [[]];
  const failures: number[] = [];
  for (const { at, ms } of seen) {
    const x = round(Math.min(100, 100 - ((now - at) / hourMs) * 100));
    if (ms === undefined) {
      failures.push(x);
      lines.push([]);
    } else lines.at(-1)!.push(`${x},${round(100 - (ms / topMs) * 100)}`);
  }
  return { lines: lines.filter((line) => line.length > 0).map((line) => line.join(' ')), failures, topMs };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
