import type { Icon, Tone } from './upload-state.tsx';
import styles from './state-chip.module.css';

interface StateChipProps {
  tone: Tone;
  icon: Icon;
  word: string;
  /** On a tint of its colour, where it stands alone; bare in a list, where many would make noise. */
  filled?: boolean;
}

export function StateChip({ tone, icon: Mark, word, filled = false }: StateChipProps) {
  return (
    <span className={styles.chip} data-tone={tone} data-filled={filled}>
      <Mark size={15} stroke={2} aria-hidden />
      {word}
    </span>
  );
}
