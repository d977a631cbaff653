import styles from './progress-bar.module.css';
import type { Tone } from './upload-state.tsx';

interface ProgressBarProps {
  /** From 0 to 1. */
  ratio: number;
  label: string;
  /** What the figure says in words, for a screen reader. */
  valueText: string;
  tone?: Tone;
  /** In pixels. */
  height?: number;
}

export function ProgressBar({ ratio, label, valueText, tone = 'brand', height = 6 }: ProgressBarProps) {
  const whole = Math.min(1, Math.max(0, ratio));
  return (
    <div
      className={styles.track}
      style={{ height }}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(whole * 100)}
      aria-valuetext={valueText}
    >
      <div className={styles.bar} data-tone={tone} style={{ transform: `scaleX(${whole})` }} />
    </div>
  );
}
