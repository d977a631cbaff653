import { useCallback } from 'react';
import { defaultSettings, type Settings } from '../../shared/domain/settings.ts';
import { useClient } from './client-context.tsx';
import { useStore } from './store.ts';

/** The settings, and a way to change them that shows at once and steps back should the engine refuse. */
export function useSettings(): { settings: Settings; change: (part: Partial<Settings>) => Promise<void> } {
  const client = useClient();
  const settings = useStore(client.settings) ?? defaultSettings;
  const change = useCallback(async (part: Partial<Settings>) => {
    const before = client.settings.get();
    client.settings.set({ ...(before ?? defaultSettings), ...part });
    try {
      client.settings.set(await client.call.changeSettings(part));
    } catch (error) {
      client.settings.set(before);
      throw error;
    }
  }, [client]);
  return { settings, change };
}
