import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowUp, IconClock, IconPlayerPause, IconRefresh, IconUserCheck, IconUserExclamation, IconWifiOff } from '@tabler/icons-react';
import { useClient, useQueueSummary } from '../client/client-context.tsx';
import { countToSend } from '../client/queue-counts.ts';
import { useStore } from '../client/store.ts';
import { useWording } from '../texts/texts-context.tsx';
import { StateChip } from '../ui/state-chip.tsx';
import type { Icon, Tone } from '../ui/upload-state.tsx';
import styles from './header.module.css';
import { type ServiceState, serviceState } from './service-state.ts';

const looks: Record<ServiceState, { tone: Tone; icon: Icon }> = {
  restarting: { tone: 'attention', icon: IconRefresh },
  expired: { tone: 'attention', icon: IconUserExclamation },
  paused: { tone: 'waiting', icon: IconPlayerPause },
  offline: { tone: 'waiting', icon: IconWifiOff },
  waiting: { tone: 'waiting', icon: IconClock },
  sending: { tone: 'brand', icon: IconArrowUp },
  signedIn: { tone: 'sent', icon: IconUserCheck },
};

export function Header({ title, onQueue }: { title: string; onQueue: () => void }) {
  const { t, count } = useWording();
  const client = useClient();
  const queue = useQueueSummary();
  const state = serviceState({ engine: useStore(client.engine), account: useStore(client.account), queue, waitingFor: useStore(client.waitingFor) });
  const toSend = queue ? countToSend(queue.counts) : 0;
  const attention = queue?.counts.needsAttention ?? 0;
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{title}</h1>
      <div className={styles.side}>
        <div role="status" aria-label={t.shell.chip.label}>
          <StateChip {...looks[state]} word={t.shell.chip[state]} filled />
        </div>
        {attention > 0 ? (
          <UnstyledButton className={`${styles.badge} numbers`} data-attention onClick={onQueue} aria-label={t.shell.attentionToQueue(count(attention))}>
            <IconAlertTriangle size={15} stroke={2} aria-hidden />
            {count(attention).text}
          </UnstyledButton>
        ) : null}
        {toSend > 0 ? (
          <UnstyledButton className={`${styles.badge} numbers`} onClick={onQueue} aria-label={t.shell.toQueue(count(toSend))}>
            <IconArrowUp size={15} stroke={2} aria-hidden />
            {count(toSend).text}
          </UnstyledButton>
        ) : null}
      </div>
    </header>
  );
}
