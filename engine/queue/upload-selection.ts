/** @file Which uploads: those that may start, those of a page, those in a state. Sequences only; the store loads the rows. */
import type { QueueFilter } from '../../shared/engine-contract.ts';
import { statesOf } from '../../shared/domain/queue-filter.ts';
import { uploadStateNames, type UploadStateName } from '../../shared/domain/upload.ts';
import type { Database } from './database.ts';
import { holdsItsPlace, unfinished } from './migrations.ts';
import type { UploadStore } from './upload-store.ts';

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
  // patient of whom one is under way (an older one that was paused meanwhile must not overtake it).
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
      AND patient_id NOT IN (SELECT patient_id FROM uploads INDEXED BY uploads_by_state WHERE account_id = :account AND state_name IN ('uploading', 'completing'))
    ORDER BY priority, sequence LIMIT :limit`);
  const nextRetry = prepare<number | null>(`SELECT min(retry_at) FROM uploads INDEXED BY uploads_waiting_by_time
    WHERE account_id = ? AND state_name = 'waiting'`).pluck();
  const idsByState = prepare<Candidate>(`SELECT ${columns} FROM uploads WHERE account_id = ? AND state_name = ?`);
  const accounts = prepare<string>('SELECT DISTINCT account_id FROM tallies').pluck();
  const toAbort = prepare<string>('SELECT id FROM uploads WHERE remote_to_abort = 1 ORDER BY sequence').pluck();
  const newerSent = prepare<number>('SELECT 1 FROM uploads WHERE account_id = ? AND patient_id = ? AND sent = 1 AND sequence > ? LIMIT 1').pluck();
  const unfinishedOf = prepare<number>(`SELECT 1 FROM uploads INDEXED BY uploads_unfinished WHERE patient_id = ? AND ${unfinished} LIMIT 1`).pluck();
  const pageOfState = prepare<number>(`SELECT sequence FROM uploads INDEXED BY uploads_by_state
    WHERE account_id = ? AND state_name = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`).pluck();
  const pageOfAll = prepare<number>('SELECT sequence FROM uploads WHERE sequence < ? ORDER BY sequence DESC LIMIT ?').pluck();
  const oldestOfState = prepare<number | null>('SELECT min(sequence) FROM uploads INDEXED BY uploads_by_state WHERE account_id = ? AND state_name = ?').pluck();

  const accountsOf = (accountId: string | undefined): string[] => accountId === undefined ? accounts.all() : [accountId];

  function inAnyOrder({ accountId, now, limit }: RunnableOptions): Candidate[] {
    const due = dueCount.get(accountId, now) ?? 0;
    const waiting = due === 0 ? [] : due < sortedAtMost ? dueByTime.all(accountId, now, limit) : dueInOrder.all(accountId, now, limit);
    return [...queued.all(accountId, limit), ...waiting];
  }

  return {
    runnable(options: RunnableOptions): number[] {
      // As many more as are under way, since any of these may stand in front.
      const wanted = { ...options, limit: options.limit + options.except.size };
      const candidates = options.perPatientOrder
        ? firsts.all({ account: options.accountId, now: options.now, limit: wanted.limit })
        : inAnyOrder(wanted);
      return candidates
        .filter((candidate) => !options.except.has(candidate.id))
        .sort((a, b) => a.priority - b.priority || a.sequence - b.sequence)
        .slice(0, options.limit)
        .map((candidate) => candidate.sequence);
    },
    nextRetryAt: (accountId: string): number | undefined => nextRetry.get(accountId) ?? undefined,
    idsInState(names: readonly UploadStateName[], accountId?: string): string[] {
      return accountsOf(accountId).flatMap((account) => names.flatMap((name) => idsByState.all(account, name)))
        .sort((a, b) => a.sequence - b.sequence)
        .map((candidate) => candidate.id);
    },
    idsToAbort: (): string[] => toAbort.all(),
    hasNewerSent: (accountId: string, patientId: string, sequence: number): boolean => newerSent.get(accountId, patientId, sequence) !== undefined,
    hasUnfinished: (patientId: string): boolean => unfinishedOf.get(patientId) !== undefined,
    /** Newest first. Each state's own index gives its newest, of which the newest of all are taken. */
    page({ accountId, filter, before = Number.MAX_SAFE_INTEGER, limit }: PageOptions): number[] {
      if (filter === 'all' && accountId === undefined) return pageOfAll.all(before, limit);
      return accountsOf(accountId).flatMap((account) => statesOf[filter].flatMap((name) => pageOfState.all(account, name, before, limit)))
        .sort((a, b) => b - a)
        .slice(0, limit);
    },
    oldestUnfinished(accountId?: string): number | undefined {
      const names = uploadStateNames.filter((name) => name !== 'completed' && name !== 'cancelled');
      const oldest = accountsOf(accountId).flatMap((account) => names.map((name) => oldestOfState.get(account, name)));
      return oldest.reduce<number | undefined>((least, one) => one === null || one === undefined ? least : Math.min(one, least ?? one), undefined);
    },
    statesOf: (filter: QueueFilter): readonly UploadStateName[] => statesOf[filter],
  };
}
