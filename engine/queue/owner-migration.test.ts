import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PhotoFacts, UploadState } from '../../shared/domain/upload.ts';
import { ownerKey } from '../account/owner.ts';
import { openDatabase, type Database } from './database.ts';
import { migrations } from './migrations.ts';
import { giveOwners } from './owner-migration.ts';
import { createSqliteKeyValueStore } from './sqlite-key-value-store.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';

const [a, b] = ['https://a.example', 'https://b.example'];
const at = (gateway: string, personId: string): string => ownerKey({ gateway, personId });
const session = (gateway: string, transport: 'upload-sessions' | 'own-keys' = 'upload-sessions') => ({ transport, at: gateway, sessionId: 's', partBytes: 5, openedAt: 1 });
const completed: UploadState = { name: 'completed', at: 5, photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } };

let dir: string;
const key = randomBytes(32);
const open = (): Database => openDatabase({ file: join(dir, 'queue.db'), key });
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'relevo-owners-')); });
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Before { facts?: Partial<PhotoFacts>; begunAt?: string; ownKeys?: boolean; state?: UploadState }

/** A database as the version before left it: the same tables, bare ids in them. @returns the ids of the uploads */
function before(uploads: Before[], kept: Record<string, unknown> = {}): string[] {
  const database = open();
  const store = createSqliteUploadStore(database);
  const ids = uploads.map(({ facts, begunAt, ownKeys, state }) => {
    const { facts: { id } } = store.insert(factsFor({ accountId: '7', ...facts }), 'normal', 1);
    if (begunAt !== undefined || state) store.commit(id, { ...(begunAt === undefined ? {} : { remote: session(begunAt, ownKeys ? 'own-keys' : undefined) }), ...(state ? { state } : {}), tries: 1 }, []);
    return id;
  });
  for (const [name, value] of Object.entries(kept)) createSqliteKeyValueStore(database).set(name, JSON.stringify(value));
  database.pragma(`user_version = ${migrations.indexOf(giveOwners)}`);
  database.close();
  return ids;
}

const person = (id: string) => ({ id, name: id, email: `${id}@clinic.example` });
const entry = (gateway: string, id: string) => ({ gateway, person: person(id), lastSignedInAt: 1 });
const signedIn = (gateway: string, id: string) => ({ gateway, person: { ...person(id), organisation: 'Norte' }, accessToken: 'a', refreshToken: 'r', expired: false });

test('each photo goes to the gateway at which its person is known, and is counted there', () => {
  const ids = before([{}, { facts: { accountId: '8' } }, { begunAt: a }], { 'account.people': [entry(a, '7'), entry(b, '8')] });
  const database = open();
  const store = createSqliteUploadStore(database);
  expect(ids.map((id) => store.get(id)?.facts.accountId)).toEqual([at(a, '7'), at(b, '8'), at(a, '7')]);
  expect([...store.accounts()].sort()).toEqual([at(a, '7'), at(b, '8')]);
  expect(store.counts([at(a, '7')])).toMatchObject({ queued: 2 });
  expect(store.counts([at(b, '8')])).toMatchObject({ queued: 1 });
  expect(store.remainingBytes()).toBe(3 * 4_000_000);
  expect(store.metrics(0, [at(a, '7')])).toMatchObject({ triesBegun: 1 });
  expect(store.runnable({ accounts: [at(a, '7')], now: 1, limit: 9, perPatientOrder: false, except: new Set() })).toHaveLength(2);
  const { facts } = store.get(ids[0]!)!;
  expect(store.findDuplicate([at(a, '7')], facts.patientId, facts.sha256)?.facts.id).toBe(ids[0]);
  expect(store.findDuplicate(['7'], facts.patientId, facts.sha256)).toBeUndefined();
  database.close();
});

test('where the person is known at several, to where its sending was begun, else to the kept session’s gateway', () => {
  const kept = { 'account.people': [entry(a, '7'), entry(b, '7')] };
  const uploads = [{}, { begunAt: b }, { begunAt: 'https://fra1.spaces.example/bucket', ownKeys: true }];
  const ids = before(uploads, { ...kept, 'account.session': signedIn(a, '7') });
  const database = open();
  const store = createSqliteUploadStore(database);
  expect(ids.map((id) => store.get(id)?.facts.accountId)).toEqual([at(a, '7'), at(b, '7'), at(a, '7')]);
  expect(store.get(ids[2]!)?.remote?.at).toBe('https://fra1.spaces.example/bucket');
  database.close();
});

test('where nothing tells the gateway they are nobody’s who can sign in, and still there', () => {
  const ids = before([{}, { facts: { accountId: '9' } }], { 'account.people': [entry(a, '7'), entry(b, '7')] });
  const database = open();
  const store = createSqliteUploadStore(database);
  expect(ids.map((id) => store.get(id)?.facts.accountId)).toEqual([at('', '7'), at('', '9')]);
  expect(store.counts()).toMatchObject({ queued: 2 });
  expect(store.counts([at(a, '7'), at(b, '7')])).toMatchObject({ queued: 0 });
  database.close();
});

test('what was sent to a gateway is not called sent at another', () => {
  const [id] = before([{ begunAt: b, state: completed }], { 'account.people': [entry(a, '7')] });
  const database = open();
  expect(createSqliteUploadStore(database).get(id!)?.facts.accountId).toBe(at(b, '7'));
  database.close();
});

test('what was kept for a gateway is found under its one address, however it had been written', () => {
  const written = 'https://A.example:443';
  const [id] = before([{ begunAt: written }], {
    'account.people': [entry(written, '7')], 'account.session': signedIn(written, '7'),
    [`limits:${written}`]: 1, [`negotiation:${written}`]: 2, [`own-keys:${written}`]: 3, [`patients:${written}:7`]: 4, [`limits:${b}`]: 5, settings: {},
  });
  const database = open();
  const values = createSqliteKeyValueStore(database);
  expect([`limits:${a}`, `negotiation:${a}`, `own-keys:${a}`, `patients:${a}:7`, `limits:${b}`].map((name) => values.get(name))).toEqual(['1', '2', '3', '4', '5']);
  expect(JSON.parse(values.get('account.session')!)).toEqual(signedIn(a, '7'));
  expect(JSON.parse(values.get('account.people')!)).toEqual([entry(a, '7')]);
  expect(createSqliteUploadStore(database).get(id!)).toMatchObject({ facts: { accountId: at(a, '7') }, remote: { at: a } });
  database.close();
});

test('rows and values that do not parse stay as they are, and hold up nothing', () => {
  const [spoilt, good] = before([{}, {}], { 'account.session': signedIn(a, '7') });
  const spoiling = open();
  spoiling.prepare(`UPDATE uploads SET facts = '{"id":', remote = 'x' WHERE id = ?`).run(spoilt);
  spoiling.prepare(`UPDATE key_values SET json = '[{' WHERE key = 'account.session'`).run();
  spoiling.prepare(`UPDATE uploads SET account_id = '7'`).run();
  spoiling.pragma(`user_version = ${migrations.indexOf(giveOwners)}`);
  spoiling.close();
  const database = open();
  const store = createSqliteUploadStore(database);
  expect(store.get(good!)?.facts.accountId).toBe(at('', '7'));
  expect(store.damagedRows()).toBe(1);
  database.close();
});
