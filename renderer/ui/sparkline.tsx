interface SparklineProps {
  /** Oldest first. */
  samples: readonly number[];
  /** How many samples fill the width. */
  span: number;
  width: number;
  height: number;
  label: string;
}

/** A line without axes: the shape of the last while, not its figures. */
export function Sparkline({ samples, span, width, height, label }: SparklineProps) {
  // Before the first sample nothing was sent.
  const line = sparklinePoints([...Array.from({ length: Math.max(0, span - samples.length) }, () => 0), ...samples], span, width, height);
  return (
    <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polygon points={`0,${height} ${toText(line)} ${width},${height}`} fill="var(--brand-tint)" />
      <polyline points={toText(line)} fill="none" stroke="var(--brand)" strokeWidth="1.5" strokeLinejoin="round" strokeLinecap="round" />
    </svg>
  );
}

/** The latest sample is at the right edge; the highest touches the top, less the stroke. */
export function sparklinePoints(samples: readonly number[], span: number, width: number, height: number): { x: number; y: number }[] {
  const highest = Math.max(...samples, 1);
  const step = width / Math.max(1, span - 1);
  return samples.map((sample, index) => ({
    x: round(width - (samples.length - 1 - index) * step),
    y: round(height - 1 - (sample / highest) * (height - 2)),
  }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function toText(points: readonly { x: number; y: number }[]): string {
  return points.map(({ x, y }) => `${x},${y}`).join(' ');
}
