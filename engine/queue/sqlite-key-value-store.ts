import type { Database } from './database.ts';
import { guarded } from './database-error.ts';
import type { KeyValueStore } from './upload-store.ts';

/** @throws DatabaseError from every call, where the disk or the file does not play along. */
export function createSqliteKeyValueStore(database: Database): KeyValueStore {
  const select = database.prepare<[string], string>('SELECT json FROM key_values WHERE key = ?').pluck();
  const upsert = database.prepare<[string, string]>('INSERT INTO key_values VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json');
  const remove = database.prepare<[string]>('DELETE FROM key_values WHERE key = ?');
  return {
    get: (key) => guarded(() => select.get(key)),
    set: (key, json) => { guarded(() => upsert.run(key, json)); },
    delete: (key) => { guarded(() => remove.run(key)); },
  };
}
