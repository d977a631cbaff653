import { IconActivityHeartbeat, IconLayoutList, IconLifebuoy, IconPlus, IconSettings } from '@tabler/icons-react';
import type { Icon } from '../ui/upload-state.tsx';

/** The window's sections, in the order of the sidebar. A new one is a line here, its title, and its component in `shell.tsx`. */
export const screens = [
  { name: 'add', icon: IconPlus },
  { name: 'queue', icon: IconLayoutList },
  { name: 'connection', icon: IconActivityHeartbeat },
  { name: 'support', icon: IconLifebuoy },
  { name: 'settings', icon: IconSettings },
] as const satisfies { name: string; icon: Icon }[];

export type ScreenName = (typeof screens)[number]['name'];
