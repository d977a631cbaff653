import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { uploadStateNames, type PhotoFacts, type UploadState, type UploadStateName } from '../../shared/domain/upload.ts';
import type { RemoteSession } from '../transport/transport.ts';
import { openDatabase, type Database } from './database.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';
import { parseRow } from './upload-row.ts';
import type { UploadRecord, UploadStore } from './upload-store.ts';

let database: Database;
let store: UploadStore;
beforeEach(() => {
  database = openDatabase({ file: ':memory:' });
  store = createSqliteUploadStore(database);
});

const failure = { code: 'stalled', disposition: 'retry', endpoint: 'gateway', ambiguous: false } as const;
const photo = { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 };
function stateOf(name: UploadStateName, at = 5_000): UploadState {
  switch (name) {
    case 'completed': return { name, at, photo };
    case 'waiting': return { name, retryAt: at, failure };
    case 'blocked': return { name, by: 'offline' };
    case 'needsAttention': return { name, failure };
    default: return { name };
  }
}
const session = (sessionId: string, change: Partial<RemoteSession> = {}): RemoteSession =>
  ({ transport: 'upload-sessions', at: 'https://gateway', sessionId, partBytes: 5, openedAt: 1, ...change });

function add(facts: Partial<PhotoFacts> = {}, name: UploadStateName = 'queued', at?: number): UploadRecord {
  const record = store.insert(factsFor(facts), 'normal', 1_000);
  return name === 'queued' ? record : store.commit(record.facts.id, { state: stateOf(name, at) }, []);
}
const ids = (records: readonly UploadRecord[]): string[] => records.map((record) => record.facts.id);
const runnable = (change: object = {}): string[] =>
  ids(store.runnable({ accounts: ['nurse'], now: 10_000, limit: 10, perPatientOrder: false, except: new Set<string>(), ...change }));

describe('a record', () => {
  test('comes back as it was put in', () => {
    const facts = factsFor({ note: 'niña "😀"\n', tags: ['a', 'b'], capturedAt: '2026-01-01T00:00:00' });
    const record = store.insert(facts, 'high', 1_234);
    expect(record).toEqual({
      facts, sequence: 1, priority: 'high', state: { name: 'queued' }, tries: 0, failuresInARow: 0, confirmedBytes: 0, remote: undefined,
      maxPartBytes: undefined, remoteToAbort: false, firstByteAt: undefined, updatedAt: 1_234, hasThumbnail: false,
    });
    expect(store.get(facts.id)).toEqual(record);
    expect(store.story(facts.id)).toEqual([{ at: 1_234, kind: 'added' }]);
    expect(store.get(factsFor({}).id)).toBeUndefined();
  });

  test('changes by what a commit names, and by nothing else; null empties', () => {
    const { facts } = add();
    const change = { state: stateOf('waiting'), tries: 2, failuresInARow: 3, remote: session('s'), maxPartBytes: 7, remoteToAbort: true, firstByteAt: 9, priority: 'low' as const };
    const changed = store.commit(facts.id, change, [{ at: 2_000, kind: 'failed', failure }]);
    expect(changed).toMatchObject({ ...change, updatedAt: 2_000 });
    expect(store.get(facts.id)).toEqual(changed);
    expect(store.commit(facts.id, {}, [])).toEqual(changed);
    expect(store.commit(facts.id, { remote: null, maxPartBytes: null }, [])).toMatchObject({ remote: undefined, maxPartBytes: undefined, tries: 2 });
    expect(store.story(facts.id).map((event) => event.kind)).toEqual(['added', 'failed']);
  });

  test('of an id that is not there is an error, and changes nothing', () => {
    const { id } = factsFor({});
    expect(() => store.commit(id, { tries: 1 }, [])).toThrow(/no upload/);
    expect(() => store.recordPart(id, { number: 1, sizeBytes: 1, etag: 'e' }, 1)).toThrow(/no upload/);
    expect(() => store.setThumbnail(id, new Uint8Array(1))).toThrow(/no upload/);
  });

  test('is inserted once; numbers are never used again', () => {
    const { facts } = add();
    expect(() => store.insert(facts, 'normal', 1)).toThrow(expect.objectContaining({ name: 'DatabaseError' }));
    expect(add().sequence).toBe(2);
    expect(store.counts().queued).toBe(2);
  });

  test('keeps a thumbnail beside it', () => {
    const { facts } = add();
    expect(store.thumbnail(facts.id)).toBeUndefined();
    store.setThumbnail(facts.id, Uint8Array.of(1, 2, 3));
    store.setThumbnail(facts.id, Uint8Array.of(4));
    expect(store.thumbnail(facts.id)).toEqual(Uint8Array.of(4));
    expect(store.get(facts.id)?.hasThumbnail).toBe(true);
  });
});

describe('the ledger', () => {
  test('keeps parts in order, replaces one that comes again, and makes failures forgotten', () => {
    const { facts } = add();
    store.commit(facts.id, { failuresInARow: 4, remote: session('s') }, []);
    store.recordPart(facts.id, { number: 2, sizeBytes: 50, etag: 'two' }, 2_000);
    store.recordPart(facts.id, { number: 1, sizeBytes: 100, etag: 'one' }, 2_001);
    store.recordPart(facts.id, { number: 2, sizeBytes: 60, etag: 'two again' }, 2_002);
    expect(store.parts(facts.id)).toEqual([{ number: 1, sizeBytes: 100, etag: 'one' }, { number: 2, sizeBytes: 60, etag: 'two again' }]);
    expect(store.get(facts.id)).toMatchObject({ confirmedBytes: 160, failuresInARow: 0, updatedAt: 2_002 });
    expect(store.story(facts.id).at(-1)).toEqual({ at: 2_002, kind: 'part-stored', part: 2 });
    store.replaceParts(facts.id, [{ number: 3, sizeBytes: 7, etag: 'x' }]);
    expect(store.get(facts.id)?.confirmedBytes).toBe(7);
    expect(store.parts(facts.id)).toHaveLength(1);
  });

  test('belongs to its session: another one, or none, begins with an empty one', () => {
    const { facts } = add();
    for (const next of [session('other'), null]) {
      store.commit(facts.id, { remote: session('s') }, []);
      store.recordPart(facts.id, { number: 1, sizeBytes: 100, etag: 'e' }, 1);
      expect(store.commit(facts.id, { remote: session('s', { sentAt: 5 }) }, []).confirmedBytes).toBe(100);
      expect(store.commit(facts.id, { remote: next }, []).confirmedBytes).toBe(0);
      expect(store.parts(facts.id)).toEqual([]);
    }
  });
});

describe('what may start', () => {
  test('goes by priority, then by age, of this account, in these states alone', () => {
    const old = add();
    for (const name of uploadStateNames) if (name !== 'queued' && name !== 'waiting') add({}, name);
    const urgent = store.insert(factsFor({}), 'high', 1);
    const late = store.insert(factsFor({}), 'low', 1);
    add({}, 'waiting', 10_001);
    const due = add({}, 'waiting', 10_000);
    add({ accountId: 'other' });
    expect(runnable()).toEqual(ids([urgent, old, due, late]));
    expect(runnable({ limit: 2 })).toEqual(ids([urgent, old]));
    expect(runnable({ limit: 2, except: new Set(ids([urgent])) })).toEqual(ids([old, due]));
    expect(store.nextRetryAt(['nurse'], 9_999)).toBe(10_000);
    expect(store.nextRetryAt(['nurse'], 10_000)).toBe(10_001);
    expect(store.nextRetryAt(['nobody'], 0)).toBeUndefined();
  });

  test('is the oldest of each patient where order matters; only what is paused, in need of attention or finished lets others by', () => {
    const ordered = { perPatientOrder: true };
    for (const holding of ['uploading', 'completing', 'blocked', 'waiting'] as const) {
      add({ patientId: holding }, holding, 20_000);
      add({ patientId: holding });
    }
    expect(runnable(ordered)).toEqual([]);
    const next = (['paused', 'needsAttention', 'completed', 'cancelled'] as const).map((name) => {
      add({ patientId: name }, name);
      const second = add({ patientId: name });
      add({ patientId: name });
      return second;
    });
    expect(runnable(ordered)).toEqual(ids(next));
    expect(runnable({ ...ordered, except: new Set(ids(next.slice(0, 1))) })).toEqual(ids(next.slice(1)));
  });

  test('an older one that comes back waits for a newer one of the same patient that is under way', () => {
    const older = add({}, 'paused');
    const newer = add({}, 'uploading');
    store.commit(older.facts.id, { state: { name: 'queued' } }, []);
    expect(runnable({ perPatientOrder: true })).toEqual([]);
    store.commit(newer.facts.id, { state: stateOf('completed') }, []);
    expect(runnable({ perPatientOrder: true })).toEqual(ids([older]));
  });

  test('always agrees with looking at every row', () => {
    const row = fc.record({ patient: fc.integer({ min: 1, max: 4 }), accountId: fc.constantFrom('nurse', 'nurse', 'second', 'third'), name: fc.constantFrom(...uploadStateNames), priority: fc.constantFrom('high', 'normal', 'low'), at: fc.integer({ min: 9_990, max: 10_010 }) });
    fc.assert(fc.property(fc.array(row, { maxLength: 25 }), fc.boolean(), fc.integer({ min: 1, max: 6 }), fc.constantFrom<string[][]>(['nurse'], ['nurse', 'second']), (rows, perPatientOrder, limit, accounts) => {
      database = openDatabase({ file: ':memory:' });
      store = createSqliteUploadStore(database);
      const all = rows.map(({ patient, accountId, name, priority, at }) => {
        const { facts } = store.insert(factsFor({ patientId: `${patient}`, accountId }), priority as 'high', 1);
        return store.commit(facts.id, { state: stateOf(name, at) }, []);
      });
      const holds = ['queued', 'uploading', 'completing', 'waiting', 'blocked'];
      const theirs = all.filter(({ facts }) => accounts.includes(facts.accountId));
      const expected = theirs.filter(({ state, facts, sequence }) => {
        if (state.name !== 'queued' && !(state.name === 'waiting' && state.retryAt <= 10_000)) return false;
        const line = theirs.filter((other) => other.facts.patientId === facts.patientId && holds.includes(other.state.name));
        return !perPatientOrder || !line.some((other) => other.sequence < sequence || other.state.name === 'uploading' || other.state.name === 'completing');
      }).sort((a, b) => ['high', 'normal', 'low'].indexOf(a.priority) - ['high', 'normal', 'low'].indexOf(b.priority) || a.sequence - b.sequence).slice(0, limit);
      expect(runnable({ perPatientOrder, limit, accounts })).toEqual(ids(expected));
      expect(store.page({ accounts, filter: 'all', limit: 100 }).records.map(({ sequence }) => sequence)).toEqual(theirs.map(({ sequence }) => sequence).reverse());
      for (const name of uploadStateNames) {
        expect(store.counts()[name]).toBe(all.filter((one) => one.state.name === name).length);
        expect(store.counts(accounts)[name]).toBe(theirs.filter((one) => one.state.name === name).length);
        expect(store.idsInState([name])).toEqual(ids(all.filter((one) => one.state.name === name)));
      }
      database.close();
    }), { numRuns: 60 });
  });
});

describe('a row that gets the place of the newest', () => {
  test('takes its story, its parts and its picture along, and the next one comes after it', () => {
    const { facts, sequence } = add();
    const newer = add({}, 'completed');
    expect(store.hasNewerSent(store.get(facts.id)!)).toBe(true);
    store.commit(facts.id, { remote: session('s') }, [{ at: 2_000, kind: 'started' }]);
    store.recordPart(facts.id, { number: 1, sizeBytes: 5, etag: 'e' }, 3_000);
    store.setThumbnail(facts.id, new Uint8Array([1, 2]));
    const before = { story: store.story(facts.id), parts: store.parts(facts.id), counts: store.counts(), bytes: store.remainingBytes() };
    const moved = store.commit(facts.id, { asNewest: true }, [{ at: 4_000, kind: 'retried-by-person' }]);
    expect(moved.sequence).toBeGreaterThan(newer.sequence);
    expect(store.get(facts.id)).toEqual(moved);
    expect(store.story(facts.id)).toEqual([...before.story, { at: 4_000, kind: 'retried-by-person' }]);
    expect({ parts: store.parts(facts.id), counts: store.counts(), bytes: store.remainingBytes() }).toMatchObject({ parts: before.parts, counts: before.counts, bytes: before.bytes });
    expect(store.thumbnail(facts.id)).toEqual(new Uint8Array([1, 2]));
    expect(store.hasNewerSent(moved)).toBe(false);
    expect(database.prepare('SELECT 1 FROM story WHERE upload = ?').get(sequence)).toBeUndefined();
    expect(add().sequence).toBeGreaterThan(moved.sequence);
    expect(database.pragma('foreign_key_check')).toEqual([]);
  });
});

describe('questions about the queue', () => {
  test('the same bytes are found for the same patient and account, unless cancelled', () => {
    const { facts } = add();
    expect(store.findDuplicate(['nurse'], 'patient-1', facts.sha256)?.facts.id).toBe(facts.id);
    expect(store.findDuplicate(['other'], 'patient-1', facts.sha256)).toBeUndefined();
    expect(store.findDuplicate(['nurse'], 'patient-2', facts.sha256)).toBeUndefined();
    store.commit(facts.id, { state: { name: 'cancelled' } }, []);
    expect(store.findDuplicate(['nurse'], 'patient-1', facts.sha256)).toBeUndefined();
  });

  test('a photo that a newer one has replaced at the server is not there any more, so its bytes are not found', () => {
    const { facts } = add({}, 'completed');
    store.commit(facts.id, { remote: session('a', { transport: 'gateway-photo', sentAt: 1 }) }, []);
    const found = (elsewhere?: string[]) => store.findDuplicate(['nurse'], 'patient-1', facts.sha256, elsewhere)?.facts.id;
    expect(found()).toBe(facts.id);
    const newer = add({ accountId: 'another' }, 'completed');
    expect(found()).toBeUndefined();
    expect(found(['another'])).toBe(facts.id);
    store.commit(newer.facts.id, { remote: session('b') }, []);
    expect(found()).toBe(facts.id);
    store.commit(newer.facts.id, { remote: session('b', { transport: 'gateway-photo', sentAt: 1 }) }, []);
    const again = add({ sha256: facts.sha256 });
    expect(found()).toBe(again.facts.id);
  });

  test('a newer photo of the patient counts as sent once it is, or once its body was begun', () => {
    const older = add();
    const newer = add();
    expect(store.hasNewerSent(older)).toBe(false);
    store.commit(newer.facts.id, { state: { name: 'uploading' } }, []);
    expect(store.hasNewerSent(older)).toBe(false);
    store.commit(newer.facts.id, { state: stateOf('waiting'), remote: session('s', { sentAt: 5 }) }, []);
    expect(store.hasNewerSent(older)).toBe(true);
    expect(store.hasNewerSent(newer)).toBe(false);
    store.commit(newer.facts.id, { remote: null }, []);
    expect(store.hasNewerSent(older)).toBe(false);
    store.commit(newer.facts.id, { state: stateOf('completed') }, []);
    expect(store.hasNewerSent(older)).toBe(true);
    expect(store.olderOnTheirWay(newer)).toEqual([]);
    store.commit(older.facts.id, { remote: session('o', { sentAt: 4 }) }, []);
    expect(ids(store.olderOnTheirWay(newer))).toEqual(ids([older]));
    store.commit(older.facts.id, { state: { name: 'cancelled' } }, []);
    expect(ids(store.olderOnTheirWay(newer))).toEqual(ids([older]));
    store.commit(older.facts.id, { state: stateOf('completed') }, []);
    expect(store.olderOnTheirWay(newer)).toEqual([]);
  });

  test('a patient has one photo, whoever sent it; those of another backend are other patients', () => {
    const older = add();
    const newer = add({ accountId: 'other' }, 'completed');
    const newest = add({ accountId: 'third' });
    expect(store.hasNewerSent(older)).toBe(true);
    expect(store.hasNewerSent(older, ['other'])).toBe(false);
    store.commit(newer.facts.id, { state: stateOf('waiting'), remote: session('s', { sentAt: 5 }) }, []);
    expect(ids(store.olderOnTheirWay(newest))).toEqual(ids([newer]));
    expect(store.olderOnTheirWay(newest, ['other'])).toEqual([]);
  });

  test('what is to be taken back, and which patients have photos left, is asked of certain accounts', () => {
    const mine = add({ patientId: 'a' });
    const theirs = add({ accountId: 'other', patientId: 'b' });
    for (const { facts } of [mine, theirs]) store.commit(facts.id, { remoteToAbort: true }, []);
    expect(store.idsToAbort()).toEqual(ids([mine, theirs]));
    expect(store.idsToAbort(['nurse'])).toEqual(ids([mine]));
    expect([store.hasUnfinished('b'), store.hasUnfinished('b', ['nurse']), store.hasUnfinished('b', ['nurse', 'other'])]).toEqual([true, false, true]);
  });

  test('counts, bytes to go, the oldest, what is to be aborted, who is still waited for', () => {
    const first = add({ sizeBytes: 100, addedAt: 7 });
    add({ sizeBytes: 10, accountId: 'other', patientId: 'patient-2' });
    for (const name of ['completed', 'cancelled', 'needsAttention'] as const) add({ sizeBytes: 1_000, addedAt: 1 }, name);
    store.recordPart(first.facts.id, { number: 1, sizeBytes: 30, etag: 'e' }, 1);
    expect([store.remainingBytes(['nurse']), store.remainingBytes(['other']), store.remainingBytes(), store.remainingBytes(['nobody'])]).toEqual([70, 10, 80, 0]);
    expect(store.counts(['nurse'])).toMatchObject({ queued: 1, completed: 1, cancelled: 1, needsAttention: 1, waiting: 0 });
    expect(store.counts().queued).toBe(2);
    expect([store.oldestUnfinishedAt(['nurse']), store.oldestUnfinishedAt(['nobody'])]).toEqual([7, undefined]);
    store.commit(first.facts.id, { remoteToAbort: true }, []);
    expect(store.idsToAbort()).toEqual(ids([first]));
    expect([store.hasUnfinished('patient-1'), store.hasUnfinished('patient-2'), store.hasUnfinished('patient-3')]).toEqual([true, true, false]);
  });

  test('pages go from the newest to the oldest, every row once, whatever the filter', () => {
    const all = Array.from({ length: 25 }, (_, index) => add({}, index % 3 === 0 ? 'waiting' : index % 3 === 1 ? 'paused' : 'queued'));
    add({ accountId: 'other' });
    for (const filter of ['all', 'waiting', 'sending', 'attention'] as const) {
      const wanted = all.filter((record) => filter === 'all' || (filter === 'sending' && record.state.name === 'queued') || (filter === 'waiting' && record.state.name !== 'queued'));
      const seen: UploadRecord[] = [];
      for (let before: number | undefined; ;) {
        const page = store.page({ accounts: ['nurse'], filter, before, limit: 4 });
        expect(page.total).toBe(wanted.length);
        seen.push(...page.records);
        if (page.records.length < 4) break;
        before = page.records.at(-1)?.sequence;
      }
      expect(ids(seen)).toEqual(ids(wanted.toReversed()));
    }
    expect(store.page({ filter: 'all', limit: 100 }).records).toHaveLength(26);
  });

  test('figures of a day: how long, how many tries, how many failed, the last failure', () => {
    const minute = 60_000;
    for (const [index, duration] of [300, 100, 200].entries()) {
      const { facts } = add();
      store.commit(facts.id, { tries: 1, firstByteAt: index * minute }, [{ at: index * minute, kind: 'started' }]);
      store.commit(facts.id, { state: stateOf('completed', index * minute + duration) }, [{ at: index * minute + duration, kind: 'completed' }]);
    }
    const { facts } = add();
    store.commit(facts.id, { tries: 1 }, [{ at: 5 * minute, kind: 'started' }]);
    store.commit(facts.id, { state: stateOf('waiting') }, [{ at: 5 * minute + 1, kind: 'failed', failure }]);
    store.commit(facts.id, { tries: 2 }, [{ at: 6 * minute, kind: 'started' }]);
    // Taken back: its cause was not the photo's.
    store.commit(facts.id, { tries: 1, state: stateOf('blocked') }, [{ at: 6 * minute + 1, kind: 'failed', failure: { ...failure, code: 'offline', disposition: 'wait' } }]);
    expect(store.metrics(0, ['nurse'])).toEqual({
      completed: 3, durationsMs: [100, 200, 300], triesBegun: 4, triesFailed: 1,
      lastFailure: { at: 6 * minute + 1, kind: 'failed', failure: { ...failure, code: 'offline', disposition: 'wait' } },
    });
    expect(store.metrics(minute, ['nurse'])).toMatchObject({ completed: 2, durationsMs: [100, 200] });
    expect(store.metrics(7 * minute)).toEqual({ completed: 0, durationsMs: [], triesBegun: 0, triesFailed: 0, lastFailure: undefined });
    expect(store.metrics(0, ['other']).lastFailure).toBeUndefined();
  });
});

describe('a row that is not what we wrote', () => {
  test('is counted, and the rows around it are given as if it were not there', () => {
    const all = Array.from({ length: 6 }, () => add());
    database.prepare(`UPDATE uploads SET facts = '{"id":"nonsense"}' WHERE sequence = 2`).run();
    database.prepare(`UPDATE uploads SET state = 'not json' WHERE sequence = 4`).run();
    const goodOnes = ids(all.filter((record) => record.sequence !== 2 && record.sequence !== 4));
    expect(store.get(all[1]!.facts.id)).toBeUndefined();
    expect(runnable({ limit: 4 })).toEqual(goodOnes);
    const page = store.page({ filter: 'all', limit: 4 });
    expect(ids(page.records)).toEqual(goodOnes.toReversed());
    expect(page.total).toBe(6);
    expect(createSqliteUploadStore(database).damagedRows()).toBe(2);
  });

  test('never makes the parser throw, whatever is in it', () => {
    const good = { sequence: 1, id: 'x', facts: '{}', priority: 1, state: '{}', tries: 0, failures_in_a_row: 0, confirmed_bytes: 0, remote: null, max_part_bytes: null, remote_to_abort: 0, first_byte_at: null, updated_at: 0, has_thumbnail: 0 };
    const column = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.json(), fc.uint8Array(), fc.bigInt());
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...Object.keys(good)), column), (change) => {
      expect(parseRow({ ...good, ...change })).toBeUndefined();
    }), { numRuns: 3000 });
    fc.assert(fc.property(fc.anything(), (row) => { expect(parseRow(row)).toBeUndefined(); }), { numRuns: 1000 });
  });
});
