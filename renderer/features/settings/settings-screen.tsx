import { Tabs } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { assertNever } from '../../../shared/assert-never.ts';
import { callErrorText } from '../../../shared/texts/call-errors.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
import { AboutSection } from './about-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { OwnKeysSection } from './own-keys-section.tsx';
import { PrivacySection } from './privacy-section.tsx';
import { type SettingsSection, sections } from './sections.ts';
import { SendingSection } from './sending-section.tsx';
import { ServerSection } from './server-section.tsx';
import { SettingsAccessProvider, useSettingsAccess } from './settings-access.tsx';
import styles from './settings-screen.module.css';

interface SettingsScreenProps {
  section: SettingsSection;
  onSection: (section: SettingsSection) => void;
}

/** A list of sections beside the one that is open: never more on the screen than belongs together. */
export function SettingsScreen({ section, onSection }: SettingsScreenProps) {
  const { t } = useWording();
  return (
    <Tabs
      value={section}
      onChange={(name) => onSection(name as SettingsSection)}
      orientation="vertical"
      keepMounted={false}
      classNames={{ root: styles.screen, list: styles.list, tab: styles.tab, tabLabel: styles.word, tabSection: styles.icon, panel: styles.pane }}
    >
      <Tabs.List aria-label={t.settings.navigation}>
        {sections.map(({ name, icon: Icon }) => (
          <Tabs.Tab key={name} value={name} leftSection={<Icon size={17} stroke={1.8} aria-hidden />}>{t.settings.sections[name]}</Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={section}>
        <SettingsAccessProvider key={section}>
          <h2 className={styles.title}>{t.settings.sections[section]}</h2>
          <Refusal />
          <Section name={section} />
        </SettingsAccessProvider>
      </Tabs.Panel>
    </Tabs>
  );
}

function Section({ name }: { name: SettingsSection }) {
  switch (name) {
    case 'appearance': return <AppearanceSection />;
    case 'sending': return <SendingSection />;
    case 'privacy': return <PrivacySection />;
    case 'network': return <NetworkSection />;
    case 'server': return <ServerSection />;
    case 'ownKeys': return <OwnKeysSection />;
    case 'about': return <AboutSection />;
    default: return assertNever(name);
  }
}

function Refusal() {
  const { language } = useWording();
  const { refused } = useSettingsAccess();
  if (!refused) return null;
  const { what, next } = callErrorText(language, refused);
  return <Notice role="alert" tone="failed" icon={IconAlertCircle} title={what} text={next} />;
}
