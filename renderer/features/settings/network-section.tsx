import { IconArrowRight, IconPlugConnectedX, IconRoute, IconWifiOff } from '@tabler/icons-react';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
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
      {network?.proxyAsks ? <Notice role="alert" tone="attention" icon={IconPlugConnectedX} title={network.proxySignIn ? t.network.asksAgainTitle : t.network.asksTitle} text={t.network.asksText} /> : null}
      <Present />
      <SettingGroup>
        <ProxyRow />
        <ProxySignInRow key={String(network?.proxyAsks)} />
      </SettingGroup>
      {settings.controlResolver || settings.controlPage ? (
        <SettingGroup label={t.network.control}>
          <SettingRow label={t.network.controlResolver} fixed><span className="numbers selectable">{settings.controlResolver ?? t.settings.notSet}</span></SettingRow>
          <SettingRow label={t.network.controlPage} fixed><span className="selectable">{settings.controlPage ?? t.settings.notSet}</span></SettingRow>
        </SettingGroup>
      ) : null}
    </>
  );
}

/** What is in force, before what may be changed. */
function Present() {
  const { t } = useWording();
  const proxy = useStore(useClient().network)?.proxy;
  const Mark = !proxy ? IconWifiOff : proxy.name === 'direct' ? IconArrowRight : IconRoute;
  return (
    <section className={`${panel.panel} ${styles.present}`} aria-label={t.network.present}>
      <span className={styles.mark}><Mark size={20} stroke={1.8} aria-hidden /></span>
      <div>
        <p className={styles.caption}>{t.network.present}</p>
        <p className={`${styles.way} numbers selectable`}>{!proxy ? t.network.notYet : proxy.name === 'direct' ? t.network.direct : t.network.through(proxy.address)}</p>
        <p className={styles.note}>{t.network.certificates}</p>
      </div>
    </section>
  );
}
