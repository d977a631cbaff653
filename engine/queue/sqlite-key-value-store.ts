import type { Database } from './database.ts';
import { guarded } from './sqlite-error.ts';
import type { KeyValueStore } from './upload-store.ts';

/**
 * What was read or written is remembered: who is signed in, what is paused and the like are asked for with every step of every photo, and
 * nobody but this process may write to the database while it has it open.
 *
 * @throws DatabaseError from every call, where the disk or the file does not play along; what is remembered is then as it was
 */
export function createSqliteKeyValueStore(database: Database): KeyValueStore {
  const select = database.prepare<[string], string>('SELECT json FROM key_values WHERE key = ?').pluck();
  const upsert = database.prepare<[string, string]>('INSERT INTO key_values VALUES (?, ?) ON CONFLICT DO UPDATE SET json = excluded.json');
  const remove = database.prepare<[string]>('DELETE FROM key_values WHERE key = ?');
  const known = new Map<string, string | undefined>();
  return {
    get(key) {
      if (!known.has(key)) known.set(key, guarded(() => select.get(key)));
      return known.get(key);
    },
    set(key, json) {
      guarded(() => upsert.run(key, json));
      known.set(key, json);
    },
    delete(key) {
      guarded(() => remove.run(key));
      known.set(key, undefined);
    },
  };
}
