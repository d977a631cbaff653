/** @file What outlives every process of a simulated day: the disk, the servers, the network between, and what a person was promised. */
import type Database from 'better-sqlite3';
import { createHash } from 'node:crypto';
import { openDatabase } from '../engine/queue/database.ts';
import { createSqliteKeyValueStore } from '../engine/queue/sqlite-key-value-store.ts';
import { createSqliteUploadStore } from '../engine/queue/sqlite-upload-store.ts';
import type { UploadStore } from '../engine/queue/upload-store.ts';
import { SeededRandom } from './seeded-random.ts';
import { patients, SimulatedBackend } from './simulated-backend.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { SimulatedSpool } from './simulated-spool.ts';
import { VirtualTime } from '../engine/virtual-time.ts';

/** A photo that exists outside, on a nurse's card. */
export interface CardPhoto { name: string; patientId: string; bytes: Buffer; sha256: string; md5: string }

/** What must always hold, and did not. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const startOfDay = Date.UTC(2026, 10, 23, 7, 0, 0);

export class World {
  readonly time = new VirtualTime(startOfDay);
  readonly contract: 'sessions' | 'heartguard';
  readonly spool = new SimulatedSpool();
  readonly database: Database.Database;
  readonly backend: SimulatedBackend;
  readonly network: SimulatedNetwork;
  readonly random: SeededRandom;
  readonly lines: string[] = [];
  /** Ids for which a person was told that the card may be removed. */
  readonly promised = new Map<string, CardPhoto>();
  violation: Violation | undefined;
  /** One set of prepared statements for all processes of the day: it holds no state of theirs, and preparing takes longest. */
  readonly store: UploadStore;
  #photos = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.contract = this.random.chance(0.25) ? 'heartguard' : 'sessions';
    this.database = openDatabase({ file: ':memory:', key: Buffer.alloc(32, 1) });
    this.store = createSqliteUploadStore(this.database);
    this.backend = new SimulatedBackend({ contract: this.contract, now: () => this.time.trueNow(), partBytes: 1_500, recognisesBytes: this.random.chance(0.5), comparesWhole: this.random.chance(0.5) });
    this.network = new SimulatedNetwork({ time: this.time, random: this.random.fork(), backend: this.backend, log: { note: (line) => this.note(line) } });
    this.note(`contract ${this.contract}`);
  }

  openKeyValues() {
    return createSqliteKeyValueStore(this.database);
  }

  takePhoto(): CardPhoto {
    const size = this.random.between(200, this.random.chance(0.3) ? 9_000 : 1_400);
    // A JPEG's first bytes, its number, and noise.
    const bytes = Buffer.alloc(size);
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]).copy(bytes);
    for (let index = 4; index < size; index += 1) bytes[index] = Math.floor(this.random.unit() * 256);
    const number = this.#photos++;
    return {
      name: `photo-${number}.jpg`, patientId: this.random.pick(patients).id, bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'), md5: createHash('md5').update(bytes).digest('hex'),
    };
  }

  note(line: string): void {
    this.lines.push(`${(this.time.monotonic() / 1_000).toFixed(3).padStart(10)} s  ${line}`);
  }

  /** Remembers the first thing that must not be. Thrown where it is noticed would only look like a failing server. */
  violated(what: string): void {
    this.violation ??= new Violation(what);
    this.note(`VIOLATION: ${what}`);
  }

  /** Whether the server holds this very photo and says so. */
  arrived(photo: { patientId: string; sha256: string; md5: string; sizeBytes: number }): boolean {
    if (this.contract === 'heartguard') return this.backend.profileHistory.some((entry) => entry.patientId === photo.patientId && entry.md5 === photo.md5);
    return [...this.backend.photos.values()].some((stored) => {
      const object = this.backend.spaces.objects.get(stored.key);
      return stored.patientId === photo.patientId && stored.sha256 === photo.sha256 && object !== undefined
        && createHash('sha256').update(object.bytes).digest('hex') === photo.sha256;
    });
  }
}
