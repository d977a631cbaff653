import { IconCheck } from '@tabler/icons-react';
import { useWording } from '../texts/texts-context.tsx';
import styles from './saved-mark.module.css';

/** Where a button to save would stand, once there is nothing to save. */
export function SavedMark() {
  const { t } = useWording();
  return <span className={styles.saved}><IconCheck size={16} aria-hidden />{t.settings.saved}</span>;
}
