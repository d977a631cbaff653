import { describe, expect, test } from 'vitest';
import { defaultSettings, type Settings } from '../../shared/domain/settings.ts';
import { silentLogger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { AdministratorSettings } from './administrator-settings.ts';
import { createSettingsStore } from './settings.ts';

function memoryStore(): KeyValueStore {
  const entries = new Map<string, string>();
  return { get: (key) => entries.get(key), set: (key, json) => { entries.set(key, json); }, delete: (key) => { entries.delete(key); } };
}

/** What an administrator has deployed, and deploys anew with `say`. */
function administrator(first: { defaults?: Partial<Settings>; fixed?: Partial<Settings> } = {}): AdministratorSettings & { say(next: typeof first): void } {
  let given = first;
  const listeners = new Set<() => void>();
  return {
    get: () => ({ defaults: given.defaults ?? {}, fixed: given.fixed ?? {}, state: 'in-force' }),
    look: () => undefined, onChange: (listener) => { listeners.add(listener); }, close: () => undefined,
    say(next) { given = next; for (const listener of listeners) listener(); },
  };
}

describe('of two who set the same', () => {
  test.each<[string, { defaults?: Partial<Settings>; fixed?: Partial<Settings> }, Partial<Settings>, number]>([
    ['nobody: ours holds', {}, {}, 6],
    ['an administrator’s default is over ours', { defaults: { concurrency: 2 } }, {}, 2],
    ['a person’s choice is over that', { defaults: { concurrency: 2 } }, { concurrency: 3 }, 3],
    ['what an administrator has fixed is over everything', { defaults: { concurrency: 2 }, fixed: { concurrency: 4 } }, { concurrency: 3 }, 4],
  ])('%s', (_name, given, chosen, outcome) => {
    const store = memoryStore();
    createSettingsStore({ store, log: silentLogger }).change(chosen);
    expect(createSettingsStore({ store, log: silentLogger, administrator: administrator(given) }).get().concurrency).toBe(outcome);
  });
});

test('only what a person has changed is kept: a default that changes later reaches those who never chose', () => {
  const store = memoryStore();
  createSettingsStore({ store, log: silentLogger }).change({ language: 'en' });
  const later = createSettingsStore({ store, log: silentLogger, administrator: administrator({ defaults: { language: 'es', lockAfterMinutes: 5 } }) });
  expect(later.get()).toEqual({ ...defaultSettings, language: 'en', lockAfterMinutes: 5 });
});

test('what a person takes back goes to what holds without it', () => {
  const settings = createSettingsStore({ store: memoryStore(), log: silentLogger, administrator: administrator({ defaults: { concurrency: 2 } }) });
  settings.change({ concurrency: 9, gateway: 'https://a.example' });
  expect(settings.change({ concurrency: undefined, gateway: undefined })).toEqual({ ...defaultSettings, concurrency: 2 });
});

test('what is fixed is named, and changing it is refused whole', () => {
  const settings = createSettingsStore({ store: memoryStore(), log: silentLogger, administrator: administrator({ fixed: { gateway: 'https://a.example', shareQueue: true } }) });
  expect(settings.fixed()).toEqual(['gateway', 'shareQueue']);
  expect(() => settings.change({ language: 'en', gateway: 'https://b.example' })).toThrow(expect.objectContaining({ code: 'set-by-administrator', detail: 'gateway' }) as Error);
  expect(settings.get().language).toBe('es');
});

test('a new deployment is in force at once, and told once; a person’s choice comes back when it is no longer fixed', () => {
  const given = administrator();
  const settings = createSettingsStore({ store: memoryStore(), log: silentLogger, administrator: given });
  settings.change({ concurrency: 3 });
  const told: [number, number][] = [];
  settings.onChange((now, before) => told.push([before.concurrency, now.concurrency]));
  given.say({ fixed: { concurrency: 1 } });
  given.say({ fixed: { concurrency: 1 } });
  given.say({});
  expect(told).toEqual([[3, 1], [1, 3]]);
});

test('a gateway’s address is the same however it was written, and the former ones too', () => {
  const settings = createSettingsStore({
    store: memoryStore(), log: silentLogger, administrator: administrator({ fixed: { formerGateways: { 'https://New.example:443': ['http://OLD.example/', 'unknown'] } } }),
  });
  settings.change({ gateway: 'https://NEW.example/' });
  expect(settings.get()).toMatchObject({ gateway: 'https://new.example', formerGateways: { 'https://new.example': ['http://old.example', 'unknown'] } });
});
