import { settingNames, settingsChangesSchema, settingsSchema, type SettingName, type Settings } from '../../shared/domain/settings.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { AdministratorSettings } from './administrator-settings.ts';

const key = 'settings';

/** What holds on this computer: what an administrator has fixed, over what a person has set, over an administrator's defaults, over our own. */
export interface SettingsStore {
  get(): Settings;
  /** Those that an administrator has fixed. */
  fixed(): SettingName[];
  /**
   * Merges and keeps; listeners hear of it. A name with `undefined` goes back to what holds without a person's choice.
   * @throws CallError `set-by-administrator`; ZodError where the outcome is not valid
   */
  change(changes: Partial<Settings>): Settings;
  /** @returns a function that stops listening. */
  onChange(listener: (now: Settings, before: Settings) => void): () => void;
}

export interface SettingsOptions {
  store: KeyValueStore;
  log: Logger;
  /** Used where nothing was set, such as a test's gateway. */
  defaults?: Partial<Settings>;
  administrator?: AdministratorSettings;
}

/** Only what a person has changed is kept, in the encrypted database: a default that changes later must reach everybody who never chose. */
export function createSettingsStore({ store, log, defaults = {}, administrator }: SettingsOptions): SettingsStore {
  const listeners = new Set<(now: Settings, before: Settings) => void>();
  let chosen = readStored(store, log);
  let current = effective();

  function effective(choices = chosen): Settings {
    const given = administrator?.get();
    return settingsSchema.parse(withoutHoles({ ...defaults, ...given?.defaults, ...choices, ...given?.fixed }));
  }

  function become(next: Settings): Settings {
    const before = current;
    current = next;
    if (JSON.stringify(before) !== JSON.stringify(next)) for (const listener of listeners) listener(next, before);
    return next;
  }

  const fixed = (): SettingName[] => settingNames.filter((name) => administrator?.get().fixed[name] !== undefined);
  administrator?.onChange(() => { become(effective()); });

  return {
    get: () => current,
    fixed,
    change(changes) {
      const refused = fixed().filter((name) => Object.hasOwn(changes, name));
      if (refused.length > 0) throw new CallError('set-by-administrator', refused.join(', '));
      const choices = withoutHoles({ ...chosen, ...changes });
      const next = effective(choices);
      store.set(key, JSON.stringify(choices));
      chosen = choices;
      return become(next);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}

function withoutHoles(settings: Partial<Settings>): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
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
