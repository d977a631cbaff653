import { settingsChangesSchema, settingsSchema, type Settings } from '../shared/domain/settings.ts';
import type { Logger } from './logging/logger.ts';
import type { KeyValueStore } from './queue/upload-store.ts';

const key = 'settings';

/** What a person or an administrator has set, kept in the encrypted database. */
export interface SettingsStore {
  get(): Settings;
  /** Merges and keeps; listeners hear of it. @throws ZodError where the outcome is not valid */
  change(changes: Partial<Settings>): Settings;
  onChange(listener: (settings: Settings) => void): () => void;
}

/** @param defaults used where nothing was set, such as an administrator's gateway address */
export function createSettingsStore(store: KeyValueStore, log: Logger, defaults: Partial<Settings> = {}): SettingsStore {
  const listeners = new Set<(settings: Settings) => void>();
  let current = settingsSchema.parse({ ...defaults, ...readStored(store, log) });
  return {
    get: () => current,
    change(changes) {
      current = settingsSchema.parse({ ...current, ...changes });
      store.set(key, JSON.stringify(current));
      for (const listener of listeners) listener(current);
      return current;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}

function readStored(store: KeyValueStore, log: Logger): Partial<Settings> {
  const json = store.get(key);
  if (json === undefined) return {};
  try {
    return settingsChangesSchema.parse(JSON.parse(json));
  } catch {
    // Settings can be made again; refusing to start would keep photos from being sent.
    log.warn('settings.unreadable');
    return {};
  }
}
