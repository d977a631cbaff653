import type { ReactNode } from 'react';
import styles from './notice.module.css';
import type { Icon, Tone } from './upload-state.tsx';

interface NoticeProps {
  tone: Tone;
  icon: Icon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  /** `alert` interrupts a screen reader; `status` waits for a pause. */
  role?: 'alert' | 'status';
}

/** What happened, what it means for the photos, and what to do: one box, one colour, icon and words. */
export function Notice({ tone, icon: Mark, title, text, action, role }: NoticeProps) {
  return (
    <div className={styles.notice} data-tone={tone} role={role}>
      <Mark size={20} stroke={1.8} className={styles.mark} aria-hidden />
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        {text ? <p className={styles.text}>{text}</p> : null}
      </div>
      {action ? <div className={styles.action}>{action}</div> : null}
    </div>
  );
}
