import { IconDatabase, IconInfoCircle, IconPalette, IconRoute, IconSend, IconServerCog, IconShieldLock } from '@tabler/icons-react';
import type { Icon } from '../../ui/upload-state.tsx';

/** In the order of how many people need them. */
export const sections = [
  { name: 'appearance', icon: IconPalette },
  { name: 'sending', icon: IconSend },
  { name: 'privacy', icon: IconShieldLock },
  { name: 'network', icon: IconRoute },
  { name: 'server', icon: IconServerCog },
  { name: 'ownKeys', icon: IconDatabase },
  { name: 'about', icon: IconInfoCircle },
] as const satisfies { name: string; icon: Icon }[];

export type SettingsSection = (typeof sections)[number]['name'];
