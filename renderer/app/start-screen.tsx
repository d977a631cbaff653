import { Loader } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { CallErrorCode } from '../../shared/rpc/call-error.ts';
import { callErrorText } from '../../shared/texts/call-errors.ts';
import { useClient } from '../client/client-context.tsx';
import { useWording } from '../texts/texts-context.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import styles from './start-screen.module.css';

/** A start that is quick shows nothing at all. */
const quietMs = 600;

export function StartScreen({ failed }: { failed: boolean }) {
  const { t, language } = useWording();
  const client = useClient();
  const [failure, setFailure] = useState<CallErrorCode>();
  useEffect(() => {
    // Where it cannot be asked, the general sentence stands.
    if (failed) client.call.getEngineFailure().then(({ code }) => setFailure(code), () => undefined);
  }, [failed, client]);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  if (failed && failure && failure !== 'internal') {
    const { what, photos, next } = callErrorText(language, failure);
    return <EmptyState icon={IconAlertTriangle} title={what} text={`${photos} ${next}`} />;
  }
  if (failed) return <EmptyState icon={IconAlertTriangle} title={t.start.failedTitle} text={t.start.failedText} />;
  return late ? <div className={styles.starting} role="status"><Loader size={22} /><p>{t.start.starting}</p></div> : null;
}
