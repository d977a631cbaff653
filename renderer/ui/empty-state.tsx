import type { ReactNode } from 'react';
import styles from './empty-state.module.css';
import type { Icon } from './upload-state.tsx';

interface EmptyStateProps {
  icon: Icon;
  title: string;
  text?: string;
  action?: ReactNode;
}

/** What a place without content is for, and the next step. */
export function EmptyState({ icon: Mark, title, text, action }: EmptyStateProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.mark}><Mark size={26} stroke={1.6} aria-hidden /></span>
      <p className={styles.title}>{title}</p>
      {text ? <p className={styles.text}>{text}</p> : null}
      {action}
    </div>
  );
}
