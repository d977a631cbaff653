/** @file Which uploads: those that may start, those of a page, those in a state. Sequences only; the store loads the rows. */
import type { QueueFilter } from '../../shared/engine-contract.ts';
import { statesOf } from '../../shared/domain/queue-filter.ts';
import { uploadStateNames, type UploadStateName } from '../../shared/domain/upload.ts';
import type { Database } from './database.ts';
import { holdsItsPlace, unfinished } from './migrations.ts';
import type { Accounts, UploadStore } from './upload-store.ts';

/** Up to so many due ones are sorted; when more are due, walking in order meets the first of them soon. */
const sortedAtMost = 1_000;

interface Candidate { sequence: number; priority: number; id: string }
type RunnableOptions = Parameters<UploadStore['runnable']>[0];
type PageOptions = Parameters<UploadStore['page']>[0];

export type UploadSelection = ReturnType<typeof prepareSelection>;

export function prepareSelection(database: Database) {
  const prepare = <T>(sql: string) => database.prepare<unknown[], T>(sql);
  const columns = 'sequence, priority, id';
  const queued = prepare<Candidate>(`SELECT ${columns} FROM uploads INDEXED BY uploads_queued
    WHERE account_id = ? AND state_name = 'queued' ORDER BY priority, sequence LIMIT ?`);
  const dueCount = prepare<number>(`SELECT count(*) FROM (SELECT 1 FROM uploads INDEXED BY uploads_waiting_by_time
    WHERE account_id = ? AND state_name = 'waiting' AND retry_at <= ? LIMIT ${sortedAtMost})`).pluck();
  const dueByTime = prepare<Candidate>(`SELECT ${columns} FROM uploads INDEXED BY uploads_waiting_by_time
    WHERE account_id = ? AND state_name = 'waiting' AND retry_at <= ? ORDER BY priority, sequence LIMIT ?`);
  const dueInOrder = prepare<Candidate>(`SELECT ${columns} FROM uploads INDEXED BY uploads_waiting_in_order
    WHERE account_id = ? AND state_name = 'waiting' AND retry_at <= ? ORDER BY priority, sequence LIMIT ?`);
  // [Note: one at a time] From patient to patient along the index, however many uploads each has: the oldest of each, and none of a
  // patient of whom one is under way (an older one that was paused meanwhile must not overtake it), by whichever of the accounts. Where
  // several accounts send together, one account's oldest also waits for the others' that are older.
  const firsts = prepare<Candidate>(`
    WITH RECURSIVE patients (patient_id) AS (
      SELECT min(patient_id) FROM uploads WHERE account_id = :account AND ${holdsItsPlace}
      UNION ALL
      SELECT (SELECT min(patient_id) FROM uploads WHERE account_id = :account AND ${holdsItsPlace} AND patient_id > patients.patient_id)
      FROM patients WHERE patients.patient_id IS NOT NULL
    ), firsts (sequence) AS (
      SELECT (SELECT min(sequence) FROM uploads WHERE account_id = :account AND ${holdsItsPlace} AND patient_id = patients.patient_id)
      FROM patients WHERE patients.patient_id IS NOT NULL
    )
    SELECT uploads.sequence, uploads.priority, uploads.id FROM firsts JOIN uploads USING (sequence)
    WHERE (state_name = 'queued' OR (state_name = 'waiting' AND retry_at <= :now)) 
      AND patient_id NOT IN (SELECT patient_id FROM uploads INDEXED BY uploads_by_state
        WHERE account_id IN (SELECT value FROM json_each(:accounts)) AND state_name IN ('uploading', 'completing'))
      AND (:alone OR NOT EXISTS (SELECT 1 FROM uploads AS older INDEXED BY uploads_unfinished
        WHERE older.patient_id = uploads.patient_id AND older.sequence < uploads.sequence
          AND older.${unfinished} AND older.${holdsItsPlace} AND older.account_id IN (SELECT value FROM json_each(:accounts))))
    ORDER BY priority, sequence LIMIT :limit`);
  const nextRetry = prepare<number | null>(`SELECT min(retry_at) FROM uploads INDEXED BY uploads_waiting_by_time
    WHERE account_id = ? AND state_name = 'waiting' AND retry_at > ?`).pluck();
  const idsByState = prepare<Candidate>(`SELECT ${columns} FROM uploads WHERE account_id = ? AND state_name = ?`);
  const accounts = prepare<string>('SELECT DISTINCT account_id FROM tallies').pluck();
  const toAbort = prepare<{ id: string; account_id: string }>('SELECT id, account_id FROM uploads WHERE remote_to_abort = 1 ORDER BY sequence');
  const newerSent = prepare<number>('SELECT 1 FROM uploads WHERE account_id = ? AND patient_id = ? AND sent = 1 AND sequence > ? LIMIT 1').pluck();
  const olderSent = prepare<number>("SELECT sequence FROM uploads WHERE account_id = ? AND patient_id = ? AND sent = 1 AND sequence < ? AND state_name <> 'completed'").pluck();
  const unfinishedOf = prepare<string>(`SELECT DISTINCT account_id FROM uploads INDEXED BY uploads_unfinished WHERE patient_id = ? AND ${unfinished}`).pluck();
  const pageOfState = prepare<number>(`SELECT sequence FROM uploads INDEXED BY uploads_by_state
    WHERE account_id = ? AND state_name = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`).pluck();
  const pageOfAll = prepare<number>('SELECT sequence FROM uploads WHERE sequence < ? ORDER BY sequence DESC LIMIT ?').pluck();
  const oldestOfState = prepare<number | null>('SELECT min(sequence) FROM uploads INDEXED BY uploads_by_state WHERE account_id = ? AND state_name = ?').pluck();

  const accountsOf = (wanted: Accounts | undefined): Accounts => wanted ?? accounts.all();
  const accountsBut = (except: Accounts): string[] => accounts.all().filter((account) => !except.includes(account));

  function inAnyOrder(account: string, { now, limit }: RunnableOptions): Candidate[] {
    const due = dueCount.get(account, now) ?? 0;
    const waiting = due === 0 ? [] : due < sortedAtMost ? dueByTime.all(account, now, limit) : dueInOrder.all(account, now, limit);
    return [...queued.all(account, limit), ...waiting];
  }

  function oneAPatient(account: string, { accounts: together, now, limit }: RunnableOptions): Candidate[] {
    return firsts.all({ account, accounts: JSON.stringify(together), alone: together.length === 1 ? 1 : 0, now, limit });
  }

  return {
    runnable(options: RunnableOptions): number[] {
      // As many more as are under way, since any of these may stand in front.
      const wanted = { ...options, limit: options.limit + options.except.size };
      return options.accounts.flatMap((account) => (options.perPatientOrder ? oneAPatient(account, wanted) : inAnyOrder(account, wanted)))
        .filter((candidate) => !options.except.has(candidate.id))
        .sort((a, b) => a.priority - b.priority || a.sequence - b.sequence)
        .slice(0, options.limit)
        .map((candidate) => candidate.sequence);
    },
    accounts: (): string[] => accounts.all(),
    nextRetryAt: (wanted: Accounts, now: number): number | undefined => earliest(wanted.map((account) => nextRetry.get(account, now))),
    idsInState(names: readonly UploadStateName[], wanted?: Accounts): string[] {
      return accountsOf(wanted).flatMap((account) => names.flatMap((name) => idsByState.all(account, name)))
        .sort((a, b) => a.sequence - b.sequence)
        .map((candidate) => candidate.id);
    },
    idsToAbort: (wanted?: Accounts): string[] => toAbort.all().filter((row) => !wanted || wanted.includes(row.account_id)).map((row) => row.id),
    hasNewerSent: (except: Accounts, patientId: string, sequence: number): boolean =>
      accountsBut(except).some((account) => newerSent.get(account, patientId, sequence) !== undefined),
    olderOnTheirWay: (except: Accounts, patientId: string, sequence: number): number[] =>
      accountsBut(except).flatMap((account) => olderSent.all(account, patientId, sequence)),
    hasUnfinished: (patientId: string, wanted?: Accounts): boolean => unfinishedOf.all(patientId).some((account) => !wanted || wanted.includes(account)),
    /** Newest first. Each state's own index gives its newest, of which the newest of all are taken. */
    page({ accounts: wanted, filter, held, before = Number.MAX_SAFE_INTEGER, limit }: PageOptions): number[] {
      if (filter === 'all' && wanted === undefined) return pageOfAll.all(before, limit);
      return accountsOf(wanted).flatMap((account) => statesIn(filter, held).flatMap((name) => pageOfState.all(account, name, before, limit)))
        .sort((a, b) => b - a)
        .slice(0, limit);
    },
    oldestUnfinished(wanted?: Accounts): number | undefined {
      const names = uploadStateNames.filter((name) => name !== 'completed' && name !== 'cancelled');
      return earliest(accountsOf(wanted).flatMap((account) => names.map((name) => oldestOfState.get(account, name))));
    },
    statesOf: statesIn,
  };
}

function statesIn(filter: QueueFilter, held = false): readonly UploadStateName[] {
  if (held && filter === 'sending') return statesOf.sending.filter((name) => name !== 'queued');
  return held && filter === 'waiting' ? [...statesOf.waiting, 'queued'] : statesOf[filter];
}

function earliest(moments: readonly (number | null | undefined)[]): number | undefined {
  return moments.reduce<number | undefined>((least, one) => (one === null || one === undefined ? least : Math.min(one, least ?? one)), undefined);
}
