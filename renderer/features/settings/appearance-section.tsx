import { SegmentedControl } from '@mantine/core';
import type { Settings } from '../../../shared/domain/settings.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { SettingGroup, SettingRow } from './setting-row.tsx';
import { useSettingsAccess } from './settings-access.tsx';

export function AppearanceSection() {
  const { t } = useWording();
  const { settings, set, isFixed } = useSettingsAccess();
  return (
    <SettingGroup>
      <SettingRow label={t.common.language} fixed={isFixed('language')}>
        <SegmentedControl
          aria-label={t.common.language}
          disabled={isFixed('language')}
          value={settings.language}
          onChange={(value) => void set({ language: value as Settings['language'] })}
          data={(['es', 'en'] as const).map((value) => ({ value, label: t.languages[value] }))}
        />
      </SettingRow>
      <SettingRow label={t.common.theme} fixed={isFixed('theme')}>
        <SegmentedControl
          aria-label={t.common.theme}
          disabled={isFixed('theme')}
          value={settings.theme}
          onChange={(value) => void set({ theme: value as Settings['theme'] })}
          data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t.themes[value] }))}
        />
      </SettingRow>
    </SettingGroup>
  );
}
