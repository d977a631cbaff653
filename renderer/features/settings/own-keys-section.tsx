import { Button } from '@mantine/core';
import { IconCircleCheck, IconDatabase } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import type { OwnKeys } from '../../../shared/domain/own-keys.ts';
import { useClient } from '../../client/client-context.tsx';
import { shortAddress } from '../../client/gateway-address.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import { StateChip } from '../../ui/state-chip.tsx';
import { OwnKeysForm } from './own-keys-form.tsx';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';
import styles from './own-keys.module.css';

/** The clinic's own Spaces account: one sentence until it is wanted. */
export function OwnKeysSection() {
  const { t } = useWording();
  const client = useClient();
  const mayChange = useSettingsAccess().settings.ownKeysInWindow;
  const [known, setKnown] = useState<{ keys: OwnKeys | undefined }>();
  const [editing, setEditing] = useState(false);
  const [saved, setSaved] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const read = useCallback(() => {
    client.call.getOwnKeys().then(({ ownKeys }) => setKnown({ keys: ownKeys }), () => undefined);
  }, [client]);
  useEffect(read, [read]);

  if (!known) return null;
  const { keys } = known;
  if (editing && mayChange) {
    return (
      <OwnKeysForm
        kept={keys}
        onCancel={() => setEditing(false)}
        onSaved={() => {
          setEditing(false);
          setSaved(true);
          read();
        }}
      />
    );
  }
  if (!keys) {
    return (
      <div className={`${panel.panel} ${styles.empty}`}>
        <EmptyState
          icon={IconDatabase}
          title={t.ownKeys.title}
          text={mayChange ? t.ownKeys.intro : `${t.ownKeys.intro} ${t.ownKeys.byAdministrator}`}
          action={mayChange ? <Button variant="default" onClick={() => setEditing(true)}>{t.ownKeys.setUp}</Button> : undefined}
        />
      </div>
    );
  }
  return (
    <>
      {saved ? <Notice role="status" tone="sent" icon={IconCircleCheck} title={t.ownKeys.saved} /> : null}
      <SettingGroup>
        <SettingRow label={t.ownKeys.inUseText(keys.bucket, shortAddress(keys.endpoint))} text={`${t.ownKeys.accessKeyId}: ${keys.accessKeyId} · ${t.ownKeys.region}: ${keys.region}`}>
          <StateChip tone="sent" icon={IconCircleCheck} word={t.ownKeys.inUse} filled />
        </SettingRow>
        {mayChange ? (
          <div className={styles.footer}>
            <Button variant="default" size="sm" onClick={() => setLeaving(true)}>{t.ownKeys.remove}</Button>
            <Button variant="default" size="sm" onClick={() => setEditing(true)}>{t.settings.change}</Button>
          </div>
        ) : <p className={styles.intro}>{t.ownKeys.byAdministrator}</p>}
      </SettingGroup>
      <ConfirmDialog
        opened={leaving}
        title={t.ownKeys.removeAsk}
        text={t.ownKeys.removeText}
        confirm={t.ownKeys.remove}
        refuse={t.ownKeys.removeKeep}
        onConfirm={() => {
          setSaved(false);
          void client.call.removeOwnKeys().then(read, read);
        }}
        onClose={() => setLeaving(false)}
      />
    </>
  );
}
