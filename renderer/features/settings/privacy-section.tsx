import { Select, Switch } from '@mantine/core';
import { useWording } from '../../texts/texts-context.tsx';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';

/** In minutes; 0 is never, and stands last. */
const offered = [1, 5, 10, 15, 30, 60, 120, 0];

export function PrivacySection() {
  const { t, duration } = useWording();
  const { settings, set, isFixed } = useSettingsAccess();
  const { lockAfterMinutes, removeLocation, shareQueue } = settings;
  // One that came from elsewhere is shown as it is.
  const choices = offered.includes(lockAfterMinutes) ? offered : [lockAfterMinutes, ...offered];
  return (
    <SettingGroup>
      <SettingRow label={t.settings.removeLocation} text={t.settings.removeLocationText} fixed={isFixed('removeLocation')}>
        <Switch
          size="md"
          aria-label={t.settings.removeLocation}
          disabled={isFixed('removeLocation')}
          checked={removeLocation}
          onChange={(event) => void set({ removeLocation: event.currentTarget.checked })}
        />
      </SettingRow>
      <SettingRow label={t.settings.lockAfter} text={t.settings.lockAfterText} fixed={isFixed('lockAfterMinutes')}>
        <Select
          aria-label={t.settings.lockAfter}
          disabled={isFixed('lockAfterMinutes')}
          w={150}
          allowDeselect={false}
          value={String(lockAfterMinutes)}
          onChange={(value) => { if (value !== null) void set({ lockAfterMinutes: Number(value) }); }}
          data={choices.map((minutes) => ({ value: String(minutes), label: minutes === 0 ? t.settings.lockNever : t.settings.lockAfterMinutes(duration(minutes * 60_000)) }))}
        />
      </SettingRow>
      <SettingRow label={t.settings.shareQueue} text={t.settings.shareQueueText} fixed={isFixed('shareQueue')}>
        <Switch
          size="md"
          aria-label={t.settings.shareQueue}
          disabled={isFixed('shareQueue')}
          checked={shareQueue}
          onChange={(event) => void set({ shareQueue: event.currentTarget.checked })}
        />
      </SettingRow>
    </SettingGroup>
  );
}
