import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import type { SettingName, Settings } from '../../../shared/domain/settings.ts';
import { CallError, type CallErrorCode } from '../../../shared/rpc/call-error.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useSettings } from '../../client/use-settings.ts';

interface SettingsAccess {
  settings: Settings;
  /** Shows at once; resolves with whether the engine took it. What it refused has stepped back, and is told above the section. */
  set: (part: Partial<Settings>) => Promise<boolean>;
  /** Whether only an administrator changes it. */
  isFixed: (name: SettingName) => boolean;
  refused: CallErrorCode | undefined;
}

const AccessContext = createContext<SettingsAccess | undefined>(undefined);

export function SettingsAccessProvider({ children }: { children: ReactNode }) {
  const { settings, change } = useSettings();
  const fixed = useStore(useClient().fixed);
  const [refused, setRefused] = useState<CallErrorCode>();
  const set = useCallback(async (part: Partial<Settings>) => {
    setRefused(undefined);
    try {
      await change(part);
      return true;
    } catch (error) {
      setRefused(error instanceof CallError ? error.code : 'internal');
      return false;
    }
  }, [change]);
  const access = useMemo(() => ({ settings, set, refused, isFixed: (name: SettingName) => fixed.includes(name) }), [settings, set, refused, fixed]);
  return <AccessContext value={access}>{children}</AccessContext>;
}

export function useSettingsAccess(): SettingsAccess {
  const access = useContext(AccessContext);
  if (!access) throw new Error('useSettingsAccess needs a SettingsAccessProvider above it');
  return access;
}
