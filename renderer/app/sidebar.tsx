import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core';
import { IconLock, IconLogout } from '@tabler/icons-react';
import { useState } from 'react';
import type { Person } from '../../shared/domain/account.ts';
import { useClient, useQueueSummary } from '../client/client-context.tsx';
import { countToSend } from '../client/queue-counts.ts';
import { takeAccount } from '../client/relevo-client.ts';
import { useStore } from '../client/store.ts';
import { useSettings } from '../client/use-settings.ts';
import { useWording } from '../texts/texts-context.tsx';
import { ConfirmDialog } from '../ui/confirm-dialog.tsx';
import { Mark } from '../ui/mark.tsx';
import { type ScreenName, screens } from './screens.ts';
import styles from './sidebar.module.css';
import { useLock } from './use-lock.ts';

interface SidebarProps {
  shown: ScreenName;
  person: Person;
  onShow: (screen: ScreenName) => void;
}

export function Sidebar({ shown, person, onShow }: SidebarProps) {
  const { t, count } = useWording();
  const client = useClient();
  const info = useStore(client.appInfo);
  const queue = useQueueSummary();
  const toSend = queue ? countToSend(queue.counts) : 0;
  const { settings } = useSettings();
  const [leaving, setLeaving] = useState(false);
  const { lock, key } = useLock();
  // What needs somebody stays too.
  const staying = count(toSend + (queue?.counts.needsAttention ?? 0));
  return (
    <aside className={styles.sidebar}>
      <div className={styles.brand}>
        <Mark size={26} />
        <span className={styles.product}>{t.product}</span>
        {info?.demo ? <span className={styles.demo}>{t.common.demo}</span> : null}
      </div>
      <nav aria-label={t.shell.navigation} className={styles.navigation}>
        {screens.map(({ name, icon: Icon }) => (
          <UnstyledButton key={name} className={styles.item} aria-current={name === shown ? 'page' : undefined} onClick={() => onShow(name)}>
            <Icon size={18} stroke={1.8} aria-hidden />
            <span className={styles.word}>{t.shell[name]}</span>
            {name === 'queue' && toSend > 0 ? <span className={`${styles.count} numbers`} aria-hidden>{count(toSend).text}</span> : null}
          </UnstyledButton>
        ))}
      </nav>
      <div className={styles.person}>
        <div className={styles.words}>
          <p className={styles.name} title={person.email}>{person.name}</p>
          {person.organisation ? <p className={styles.organisation} title={person.organisation}>{person.organisation}</p> : null}
        </div>
        <Tooltip label={t.lock.nowWithKey(key)}>
          <ActionIcon variant="subtle" color="gray" c="var(--quiet)" size={30} aria-label={t.lock.now} aria-keyshortcuts={key === '⌘L' ? 'Meta+L' : 'Control+L'} onClick={lock}>
            <IconLock size={18} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t.shell.signOut}>
          <ActionIcon variant="subtle" color="gray" c="var(--quiet)" size={30} aria-label={t.shell.signOut} onClick={() => setLeaving(true)}>
            <IconLogout size={18} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </div>
      <ConfirmDialog
        opened={leaving}
        title={t.shell.signOutAsk}
        text={settings.shareQueue && staying.value > 0 ? t.shell.signOutShared(staying) : t.shell.signOutText(staying)}
        confirm={t.shell.signOut}
        refuse={t.common.cancel}
        onConfirm={() => void client.call.signOut().then((account) => takeAccount(client, account), () => undefined)}
        onClose={() => setLeaving(false)}
      />
    </aside>
  );
}
