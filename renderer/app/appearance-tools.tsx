import { ActionIcon, SegmentedControl, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import type { Language } from '../../shared/texts/language.ts';
import { useSettings } from '../client/use-settings.ts';
import { useWording } from '../texts/texts-context.tsx';
import styles from './appearance-tools.module.css';

/** Language and light or dark, in one small row. */
export function AppearanceTools() {
  const { t } = useWording();
  const { settings, change } = useSettings();
  const isDark = useComputedColorScheme('light') === 'dark';
  const label = isDark ? t.common.useLight : t.common.useDark;
  return (
    <div className={styles.tools}>
      <SegmentedControl
        size="xs"
        aria-label={t.common.language}
        value={settings.language}
        onChange={(value) => void change({ language: value as Language }).catch(() => undefined)}
        data={(['es', 'en'] as const).map((value) => ({ value, label: t.languages[value] }))}
      />
      <Tooltip label={label}>
        <ActionIcon variant="default" size={30} aria-label={label} onClick={() => void change({ theme: isDark ? 'light' : 'dark' }).catch(() => undefined)}>
          {isDark ? <IconSun size={17} /> : <IconMoon size={17} />}
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
