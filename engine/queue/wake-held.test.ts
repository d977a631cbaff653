import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failureCodeSchema, type Failure } from '../../shared/domain/failure.ts';
import type { UploadState } from '../../shared/domain/upload.ts';
import { heldBy, transition, type WakeCause } from '../upload/transition.ts';
import { openDatabase } from './database.ts';
import { createSqliteUploadStore } from './sqlite-upload-store.ts';
import { factsFor } from './upload-facts-for-tests.ts';

const causes: readonly WakeCause[] = ['network', 'signed-in', 'clock'];
const failure = fc.constantFrom(...failureCodeSchema.options).map((code): Failure => ({ code, disposition: 'retry', endpoint: 'spaces', ambiguous: false }));
const photo = { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 };
const state: fc.Arbitrary<UploadState> = fc.oneof(
  fc.constantFrom<UploadState>({ name: 'queued' }, { name: 'uploading' }, { name: 'completing' }, { name: 'paused' }, { name: 'cancelled' }, { name: 'completed', at: 5, photo }),
  failure.map((each): UploadState => ({ name: 'needsAttention', failure: each })),
  fc.record({ failure, retryAt: fc.nat() }).map((each): UploadState => ({ name: 'waiting', ...each })),
  fc.record({ by: fc.constantFrom('auth', 'offline', 'circuit'), failure: fc.option(failure, { nil: undefined }) }).map((each): UploadState => ({ name: 'blocked', ...each })),
);

test('waking all at once does to each what waking it alone does', () => {
  fc.assert(fc.property(fc.array(fc.record({ state, account: fc.constantFrom('a', 'b'), at: fc.nat(100) }), { maxLength: 12 }), fc.constantFrom(...causes), fc.nat(100), (uploads, cause, at) => {
    const [together, alone] = [openDatabase({ file: ':memory:' }), openDatabase({ file: ':memory:' })];
    const stores = [createSqliteUploadStore(together), createSqliteUploadStore(alone)] as const;
    const event = { at, kind: 'woken', detail: cause } as const;
    const ids = uploads.map((upload) => {
      const facts = factsFor({ accountId: upload.account });
      for (const store of stores) {
        store.insert(facts, 'normal', 1);
        store.commit(facts.id, { state: upload.state }, [{ at: upload.at, kind: 'failed' }]);
      }
      return facts.id;
    });
    const { ids: woken, next } = stores[0].wakeHeld(heldBy(cause), event);
    expect(next).toBeUndefined();
    const wokenAlone = ids.filter((id) => {
      const { state, updatedAt } = stores[1].get(id)!;
      const next = cause === 'clock' && updatedAt <= at ? undefined : transition(state, { type: 'wake', cause });
      if (next) stores[1].commit(id, { state: next }, [event]);
      return next !== undefined;
    });
    expect(woken).toEqual(wokenAlone);
    for (const id of ids) {
      expect(stores[0].get(id)).toEqual(stores[1].get(id));
      expect(stores[0].story(id)).toEqual(stores[1].story(id));
    }
    expect(stores[0].counts()).toEqual(stores[1].counts());
    for (const table of ['uploads', 'tallies']) expect(together.prepare(`SELECT * FROM ${table}`).all()).toEqual(alone.prepare(`SELECT * FROM ${table}`).all());
    together.close();
    alone.close();
  }), { numRuns: 80 });
}, 30_000);

test('a row whose state is no JSON stays as it is and does not stop the others', () => {
  const database = openDatabase({ file: ':memory:' });
  const store = createSqliteUploadStore(database);
  const [good, bad] = [factsFor({}), factsFor({})];
  for (const facts of [good, bad]) {
    store.insert(facts, 'normal', 1);
    store.commit(facts.id, { state: { name: 'blocked', by: 'offline' } }, []);
  }
  database.prepare(`UPDATE uploads SET state = '{"name":' WHERE id = ?`).run(bad.id);
  expect(store.wakeHeld(heldBy('network'), { at: 2, kind: 'woken' })).toEqual({ ids: [good.id], next: undefined });
  expect(store.damagedRows()).toBe(1);
});

test('many are woken a stretch at a time: each once, oldest first, and what is not held is passed by', () => {
  const database = openDatabase({ file: ':memory:' });
  const store = createSqliteUploadStore(database);
  const held: string[] = [];
  for (let index = 0; index < 900; index += 1) {
    const facts = factsFor({ accountId: index % 3 === 0 ? 'a' : 'b' });
    store.insert(facts, 'normal', 1);
    const isHeld = index % 5 !== 0;
    store.commit(facts.id, { state: { name: 'blocked', by: isHeld ? 'offline' : 'auth' } }, []);
    if (isHeld) held.push(facts.id);
  }
  const woken: string[] = [];
  const stretches: number[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const { ids, next } = store.wakeHeld(heldBy('network'), { at: 2, kind: 'woken' }, after);
    woken.push(...ids);
    stretches.push(ids.length);
    after = next;
  }
  expect(woken).toEqual(held);
  expect(Math.max(...stretches)).toBeLessThanOrEqual(200);
  expect(store.counts()).toMatchObject({ queued: held.length, blocked: 900 - held.length });
});
