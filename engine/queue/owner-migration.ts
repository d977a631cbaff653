/** @file The step from bare person ids to owners, see [Note: photos of a bare id] in `engine/account/owner.ts`. */
import { z } from 'zod';
import { normalGateway } from '../../shared/domain/gateway.ts';
import { ownerOfBareId, type Owner } from '../account/owner.ts';
import type { Database } from './database.ts';

/** As they lay there at this step; what is written today may have another shape. */
const personAt = z.looseObject({ gateway: z.string(), person: z.looseObject({ id: z.string() }) });
const gatewayAndWhat = /^(limits|negotiation|own-keys):(.*)$/s;

/** Where an upload's sending was begun; own keys lead to no gateway. */
const begunAt = `CASE WHEN json_valid(remote) AND json_extract(remote, '$.transport') <> 'own-keys' THEN json_extract(remote, '$.at') END`;

interface Group { account: string; begunAt: string | null; ended: 0 | 1 }

export function giveOwners(database: Database): void {
  const kept = personAt.safeParse(json(database, 'account.session')).data;
  const people = z.array(personAt).safeParse(json(database, 'account.people')).data ?? [];
  const known = [...people, ...(kept ? [kept] : [])].map(({ gateway, person }): Owner => ({ gateway, personId: person.id }));
  const ownerFor = (account: string, group?: Group): string =>
    ownerOfBareId(account, { known, kept: kept?.gateway, begunAt: group?.begunAt ?? undefined, ended: group?.ended === 1 });

  const groups = database.prepare<[], Group>(`SELECT DISTINCT account_id AS account, ${begunAt} AS begunAt, state_name = 'completed' AS ended FROM uploads`).all();
  const give = database.prepare(`UPDATE uploads SET account_id = :owner,
    facts = CASE WHEN json_valid(facts) THEN json_set(facts, '$.accountId', :owner) ELSE facts END,
    remote = CASE WHEN :at IS NULL THEN remote ELSE json_set(remote, '$.at', :at) END
    WHERE account_id = :account AND ${begunAt} IS :begunAt AND (state_name = 'completed') = :ended`);
  for (const group of groups) give.run({ ...group, owner: ownerFor(group.account, group), at: group.begunAt === null ? null : normalGateway(group.begunAt) });

  const giveTries = database.prepare('UPDATE tries SET account_id = ? WHERE account_id = ?');
  for (const { account } of database.prepare<[], Group>('SELECT DISTINCT account_id AS account FROM tries').all()) giveTries.run(ownerFor(account), account);
  // No trigger follows a change of the owner.
  database.exec(`DELETE FROM tallies;
    INSERT INTO tallies SELECT account_id, state_name, count(*), sum(size_bytes - confirmed_bytes) FROM uploads GROUP BY account_id, state_name`);

  keepUnderOneAddress(database, known);
  const write = database.prepare('UPDATE key_values SET json = ? WHERE key = ?');
  const withAddress = <T extends { gateway: string }>(entry: T): T => ({ ...entry, gateway: normalGateway(entry.gateway) });
  if (kept) write.run(JSON.stringify(withAddress(kept)), 'account.session');
  if (people.length > 0) write.run(JSON.stringify(people.map(withAddress)), 'account.people');
}

/** What was kept for a gateway that was written in another way must be found again. Where there is something under both, the newer writing's stays. */
function keepUnderOneAddress(database: Database, known: readonly Owner[]): void {
  const rename = database.prepare('UPDATE OR IGNORE key_values SET key = ? WHERE key = ?');
  for (const key of database.prepare<[], string>('SELECT key FROM key_values').pluck().all()) {
    const [, what, gateway] = gatewayAndWhat.exec(key) ?? [];
    if (what !== undefined && gateway !== undefined) rename.run(`${what}:${normalGateway(gateway)}`, key);
  }
  for (const { gateway, personId } of known) rename.run(`patients:${normalGateway(gateway)}:${personId}`, `patients:${gateway}:${personId}`);
}

function json(database: Database, key: string): unknown {
  try {
    return JSON.parse(database.prepare<[string], string>('SELECT json FROM key_values WHERE key = ?').pluck().get(key) ?? 'null');
  } catch {
    return undefined;
  }
}
