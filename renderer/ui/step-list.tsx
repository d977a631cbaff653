import { IconCircle, IconCircleCheck, IconCircleX, IconLoader, IconMinus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './step-list.module.css';
import type { Icon } from './upload-state.tsx';

export type StepState = 'ok' | 'failed' | 'running' | 'pending' | 'skipped';

export interface Step {
  key: string;
  state: StepState;
  what: string;
  /** The state in a word. */
  word: string;
  /** What to do about it. */
  note?: ReactNode;
}

const icons: Record<StepState, Icon> = { ok: IconCircleCheck, failed: IconCircleX, running: IconLoader, pending: IconCircle, skipped: IconMinus };

/** A check in steps, each told by an icon and a word. */
export function StepList({ steps, label }: { steps: readonly Step[]; label?: string }) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map(({ key, state, what, word, note }) => {
        const Mark = icons[state];
        return (
          <li key={key} className={styles.step} data-state={state}>
            <div className={styles.line}>
              <Mark size={17} stroke={2} className={styles.mark} aria-hidden />
              <span className={styles.what}>{what}</span>
              <span className={styles.state}>{word}</span>
            </div>
            {note ? <div className={styles.note}>{note}</div> : null}
          </li>
        );
      })}
    </ol>
  );
}
