import { useEffect, useState } from 'react';
import type { Status } from '../../../shared/engine-contract.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { SettingGroup, SettingRow } from './setting-row.tsx';

export function AboutSection() {
  const { t } = useWording();
  const client = useClient();
  const info = useStore(client.appInfo);
  const [keySource, setKeySource] = useState<Status['keySource']>();
  useEffect(() => {
    client.call.getStatus().then((status) => setKeySource(status.keySource), () => undefined);
  }, [client]);
  return (
    <SettingGroup>
      <SettingRow label={t.settings.version}>
        <span className="numbers selectable">{info?.version}{info?.developmentRuntime ? ` · ${t.settings.developmentRuntime}` : ''}</span>
      </SettingRow>
      {keySource ? <SettingRow label={t.settings.keySource}>{t.settings.keySources[keySource]}</SettingRow> : null}
    </SettingGroup>
  );
}
