import type { UploadEvent } from '../../shared/domain/upload.ts';
import type { Held } from '../upload/transition.ts';
import type { Database } from './database.ts';

/**
 * `UploadStore.wakeHeld` as three statements over all rows. Which rows is `transition`'s to say: what it says comes in as
 * `Held`, and a property test holds the two to each other.
 */
export function prepareWakeHeld(database: Database): (held: Held, event: UploadEvent) => string[] {
  const accounts = database.prepare<[], string>('SELECT DISTINCT account_id FROM tallies').pluck();
  // A state that is not JSON must not stop the others; such a row is reported when it is read.
  const field = (path: string): string => `CASE WHEN json_valid(state) THEN json_extract(state, '${path}') END`;
  const find = database.prepare<[Record<string, string>], { sequence: number; id: string }>(`
    SELECT sequence, id FROM uploads INDEXED BY uploads_by_state
      WHERE account_id = :account AND state_name = 'blocked' AND ${field('$.by')} IN (SELECT value FROM json_each(:blocks))
    UNION ALL
    SELECT sequence, id FROM uploads INDEXED BY uploads_by_state
      WHERE account_id = :account AND state_name = 'waiting' AND ${field('$.failure.code')} IN (SELECT value FROM json_each(:codes))`);
  const update = database.prepare(`UPDATE uploads SET state_name = 'queued', state = '{"name":"queued"}', retry_at = NULL, updated_at = max(updated_at, :at)
    WHERE sequence IN (SELECT value FROM json_each(:sequences))`);
  const tell = database.prepare(`INSERT INTO story (upload, line, at, event, failed)
    SELECT value, (SELECT coalesce(max(line), 0) + 1 FROM story WHERE upload = value), :at, :event, 0 FROM json_each(:sequences)`);

  return (held, event) => {
    const named = { blocks: JSON.stringify(held.blocks), codes: JSON.stringify([...held.waitingFor]) };
    const found = accounts.all().flatMap((account) => find.all({ account, ...named })).sort((a, b) => a.sequence - b.sequence);
    if (found.length === 0) return [];
    const sequences = JSON.stringify(found.map(({ sequence }) => sequence));
    update.run({ at: event.at, sequences });
    tell.run({ at: event.at, event: JSON.stringify(event), sequences });
    return found.map(({ id }) => id);
  };
}
