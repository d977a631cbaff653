import { Button, Modal } from '@mantine/core';
import { IconAlertTriangle, IconRefresh, IconUserExclamation } from '@tabler/icons-react';
import { useState } from 'react';
import { useAccount, useClient, useQueueSummary } from '../client/client-context.tsx';
import { countToSend } from '../client/queue-counts.ts';
import { useStore } from '../client/store.ts';
import { SignInForm } from '../features/sign-in/sign-in-form.tsx';
import { useWording } from '../texts/texts-context.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './banners.module.css';

/** What concerns the whole window, above whatever is shown: nothing underneath is lost by it. */
export function Banners() {
  const { t, count } = useWording();
  const client = useClient();
  const engine = useStore(client.engine);
  const account = useAccount();
  const queue = useQueueSummary();
  const [signingIn, setSigningIn] = useState(false);
  const expired = account?.name === 'expired' ? account : undefined;
  return (
    <>
      {engine === 'starting' ? (
        <div className={styles.banner}><Notice role="status" tone="attention" icon={IconRefresh} title={t.shell.restartingTitle} text={t.shell.restartingText} /></div>
      ) : null}
      {engine === 'failed' ? (
        <div className={styles.banner}><Notice role="alert" tone="failed" icon={IconAlertTriangle} title={t.shell.stoppedTitle} text={t.shell.stoppedText} /></div>
      ) : null}
      {expired && engine === 'running' ? (
        <div className={styles.banner}>
          <Notice
            role="alert"
            tone="attention"
            icon={IconUserExclamation}
            title={t.shell.expiredTitle}
            text={t.shell.expiredText(count(queue ? countToSend(queue.counts) : 0))}
            action={<Button size="sm" onClick={() => setSigningIn(true)}>{t.signIn.submit}</Button>}
          />
        </div>
      ) : null}
      <Modal opened={signingIn && expired !== undefined} onClose={() => setSigningIn(false)} title={t.signIn.title} size={420} closeButtonProps={{ 'aria-label': t.common.close }}>
        {expired ? <SignInForm email={expired.person.email} onSignedIn={() => setSigningIn(false)} /> : null}
      </Modal>
    </>
  );
}
