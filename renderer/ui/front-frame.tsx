import type { ReactNode } from 'react';
import { useWording } from '../texts/texts-context.tsx';
import styles from './front-frame.module.css';
import { Mark } from './mark.tsx';

interface FrontFrameProps {
  /** In the corner: what must be within reach before anybody has signed in. */
  tools: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** What stands at the door, in the middle of an empty window. */
export function FrontFrame({ tools, wide = false, children }: FrontFrameProps) {
  const { t } = useWording();
  return (
    <div className={styles.screen}>
      <div className={styles.tools}>{tools}</div>
      <main className={styles.main} data-wide={wide}>
        <div className={styles.brand}>
          <Mark size={34} />
          <span>{t.product}</span>
        </div>
        {children}
      </main>
    </div>
  );
}
