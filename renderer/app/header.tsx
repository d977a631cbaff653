import { UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowUp, IconClock, IconGauge, IconPlayerPause, IconRefresh, IconUserCheck, IconUserExclamation, IconWifiOff } from '@tabler/icons-react';
import { useClient, useQueueSummary } from '../client/client-context.tsx';
import { countToSend } from '../client/queue-counts.ts';
import { useStore } from '../client/store.ts';
import { useWording } from '../texts/texts-context.tsx';
import { severityLooks } from '../ui/severity.ts';
import { StateChip } from '../ui/state-chip.tsx';
import type { Icon, Tone } from '../ui/upload-state.tsx';
import styles from './header.module.css';
import { type HeaderState, headerState, type ServiceState } from './service-state.ts';

const looks: Record<ServiceState, { tone: Tone; icon: Icon }> = {
  restarting: { tone: 'attention', icon: IconRefresh },
  expired: { tone: 'attention', icon: IconUserExclamation },
  paused: { tone: 'waiting', icon: IconPlayerPause },
  metered: { tone: 'waiting', icon: IconGauge },
  offline: { tone: 'waiting', icon: IconWifiOff },
  waiting: { tone: 'waiting', icon: IconClock },
  sending: { tone: 'brand', icon: IconArrowUp },
  signedIn: { tone: 'sent', icon: IconUserCheck },
};

function lookOf(state: HeaderState): { tone: Tone; icon: Icon } {
  if (state.kind === 'service') return looks[state.state];
  return state.group === 'noNetwork' ? { tone: 'failed', icon: IconWifiOff } : severityLooks[state.severity];
}

interface HeaderProps {
  title: string;
  onQueue: () => void;
  onConnection: () => void;
}

export function Header({ title, onQueue, onConnection }: HeaderProps) {
  const { t, count } = useWording();
  const client = useClient();
  const queue = useQueueSummary();
  const state = headerState({
    engine: useStore(client.engine),
    account: useStore(client.account),
    queue,
    waitingFor: useStore(client.waitingFor),
    diagnosis: useStore(client.connection)?.diagnosis,
  });
  const word = state.kind === 'service' ? t.shell.chip[state.state] : t.connection.chip[state.group];
  const toSend = queue ? countToSend(queue.counts) : 0;
  const attention = queue?.counts.needsAttention ?? 0;
  return (
    <header className={styles.header}>
      <h1 className={styles.title}>{title}</h1>
      <div className={styles.side}>
        <div role="status" aria-label={t.shell.chip.label}>
          <UnstyledButton className={styles.chip} onClick={onConnection} aria-label={t.connection.open(word)}>
            <StateChip {...lookOf(state)} word={word} filled />
          </UnstyledButton>
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
