import { SegmentedControl, Slider } from '@mantine/core';
import { useState } from 'react';
import type { Settings } from '../../../shared/domain/settings.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { LimitField } from './limit-field.tsx';
import { limitText, megabitsText } from './limits.ts';
import styles from './sending-section.module.css';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';
import { TimetableEditor } from './timetable-editor.tsx';

export function SendingSection() {
  const { t } = useWording();
  const { settings, set, isFixed } = useSettingsAccess();
  return (
    <>
      <SettingGroup>
        <SettingRow label={t.settings.concurrency} text={t.settings.concurrencyText} fixed={isFixed('concurrency')}>
          <Concurrency value={settings.concurrency} disabled={isFixed('concurrency')} onChange={(concurrency) => void set({ concurrency })} />
        </SettingRow>
      </SettingGroup>
      <SettingGroup>
        <SpeedLimit />
        <TimetableEditor />
      </SettingGroup>
      <SettingGroup>
        <MeteredRows />
      </SettingGroup>
    </>
  );
}

function Concurrency({ value, disabled, onChange }: { value: number; disabled: boolean; onChange: (value: number) => void }) {
  const { t } = useWording();
  const [dragged, setDragged] = useState<number>();
  const shown = dragged ?? value;
  return (
    <div className={styles.slider}>
      <Slider min={1} max={16} value={shown} disabled={disabled} onChange={setDragged} onChangeEnd={end} label={null} thumbLabel={t.settings.concurrency} />
      <output className="numbers">{shown}</output>
    </div>
  );

  function end(chosen: number): void {
    onChange(chosen);
    setDragged(undefined);
  }
}

function SpeedLimit() {
  const wording = useWording();
  const { t } = wording;
  const { settings: { bandwidthLimit }, set, isFixed } = useSettingsAccess();
  const inForce = useStore(useClient().network)?.limitBytesPerSecond;
  const now = inForce === undefined ? '' : t.speed.now(limitText(wording, Math.round(inForce / 1000)));
  const megabits = bandwidthLimit > 0 ? t.speed.megabits(megabitsText(wording, bandwidthLimit)) : '';
  return (
    <SettingRow label={t.speed.limit} text={[t.speed.limitText, megabits, now].filter(Boolean).join(' ')} fixed={isFixed('bandwidthLimit')}>
      <LimitField
        label={t.speed.limit}
        optional
        disabled={isFixed('bandwidthLimit')}
        value={bandwidthLimit === 0 ? undefined : bandwidthLimit}
        onCommit={(limit) => void set({ bandwidthLimit: limit ?? 0 })}
      />
    </SettingRow>
  );
}

function MeteredRows() {
  const { t } = useWording();
  const { settings, set, isFixed } = useSettingsAccess();
  const network = useStore(useClient().network);
  return (
    <>
      <SettingRow label={t.speed.metered} text={network ? `${t.speed.meteredText} ${t.speed.meteredNow[network.metered]}` : t.speed.meteredText} fixed={isFixed('meteredNetwork')} wide>
        <SegmentedControl
          aria-label={t.speed.metered}
          size="sm"
          disabled={isFixed('meteredNetwork')}
          value={settings.meteredNetwork}
          onChange={(value) => void set({ meteredNetwork: value as Settings['meteredNetwork'] })}
          data={(['auto', 'yes', 'no'] as const).map((value) => ({ value, label: t.speed.meteredChoices[value] }))}
        />
      </SettingRow>
      <SettingRow label={t.speed.onMetered} text={t.speed.onMeteredText} fixed={isFixed('onMetered')} wide>
        <SegmentedControl
          aria-label={t.speed.onMetered}
          size="sm"
          disabled={isFixed('onMetered')}
          value={settings.onMetered}
          onChange={(value) => void set({ onMetered: value as Settings['onMetered'] })}
          data={(['send', 'pause', 'limit'] as const).map((value) => ({ value, label: t.speed.onMeteredChoices[value] }))}
        />
      </SettingRow>
      {settings.onMetered === 'limit' ? (
        <SettingRow label={t.speed.meteredLimit} fixed={isFixed('meteredLimit')}>
          <LimitField
            label={t.speed.meteredLimit}
            optional={false}
            disabled={isFixed('meteredLimit')}
            value={settings.meteredLimit}
            onCommit={(limit) => { if (limit !== undefined) void set({ meteredLimit: limit }); }}
          />
        </SettingRow>
      ) : null}
    </>
  );
}
