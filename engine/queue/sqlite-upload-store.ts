import { closeSync, fsyncSync, openSync } from 'node:fs';
import { uploadEventSchema, type PhotoFacts, type Priority, type UploadEvent, type UploadState } from '../../shared/domain/upload.ts';
import { storedPartSchema, type StoredPart } from '../transport/transport.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './database-error.ts';
import { guarded } from './sqlite-error.ts';
import { prepareFigures } from './upload-figures.ts';
import { isSent, parseJson, parseRow, priorityNumber, rowColumns } from './upload-row.ts';
import { prepareSelection } from './upload-selection.ts';
import type { UploadChange, UploadRecord, UploadStore } from './upload-store.ts';
import { prepareWakeHeld } from './wake-held.ts';

/**
 * The queue in SQLite. Beyond what the port says:
 *
 * - `insert` begins the story with `added`, `recordPart` adds `part-stored`.
 * - `commit` with another session, or with none, empties the ledger of parts in the same transaction.
 * - With `perPatientOrder`, `runnable` also leaves out a patient of whom anything is under way.
 *
 * @throws DatabaseError from every call, where the disk or the file does not play along.
 */
export function createSqliteUploadStore(database: Database): UploadStore {
  const selection = prepareSelection(database);
  const figures = prepareFigures(database);
  /** Rows that were met and did not parse, by sequence. */
  const damaged = new Set<number>();
  let flushed = true;

  const prepare = <T = unknown>(sql: string) => database.prepare<unknown[], T>(sql);
  const insertRow = prepare<unknown>(`INSERT INTO uploads (id, account_id, patient_id, sha256, size_bytes, facts, priority, state_name, state, added_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', '{"name":"queued"}', ?, ?) RETURNING ${rowColumns}`);
  const selectById = prepare(`SELECT ${rowColumns} FROM uploads WHERE id = ?`);
  const selectBySequence = prepare(`SELECT ${rowColumns} FROM uploads WHERE sequence = ?`);
  const selectAll = prepare(`SELECT ${rowColumns} FROM uploads`);
  const selectDuplicates = prepare(`SELECT ${rowColumns} FROM uploads INDEXED BY uploads_by_bytes
    WHERE sha256 = ? AND patient_id = ? AND account_id = ? AND state_name <> 'cancelled' ORDER BY sequence`);
  const updateRow = prepare(`UPDATE uploads SET priority = ?, state_name = ?, state = ?, retry_at = ?, completed_at = ?, sent = ?, tries = ?,
    failures_in_a_row = ?, remote = ?, max_part_bytes = ?, remote_to_abort = ?, first_byte_at = ?, updated_at = ? WHERE sequence = ?`);
  const newestSequence = prepare<number>("SELECT max(seq, (SELECT max(sequence) FROM uploads)) + 1 FROM sqlite_sequence WHERE name = 'uploads'").pluck();
  const moves = [
    'UPDATE uploads SET sequence = :to WHERE sequence = :from', 'UPDATE parts SET upload = :to WHERE upload = :from', 'UPDATE story SET upload = :to WHERE upload = :from',
    'UPDATE thumbnails SET upload = :to WHERE upload = :from', "UPDATE sqlite_sequence SET seq = :to WHERE name = 'uploads'",
  ].map((sql) => prepare(sql));
  const sequenceOf = prepare<number>('SELECT sequence FROM uploads WHERE id = ?').pluck();
  const addedAt = prepare<number>('SELECT added_at FROM uploads WHERE sequence = ?').pluck();
  const addLine = prepare(`INSERT INTO story (upload, line, at, event, failed)
    VALUES (:upload, (SELECT coalesce(max(line), 0) + 1 FROM story WHERE upload = :upload), :at, :event, :failed)`);
  const linesOf = prepare<string>('SELECT event FROM story WHERE upload = ? ORDER BY line').pluck();
  const upsertPart = prepare('INSERT INTO parts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET size_bytes = excluded.size_bytes, etag = excluded.etag');
  const partsOf = prepare('SELECT number, size_bytes AS sizeBytes, etag FROM parts WHERE upload = ? ORDER BY number');
  const removeParts = prepare('DELETE FROM parts WHERE upload = ?');
  const sumParts = prepare('UPDATE uploads SET confirmed_bytes = (SELECT coalesce(sum(size_bytes), 0) FROM parts WHERE upload = sequence) WHERE sequence = ?');
  const progressed = prepare('UPDATE uploads SET failures_in_a_row = 0, updated_at = ? WHERE sequence = ?');
  const upsertThumbnail = prepare('INSERT INTO thumbnails VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes');
  const markThumbnail = prepare('UPDATE uploads SET has_thumbnail = 1 WHERE sequence = ?');
  const thumbnailOf = prepare<Buffer>('SELECT bytes FROM thumbnails JOIN uploads ON sequence = upload WHERE id = ?').pluck();
  const flush = prepare('UPDATE durability SET flushes = flushes + 1');

  function load(row: unknown): UploadRecord | undefined {
    if (row === undefined) return undefined;
    const record = parseRow(row);
    if (!record) damaged.add((row as { sequence: number }).sequence);
    return record;
  }

  /** @throws Error, since whoever writes to an upload holds a record of it. */
  function mustFind(id: string): number {
    const sequence = sequenceOf.get(id);
    if (sequence === undefined) throw new Error(`no upload ${id}`);
    return sequence;
  }

  /** Within a transaction. @returns the new place */
  function moveToEnd(from: number): number {
    const to = newestSequence.get() ?? from;
    // What belongs to the row is without one until all of it has moved.
    database.pragma('defer_foreign_keys = ON');
    for (const move of moves) move.run({ from, to });
    return to;
  }

  function tell(sequence: number, event: UploadEvent): void {
    addLine.run({ upload: sequence, at: event.at, event: JSON.stringify(event), failed: event.kind === 'failed' && event.failure ? 1 : 0 });
  }

  /** See [Note: what is flushed when] in `database.ts`. One flush takes everything written before along. */
  function durably<T>(work: () => T): T {
    database.pragma('synchronous = FULL');
    try {
      const result = work();
      flushed = true;
      return result;
    } finally {
      database.pragma('synchronous = NORMAL');
    }
  }

  function write<A extends unknown[], T>(work: (...args: A) => T): (...args: A) => T {
    const transaction = database.transaction(work).immediate;
    return (...args) => guarded(() => { flushed = false; return transaction(...args); });
  }

  const insert = database.transaction((facts: PhotoFacts, priority: Priority, at: number): unknown => {
    const row = insertRow.get(facts.id, facts.accountId, facts.patientId, facts.sha256, facts.sizeBytes, JSON.stringify(facts),
      priorityNumber(priority), facts.addedAt, at) as { sequence: number };
    tell(row.sequence, { at, kind: 'added' });
    return row;
  }).immediate;

  const commit = write((id: string, change: UploadChange, events: readonly UploadEvent[]): UploadRecord => {
    const record = load(selectById.get(id));
    if (!record) throw new Error(`no upload ${id}`);
    const updated = changed(record, change, events);
    const { state, sequence, remote } = updated;
    if (record.remote && record.remote.sessionId !== remote?.sessionId) {
      removeParts.run(sequence);
      sumParts.run(sequence);
      updated.confirmedBytes = 0;
    }
    updateRow.run(priorityNumber(updated.priority), state.name, JSON.stringify(state), retryAtOf(state), completedAtOf(state),
      isSent(state, remote) ? 1 : 0, updated.tries, updated.failuresInARow, remote ? JSON.stringify(remote) : null, updated.maxPartBytes ?? null,
      updated.remoteToAbort ? 1 : 0, updated.firstByteAt ?? null, updated.updatedAt, sequence);
    for (const event of events) tell(sequence, event);
    // A try that was taken back (its cause was not the photo's) counts neither as begun nor as failed.
    const begun = updated.tries - record.tries;
    const failed = begun >= 0 && events.some((event) => event.kind === 'failed') ? 1 : 0;
    if (change.asNewest) updated.sequence = moveToEnd(sequence);
    if (begun !== 0 || failed !== 0) figures.countTries(record.facts.accountId, updated.updatedAt, begun, failed);
    return updated;
  });

  const recordPart = write((id: string, part: StoredPart, at: number): void => {
    const sequence = mustFind(id);
    upsertPart.run(sequence, part.number, part.sizeBytes, part.etag);
    sumParts.run(sequence);
    progressed.run(at, sequence);
    tell(sequence, { at, kind: 'part-stored', part: part.number });
  });

  const replaceParts = write((id: string, parts: readonly StoredPart[]): void => {
    const sequence = mustFind(id);
    removeParts.run(sequence);
    for (const part of parts) upsertPart.run(sequence, part.number, part.sizeBytes, part.etag);
    sumParts.run(sequence);
  });

  const setThumbnail = write((id: string, bytes: Uint8Array): void => {
    const sequence = mustFind(id);
    upsertThumbnail.run(sequence, bytes);
    markThumbnail.run(sequence);
  });

  const present = <T>(items: (T | undefined)[]): T[] => items.filter((item) => item !== undefined);
  const loadAll = (sequences: readonly number[]): UploadRecord[] => present(sequences.map((sequence) => load(selectBySequence.get(sequence))));

  return {
    insert: (facts, priority, at) => guarded(() => durably(() => {
      const record = load(insert(facts, priority, at));
      if (!record) throw new Error('the facts do not parse');
      return record;
    })),
    get: (id) => guarded(() => load(selectById.get(id))),
    findDuplicate: (accounts, patientId, sha256, elsewhere = []) => guarded(() => {
      const isReplaced = ({ state, remote, sequence }: UploadRecord): boolean =>
        state.name === 'completed' && isSent(state, remote) && selection.hasNewerSent(elsewhere, patientId, sequence);
      return accounts.flatMap((account) => present(selectDuplicates.all(sha256, patientId, account).map(load))).find((record) => !isReplaced(record));
    }),
    commit,
    wakeHeld: write(prepareWakeHeld(database)),
    makeDurable: () => {
      if (flushed) return;
      try {
        guarded(() => durably(() => flush.run()));
      } catch (error) {
        if (!(error instanceof DatabaseError) || error.reason !== 'disk-full') throw error;
        flushJournal(database.name);
        flushed = true;
      }
    },
    recordPart,
    parts: (id) => guarded(() => partsOf.all(mustFind(id)).map((part) => storedPartSchema.parse(part))),
    replaceParts,
    // A damaged row must not hold a place that a good one could have, nor when it is met for the first time.
    runnable: (options) => guarded(() => {
      for (;;) {
        const known = damaged.size;
        const records = loadAll(selection.runnable({ ...options, limit: options.limit + known }));
        if (damaged.size === known) return records.slice(0, options.limit);
      }
    }),
    nextRetryAt: (accounts, now) => guarded(() => selection.nextRetryAt(accounts, now)),
    idsInState: (names, accounts) => guarded(() => selection.idsInState(names, accounts)),
    idsToAbort: (accounts) => guarded(() => selection.idsToAbort(accounts)),
    hasNewerSent: ({ facts, sequence }, except = []) => guarded(() => selection.hasNewerSent(except, facts.patientId, sequence)),
    olderOnTheirWay: ({ facts, sequence }, except = []) => guarded(() => loadAll(selection.olderOnTheirWay(except, facts.patientId, sequence))),
    accounts: () => guarded(() => selection.accounts()),
    hasUnfinished: (patientId, accounts) => guarded(() => selection.hasUnfinished(patientId, accounts)),
    counts: (accounts) => guarded(() => figures.counts(accounts)),
    remainingBytes: (accounts) => guarded(() => figures.remainingBytes(accounts)),
    page: (options) => guarded(() => {
      const counts = figures.counts(options.accounts);
      const total = selection.statesOf(options.filter, options.held).reduce((sum, name) => sum + counts[name], 0);
      const records: UploadRecord[] = [];
      let { before } = options;
      // Beyond rows that do not parse, lest a short page be taken for the last one.
      while (records.length < options.limit) {
        const sequences = selection.page({ ...options, before, limit: options.limit - records.length });
        if (sequences.length === 0) break;
        records.push(...loadAll(sequences));
        before = sequences.at(-1);
      }
      return { records, total };
    }),
    story: (id) => guarded(() => present(linesOf.all(mustFind(id)).map((line) => uploadEventSchema.safeParse(parseJson(line)).data))),
    metrics: (since, accounts) => guarded(() => figures.metrics(since, accounts)),
    oldestUnfinishedAt: (accounts) => guarded(() => {
      const sequence = selection.oldestUnfinished(accounts);
      return sequence === undefined ? undefined : addedAt.get(sequence);
    }),
    damagedRows: () => guarded(() => {
      for (const row of selectAll.iterate()) load(row);
      return damaged.size;
    }),
    setThumbnail,
    thumbnail: (id) => guarded(() => {
      const bytes = thumbnailOf.get(id);
      return bytes && new Uint8Array(bytes);
    }),
  };
}

/** A new record with the change in it. Its time is that of its last event, even where the clock was set back since: what has no event is no news. */
function changed(record: UploadRecord, change: UploadChange, events: readonly UploadEvent[]): UploadRecord {
  return {
    ...record,
    state: change.state ?? record.state,
    tries: change.tries ?? record.tries,
    failuresInARow: change.failuresInARow ?? record.failuresInARow,
    remote: change.remote === undefined ? record.remote : change.remote ?? undefined,
    maxPartBytes: change.maxPartBytes === undefined ? record.maxPartBytes : change.maxPartBytes ?? undefined,
    remoteToAbort: change.remoteToAbort ?? record.remoteToAbort,
    firstByteAt: change.firstByteAt ?? record.firstByteAt,
    priority: change.priority ?? record.priority,
    updatedAt: events.at(-1)?.at ?? record.updatedAt,
  };
}

/**
 * On a full disk nothing can be added to the journal, yet what stands in it can be forced out: only so can the sealed copies
 * of what is sent be destroyed, which is what makes room again.
 */
function flushJournal(databaseFile: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(`${databaseFile}-wal`, 'r+');
    fsyncSync(handle);
  } catch (cause) {
    throw new DatabaseError('disk-full', { cause });
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function retryAtOf(state: UploadState): number | null {
  return state.name === 'waiting' ? state.retryAt : null;
}

function completedAtOf(state: UploadState): number | null {
  return state.name === 'completed' ? state.at : null;
}
