import { Button, Modal } from '@mantine/core';
import { IconAlertTriangle, IconClipboardX, IconDatabaseExclamation, IconGauge, IconPlugConnectedX, IconRefresh, IconServer, IconServerCog, IconUserExclamation } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { assertNever } from '../../shared/assert-never.ts';
import { useAccount, useClient, useNow, useQueueSummary } from '../client/client-context.tsx';
import { countToSend } from '../client/queue-counts.ts';
import { shownTo } from '../client/relevo-client.ts';
import { useStore } from '../client/store.ts';
import { SignInForm } from '../features/sign-in/sign-in-form.tsx';
import { useWording } from '../texts/texts-context.tsx';
import { Notice } from '../ui/notice.tsx';
import styles from './banners.module.css';
import { type NoticeName, noticesFor } from './notices.ts';
import { useDismissed } from './use-dismissed.ts';
import { useHealth } from './use-health.ts';

interface BannersProps {
  /** Absent where they are on the screen, and say themselves what is to be said of them. */
  onNetworkSettings: (() => void) | undefined;
}

/** What concerns the whole window, above whatever is shown: nothing underneath is lost by it. */
export function Banners({ onNetworkSettings }: BannersProps) {
  const wording = useWording();
  const { t, count } = wording;
  const client = useClient();
  const account = useAccount();
  const queue = useQueueSummary();
  const health = useHealth();
  const now = useNow(60_000);
  const { dismissed, dismiss } = useDismissed();
  const [signingIn, setSigningIn] = useState(false);
  const expired = account?.name === 'expired' ? account : undefined;
  const network = useStore(client.network);
  const whose = shownTo(account);
  const lost = useStore(client.lost).get(whose ?? '') ?? 0;
  const notices = noticesFor({ engine: useStore(client.engine), lost, expired: expired !== undefined, network, hold: queue?.transfer.hold, health, dismissed }).filter((name) => name !== 'proxy-asks' || onNetworkSettings);
  const toSend = count(queue ? countToSend(queue.counts) : 0);
  return (
    <>
      {notices.map((name) => <div key={name} className={styles.banner}>{noticeOf(name)}</div>)}
      <Modal opened={signingIn && expired !== undefined} onClose={() => setSigningIn(false)} title={t.signIn.title} size={420} closeButtonProps={{ 'aria-label': t.common.close }}>
        {expired ? <SignInForm email={expired.person.email} onSignedIn={() => setSigningIn(false)} /> : null}
      </Modal>
    </>
  );

  function noticeOf(name: NoticeName): ReactNode {
    switch (name) {
      case 'restarting':
        return <Notice role="status" tone="attention" icon={IconRefresh} title={t.shell.restartingTitle} text={t.shell.restartingText} />;
      case 'stopped':
        return <Notice role="alert" tone="failed" icon={IconAlertTriangle} title={t.shell.stoppedTitle} text={t.shell.stoppedText} />;
      case 'lost':
        return (
          <Notice
            role="alert"
            tone="failed"
            icon={IconClipboardX}
            title={t.notices.lostTitle(count(lost))}
            text={t.notices.lostText}
            action={<Button size="sm" variant="default" onClick={() => client.lost.update((all) => new Map([...all].filter(([other]) => other !== whose)))}>{t.notices.dismiss}</Button>}
          />
        );
      case 'expired':
        return (
          <Notice
            role="alert"
            tone="attention"
            icon={IconUserExclamation}
            title={t.shell.expiredTitle}
            text={t.shell.expiredText(toSend)}
            action={<Button size="sm" onClick={() => setSigningIn(true)}>{t.signIn.submit}</Button>}
          />
        );
      case 'proxy-asks':
        return (
          <Notice
            role="alert"
            tone="attention"
            icon={IconPlugConnectedX}
            title={network?.proxySignIn ? t.network.asksAgainTitle : t.notices.proxyTitle}
            text={t.notices.proxyText(toSend)}
            action={<Button size="sm" onClick={onNetworkSettings}>{t.notices.toNetwork}</Button>}
          />
        );
      case 'metered':
        return (
          <Notice
            role="status"
            tone="waiting"
            icon={IconGauge}
            title={t.notices.meteredTitle}
            text={t.notices.meteredText(toSend)}
            action={<Button size="sm" variant="default" onClick={() => void client.call.sendDespiteMetered().then((state) => client.network.set(state), () => undefined)}>{t.notices.sendAnyway}</Button>}
          />
        );
      case 'contract':
        return <Notice role="status" tone="waiting" icon={IconServerCog} title={t.notices.contractTitle} text={t.notices.contractText(toSend)} />;
      case 'disk-low':
        return (
          <Notice
            role="status"
            tone="attention"
            icon={IconServer}
            title={t.notices.diskTitle}
            text={t.notices.diskText(wording.bytes(health.disk?.freeBytes ?? 0))}
            action={<Button size="sm" variant="default" onClick={() => dismiss('disk-low', health)}>{t.notices.dismiss}</Button>}
          />
        );
      case 'queue-replaced':
        return (
          <Notice
            role="status"
            tone="attention"
            icon={IconDatabaseExclamation}
            title={t.notices.queueTitle}
            text={t.notices.queueText(wording.clock(health.queueReplacedAt ?? now, now))}
            action={<Button size="sm" variant="default" onClick={() => dismiss('queue-replaced', health)}>{t.notices.dismiss}</Button>}
          />
        );
      default:
        return assertNever(name);
    }
  }
}
