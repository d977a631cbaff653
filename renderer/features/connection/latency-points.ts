import type { LatencySeries } from '../../../shared/domain/diagnosis.ts';

const hourMs = 60 * 60_000;
/** A window that has just been opened would show an hour's emptiness and a spike. */
const leastMs = 60_000;

/** Drawn in a box of 100 × 100 that is stretched to its place. */
export interface LatencyShape {
  /** Pieces of the line: where a try failed, it is interrupted. */
  lines: string[];
  /** Where tries failed, from 0 to 100. */
  failures: number[];
  /** The top of the box, in milliseconds. */
  topMs: number;
}

/** The last hour of a series, or what there is of it, newest at the right edge. */
export function latencyShape(points: LatencySeries['points'], now: number): LatencyShape {
  const seen = points.filter(({ at }) => at > now - hourMs && at <= now + 60_000);
  const oldest = seen[0]?.at ?? now;
  const spanMs = Math.min(hourMs, Math.max(leastMs, now - oldest));
  const topMs = Math.max(20, ...seen.map(({ ms }) => ms ?? 0)) * 1.15;
  const lines: string[][] = [[]];
  const failures: number[] = [];
  for (const { at, ms } of seen) {
    const x = round(Math.min(100, 100 - ((now - at) / spanMs) * 100));
    if (ms === undefined) {
      failures.push(x);
      lines.push([]);
    } else lines.at(-1)!.push(`${x},${round(100 - (ms / topMs) * 100)}`);
  }
  return { lines: lines.filter((line) => line.length > 0).map(lineText), failures, topMs };
}

/** A single answer between two failures would be a line without length. */
function lineText(points: readonly string[]): string {
  const [only] = points;
  if (points.length > 1 || only === undefined) return points.join(' ');
  const [x, y] = only.split(',');
  return `${Math.max(0, Number(x) - 1.5)},${y} ${only}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
