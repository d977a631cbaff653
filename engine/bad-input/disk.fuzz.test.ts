/** @file What may lie on the disk or on a card: changed by anybody or anything, and read all the same or refused by its name. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentTypeSchema } from '../../shared/domain/upload.ts';
import { defaultSettings, settingsSchema } from '../../shared/domain/settings.ts';
import { makePhoto, privateExif } from '../../test-support/photos.ts';
import { readSession } from '../account/session.ts';
import { DataKeyError, loadDataKey } from '../data-folder/data-key.ts';
import { exifDate } from '../ingest/exif-date.ts';
import { cleaned } from '../ingest/metadata/photos-for-tests.ts';
import { sniff } from '../ingest/sniff.ts';
import { silentLogger } from '../logging/logger.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { parseRow } from '../queue/upload-row.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { createSettingsStore } from '../settings/settings.ts';
import { openEncryptedSpool } from '../spool/encrypted-spool.ts';
import { headerChecksum } from '../spool/spool-crypto.ts';
import { encodeFooter, encodeHeader, maxTrailerBytes, parseFooter, parseHeader } from '../spool/spool-format.ts';
import { SpoolError } from '../spool/spool.ts';
import { nearly, nearlyBytes, numRuns, patience, utf8 } from './testing/fuzz.ts';

const dir = mkdtempSync(join(tmpdir(), 'relevo-fuzz-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function values(stored: string | undefined): KeyValueStore & { now: string | undefined } {
  return { now: stored, get() { return this.now; }, set(_key, json) { this.now = json; }, delete() { this.now = undefined; } };
}

const settings = { ...defaultSettings, gateway: 'https://gateway.example', theme: 'dark', concurrency: 4 };
const text = (...valid: unknown[]): fc.Arbitrary<string> => fc.oneof({ weight: 4, arbitrary: nearly(...valid).map((value) => JSON.stringify(value) ?? '') }, { weight: 1, arbitrary: fc.string() });

describe('settings', () => {
  test('as stored: valid ones, or the usual ones', () => {
    fc.assert(fc.property(text(settings), (stored) => { expect(settingsSchema.safeParse(createSettingsStore({ store: values(stored), log: silentLogger }).get()).success).toBe(true); }), { numRuns });
  }, patience);

  test('as changed: what is refused changes nothing', () => {
    fc.assert(fc.property(nearly(settings, { language: 'en' }), (changes) => {
      const store = values(JSON.stringify(settings));
      const made = createSettingsStore({ store, log: silentLogger });
      try {
        made.change(changes as never);
        expect(settingsSchema.parse(JSON.parse(store.now!))).toEqual(made.get());
      } catch (error) {
        expect(error).toMatchObject({ name: 'ZodError' });
        expect([made.get(), JSON.parse(store.now!)]).toEqual([settings, settings]);
      }
    }), { numRuns });
  }, patience);
});

test('the session as stored: one, or none', () => {
  const session = { gateway: 'https://g.example', person: { id: 'n', name: 'Ana', email: 'a@b.example' }, accessToken: 'a', refreshToken: 'r', expired: false };
  fc.assert(fc.property(text(session), (stored) => { const read = readSession(values(stored)); expect(read === undefined || typeof read.accessToken === 'string').toBe(true); }), { numRuns });
}, patience);

test('the key file: 32 bytes, or a DataKeyError, and never replaced', async () => {
  const file = join(dir, 'data.key');
  await fc.assert(fc.asyncProperty(nearlyBytes(utf8(`${randomBytes(32).toString('base64')}\n`)), async (bytes) => {
    writeFileSync(file, bytes, { mode: 0o600 });
    const outcome = await loadDataKey({ dataDir: dir, environment: {} }).then((key) => key.bytes.length, (error: unknown) => error instanceof DataKeyError);
    expect(outcome === 32 || outcome === true).toBe(true);
    expect(Buffer.compare(readFileSync(file), bytes)).toBe(0);
  }), { numRuns });
}, patience);

describe('rows of the queue', () => {
  const row = (): Record<string, unknown> => {
    const facts = factsFor({});
    return { sequence: 1, id: facts.id, facts: JSON.stringify(facts), priority: 1, state: '{"name":"queued"}', tries: 0, failures_in_a_row: 0, confirmed_bytes: 0, remote: null, max_part_bytes: null, remote_to_abort: 0, first_byte_at: null, updated_at: 1, has_thumbnail: 0 };
  };

  test('are records, or nothing', () => {
    fc.assert(fc.property(fc.oneof(nearly(row()), fc.anything()), (value) => { const record = parseRow(value); expect(record === undefined || record.facts.id === record.facts.id).toBe(true); }), { numRuns });
  }, patience);

  test('changed in the file: the others are still listed and sent, and the damaged ones are counted', () => {
    const database = openDatabase({ file: ':memory:' });
    const store = createSqliteUploadStore(database);
    const good = store.insert(factsFor({ patientId: 'good' }), 'normal', 1).facts.id;
    const bad = store.insert(factsFor({ patientId: 'bad' }), 'normal', 1).facts.id;
    const untouched = database.prepare<[string], Record<string, unknown>>('SELECT * FROM uploads WHERE id = ?').get(bad)!;
    const columns = ['facts', 'priority', 'state', 'tries', 'remote', 'max_part_bytes', 'remote_to_abort', 'first_byte_at', 'updated_at', 'confirmed_bytes'];
    const value = fc.oneof(text(JSON.parse(untouched.facts as string), { name: 'waiting', retryAt: 5, failure: { code: 'stalled' } }), fc.integer(), fc.constant(null));
    fc.assert(fc.property(fc.constantFrom(...columns), value, (column, wrong) => {
      try {
        database.prepare(`UPDATE uploads SET ${column} = ? WHERE id = ?`).run(wrong, bad);
      } catch {
        return; // The table itself refuses it.
      }
      expect(store.get(good)?.facts.id).toBe(good);
      expect(store.runnable({ accounts: ['nurse'], now: 1e13, limit: 5, perPatientOrder: false, except: new Set() }).map((record) => record.facts.id)).toContain(good);
      expect(store.page({ filter: 'all', limit: 10 }).records.map((record) => record.facts.id)).toContain(good);
      store.counts(); store.remainingBytes(); store.metrics(0); store.story(bad); store.idsToAbort(); store.wakeHeld({ blocks: ['offline'], waitingFor: new Set(['stalled']) }, { at: 1, kind: 'woken' });
      if (!store.get(bad)) expect(store.damagedRows()).toBeGreaterThan(0);
      database.prepare(`UPDATE uploads SET ${columns.map((name) => `${name} = @${name}`).join(', ')}, state_name = @state_name WHERE id = @id`).run(untouched);
    }), { numRuns });
    database.close();
  }, patience);
});

describe('sealed photos', () => {
  test('headers and footers', () => {
    const header = encodeHeader({ chunkBytes: 524_288, salt: randomBytes(32), keyId: randomBytes(8) }, headerChecksum);
    fc.assert(fc.property(nearlyBytes(header, encodeFooter(300)), (bytes) => {
      const { name } = parseHeader(bytes, headerChecksum);
      if (name === 'header') expect(Buffer.compare(Buffer.from(bytes.subarray(0, 64)), header)).toBe(0);
      const length = parseFooter(bytes);
      expect(length === undefined || (length > 16 && length <= maxTrailerBytes)).toBe(true);
    }), { numRuns });
  }, patience);

  test('whatever is changed in the file, no other bytes than those sealed ever come out', async () => {
    const spool = await openEncryptedSpool({ dir: join(dir, 'spool'), key: randomBytes(32), chunkBytes: 1024 });
    const plain = randomBytes(3_000);
    const facts = factsFor({ sizeBytes: plain.length });
    const writer = await spool.create(facts.id);
    await writer.write(plain);
    await writer.seal(facts);
    const file = join(dir, 'spool', `${facts.id}.photo`);
    const sealed = readFileSync(file);
    await fc.assert(fc.asyncProperty(nearlyBytes(sealed), fc.nat(3_000), fc.nat(3_000), async (bytes, one, other) => {
      writeFileSync(file, bytes);
      const [start, end] = [Math.min(one, other), Math.max(one, other)];
      try {
        const reader = await spool.open(facts.id);
        try {
          expect(reader.facts).toEqual(facts);
          expect(Buffer.compare(await buffer(reader.pieces(start, end)), plain.subarray(start, end))).toBe(0);
        } finally {
          await reader.close();
        }
      } catch (error) {
        if (!(error instanceof SpoolError)) throw error;
      }
    }), { numRuns });
  }, patience);
});

describe('files of a card', () => {
  let photos: Uint8Array[];
  beforeAll(async () => {
    photos = await Promise.all((['jpeg', 'png', 'webp'] as const).map((format) => makePhoto({ seed: format, format, width: 16, height: 16 })));
    photos.push(new Uint8Array(Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.from('Exif\0\0MM\0*\0\0\0\x08', 'latin1'), Buffer.alloc(40, 1)])));
  });

  test('what it is by its first bytes', () => {
    fc.assert(fc.property(nearlyBytes(...photos.map((photo) => photo.subarray(0, 256))), (bytes) => {
      const sniffed = sniff(bytes);
      expect(sniffed.name !== 'photo' || contentTypeSchema.safeParse(sniffed.contentType).success).toBe(true);
    }), { numRuns });
  }, patience);

  test('when it was taken', () => {
    fc.assert(fc.property(nearlyBytes(...photos.map((photo) => photo.subarray(0, 1_500))), fc.constantFrom(...contentTypeSchema.options), (bytes, type) => {
      const date = exifDate(bytes, type);
      expect(date === undefined || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d)?$/.test(date)).toBe(true);
    }), { numRuns });
  }, patience);

  test('the place taken out of it: never more bytes, and what was taken out is not found a second time', async () => {
    const withPlace = await Promise.all((['jpeg', 'png', 'webp'] as const).map(async (format) => new Uint8Array(await makePhoto({ seed: format, format, width: 16, height: 16, exif: privateExif }))));
    await fc.assert(fc.asyncProperty(nearlyBytes(...withPlace, ...photos), fc.constantFrom(...contentTypeSchema.options), fc.integer({ min: 1, max: 700 }), async (bytes, type, pieceBytes) => {
      const after = await cleaned(type, Buffer.from(bytes), [pieceBytes]);
      expect(after.length).toBeLessThanOrEqual(bytes.length);
      expect((await cleaned(type, after)).equals(after)).toBe(true);
    }), { numRuns });
  }, patience);
});
