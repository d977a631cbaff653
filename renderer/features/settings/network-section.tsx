import { Button } from '@mantine/core';
import { IconArrowRight, IconRoute, IconWifiOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useClient } from '../../client/client-context.tsx';
import { checkNow } from '../../client/connection-check.ts';
import { useStore } from '../../client/store.ts';
import { groupOf } from '../../texts/diagnosis-groups.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { severityLooks } from '../../ui/severity.ts';
import { StateChip } from '../../ui/state-chip.tsx';
import panel from '../../ui/panel.module.css';
import styles from './network-section.module.css';
import { ProxyRow } from './proxy-row.tsx';
import { ProxySignInRow } from './proxy-sign-in-row.tsx';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';

export function NetworkSection() {
  const { t } = useWording();
  const { settings } = useSettingsAccess();
  const network = useStore(useClient().network);
  return (
    <>
      <Present />
      <SettingGroup>
        <ProxyRow />
        <ProxySignInRow key={String(network?.proxyAsks)} />
      </SettingGroup>
      {settings.controlResolver || settings.controlPage || settings.controlPortalPage ? (
        <SettingGroup label={t.network.control}>
          <SettingRow label={t.network.controlResolver} fixed><span className="numbers selectable">{settings.controlResolver ?? t.settings.notSet}</span></SettingRow>
          <SettingRow label={t.network.controlPage} fixed><span className="selectable">{settings.controlPage ?? t.settings.notSet}</span></SettingRow>
          <SettingRow label={t.network.controlPortalPage} fixed><span className="selectable">{settings.controlPortalPage ?? t.settings.notSet}</span></SettingRow>
        </SettingGroup>
      ) : null}
    </>
  );
}

/** What is in force, before what may be changed. */
function Present() {
  const { t } = useWording();
  const client = useClient();
  const proxy = useStore(client.network)?.proxy;
  const Mark = !proxy ? IconWifiOff : proxy.name === 'direct' ? IconArrowRight : IconRoute;
  return (
    <section className={`${panel.panel} ${styles.present}`} aria-label={t.network.present}>
      <span className={styles.mark}><Mark size={20} stroke={1.8} aria-hidden /></span>
      <div className={styles.words}>
        <p className={styles.caption}>{t.network.present}</p>
        <p className={`${styles.way} numbers selectable`}>{!proxy ? t.network.notYet : proxy.name === 'direct' ? t.network.direct : t.network.through(proxy.address)}</p>
        <p className={styles.note}>{t.network.certificates}</p>
      </div>
      <Check />
    </section>
  );
}

/** Whoever has changed something wants to know at once whether the server is reached now. */
function Check() {
  const { t } = useWording();
  const client = useClient();
  const running = useStore(client.check).name === 'running';
  const diagnosis = useStore(client.connection)?.diagnosis;
  const [asked, setAsked] = useState(false);
  return (
    <div className={styles.check} role="status">
      <Button
        variant="default"
        size="sm"
        loading={running}
        onClick={() => {
          setAsked(true);
          void checkNow(client);
        }}
      >
        {t.connection.check}
      </Button>
      {asked && !running && diagnosis ? <StateChip {...severityLooks[diagnosis.severity]} word={t.connection.chip[groupOf[diagnosis.code]]} /> : null}
    </div>
  );
}
