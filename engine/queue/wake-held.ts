import type { UploadEvent } from '../../shared/domain/upload.ts';
import type { Held } from '../upload/transition.ts';
import type { Database } from './database.ts';
import type { Woken } from './upload-store.ts';

/** Rows looked at in one go: 10 ms of work where all of them are to be woken, so that calls are answered in between. */
const rowsAtOnce = 200;

/**
 * `UploadStore.wakeHeld` as a few statements over a stretch of rows. Which rows is `transition`'s to say: what it says comes in as
 * `Held`, and a property test holds the two to each other.
 */
export function prepareWakeHeld(database: Database): (held: Held, event: UploadEvent, after?: number) => Woken {
  const accounts = database.prepare<[], string>('SELECT DISTINCT account_id FROM tallies').pluck();
  // A state that is not JSON must not stop the others; such a row is reported when it is read.
  const stretch = database.prepare<[Record<string, string | number>], { sequence: number; id: string; held: 0 | 1 }>(`
    SELECT sequence, id, coalesce((:anytime OR updated_at > :at) AND CASE WHEN json_valid(state) THEN json_extract(state, :path) END IN (SELECT value FROM json_each(:values)), 0) AS held
      FROM uploads INDEXED BY uploads_by_state WHERE account_id = :account AND state_name = :name AND sequence > :after ORDER BY sequence LIMIT ${rowsAtOnce}`);
  const update = database.prepare(`UPDATE uploads SET state_name = 'queued', state = '{"name":"queued"}', retry_at = NULL, updated_at = :at
    WHERE sequence IN (SELECT value FROM json_each(:sequences))`);
  const tell = database.prepare(`INSERT INTO story (upload, line, at, event, failed)
    SELECT value, (SELECT coalesce(max(line), 0) + 1 FROM story WHERE upload = value), :at, :event, 0 FROM json_each(:sequences)`);

  return (held, event, after = 0) => {
    const wanted = [
      { name: 'blocked', path: '$.by', values: JSON.stringify(held.blocks) },
      { name: 'waiting', path: '$.failure.code', values: JSON.stringify([...held.waitingFor]) },
    ];
    const rows = accounts.all().flatMap((account) => wanted.flatMap((each) => stretch.all({ account, after, at: event.at, anytime: held.fromLater ? 0 : 1, ...each })))
      .sort((a, b) => a.sequence - b.sequence).slice(0, rowsAtOnce);
    const found = rows.filter((row) => row.held === 1);
    if (found.length > 0) {
      const sequences = JSON.stringify(found.map(({ sequence }) => sequence));
      update.run({ at: event.at, sequences });
      tell.run({ at: event.at, event: JSON.stringify(event), sequences });
    }
    return { ids: found.map(({ id }) => id), next: rows.length === rowsAtOnce ? rows.at(-1)?.sequence : undefined };
  };
}
