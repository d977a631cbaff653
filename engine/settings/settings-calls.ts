import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { SettingsStore } from './settings.ts';

/** @param followed resolves when what had to follow from the last change has happened, such as going over to another gateway. */
export function createSettingsCalls(settings: SettingsStore, followed: () => Promise<void>): Pick<EngineImplementation, 'getSettings' | 'getFixedSettings' | 'changeSettings'> {
  return {
    getSettings: () => settings.get(),
    getFixedSettings: () => ({ names: settings.fixed() }),
    changeSettings: async (changes) => {
      const changed = settings.change(changes);
      await followed();
      return changed;
    },
  };
}
