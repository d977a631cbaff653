import { IconLock } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import styles from './setting-row.module.css';

/** A card of rows that belong together. */
export function SettingGroup({ label, children }: { label?: string; children: ReactNode }) {
  return (
    <section className={styles.group} aria-label={label}>
      {label ? <h3 className={panel.heading}>{label}</h3> : null}
      <div className={panel.panel}>{children}</div>
    </section>
  );
}

interface SettingRowProps {
  label: string;
  text?: ReactNode;
  /** An administrator has set it: it is shown, and said so, but not changed here. */
  fixed?: boolean;
  children?: ReactNode;
  /** The control needs so much room that it goes under the words in a narrow window. */
  wide?: boolean;
  /** Takes the whole width, under the words. */
  below?: ReactNode;
}

export function SettingRow({ label, text, fixed = false, wide = false, children, below }: SettingRowProps) {
  const { t } = useWording();
  return (
    <div className={styles.row}>
      <div className={styles.line} data-wide={wide}>
        <div className={styles.words}>
          <p className={styles.label}>{label}</p>
          {text ? <p className={`${styles.text} numbers`}>{text}</p> : null}
          {fixed ? <p className={styles.fixed}><IconLock size={14} stroke={2} aria-hidden />{t.settings.byAdministrator}</p> : null}
        </div>
        {children ? <div className={styles.control}>{children}</div> : null}
      </div>
      {below}
    </div>
  );
}
