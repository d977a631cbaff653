import { Loader } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useWording } from '../texts/texts-context.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import styles from './start-screen.module.css';

/** A start that is quick shows nothing at all. */
const quietMs = 600;

export function StartScreen({ failed }: { failed: boolean }) {
  const { t } = useWording();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  if (failed) return <EmptyState icon={IconAlertTriangle} title={t.start.failedTitle} text={t.start.failedText} />;
  return late ? <div className={styles.starting} role="status"><Loader size={22} /><p>{t.start.starting}</p></div> : null;
}
