/** @file One crash run: photos go to a store while the engine's process is killed again and again and faults come and go. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { dataFolderPaths } from '../engine/data-folder/data-folder.ts';
import type { SpacesOption } from '../sandbox/options.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { spreadSizes, writePhotos } from '../test-support/photos.ts';
import { countViolations, wrongClaims, type SourcePhoto, type Violations } from './count.ts';
import { EngineProcess } from './engine-process.ts';
import { FaultWeather } from './fault-weather.ts';
import { lookAtQueue } from './look-at-queue.ts';
import { Nurse } from './nurse.ts';

export interface CrashRunOptions {
  spaces: SpacesOption;
  kills: number;
  photos: number;
  /** Decides the photos, the moments of the kills and the faults; not what the operating system does in between. */
  seed: number;
  leastBytes: number;
  mostBytes: number;
  /** Told of what happens. */
  log?: (line: string) => void;
  /** How long everything may take after the last kill, in ms. */
  patienceMs?: number;
}

/** What was going on when the process was killed. */
export type KillMoment = 'starting' | 'body' | 'ingest' | 'sending' | 'idle';

export interface CrashReport {
  violations: Violations;
  photos: number;
  photoBytes: number;
  /** Bodies of photos that arrived at the store, whole or not. */
  bodyBytes: number;
  /** Of these, the ones whose sender was killed before it had its answer. A body that had arrived whole is kept all the same. */
  bytesCutByKills: number;
  ratio: number;
  kills: Record<KillMoment, number>;
  faults: Map<string, number>;
  addedAgain: number;
  rejected: string[];
  retriedByPerson: number;
  /** Sealed copies still on the disk after a clean end. */
  copiesLeft: number;
  seconds: number;
  /** Why it could not be ended as planned. */
  trouble: string[];
}

/** After this many milliseconds without progress a kill comes anyway. */
const killAnywayMs = 4_000;
/** One kill in so many comes while the engine is starting. */
const startKills = 0.1;

/** @throws Error where the sandbox does not start */
export async function crashRun(options: CrashRunOptions): Promise<CrashReport> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-chaos-'));
  const sandbox = await startSandbox({ dataDir: join(folder, 'sandbox'), contract: 'sessions', spaces: options.spaces, spacesFront: true });
  try {
    return await new CrashRun(options, sandbox, folder).run();
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class CrashRun {
  readonly #options: CrashRunOptions;
  readonly #sandbox: Sandbox;
  readonly #card: string;
  readonly #dataDir: string;
  readonly #key = randomBytes(32);
  readonly #random: SeededRandom;
  readonly #log: (line: string) => void;
  readonly #kills: Record<KillMoment, number> = { starting: 0, body: 0, ingest: 0, sending: 0, idle: 0 };
  readonly #wronglyClaimed = new Set<string>();
  readonly #trouble: string[] = [];
  #next: EngineProcess | undefined;
  #bytesCutByKills = 0;

  constructor(options: CrashRunOptions, sandbox: Sandbox, folder: string) {
    this.#options = options;
    this.#sandbox = sandbox;
    this.#card = join(folder, 'card');
    this.#dataDir = join(folder, 'data');
    this.#random = new SeededRandom(options.seed);
    this.#log = options.log ?? (() => undefined);
  }

  async run(): Promise<CrashReport> {
    const { kills } = this.#options;
    const photos = await this.#fillCard();
    const photoBytes = photos.reduce((sum, photo) => sum + photo.sizeBytes, 0);
    const nurse = new Nurse(photos);
    const moments = this.#random.fork();
    const weather = new FaultWeather(this.#sandbox.faults, this.#random.fork());
    const began = performance.now();
    this.#next = this.#spawn();
    // An engine that fails by itself would only fail again.
    for (let kill = 0; kill < kills && this.#trouble.length === 0; kill += 1) {
      weather.change();
      await this.#liveAndDie(nurse, moments, (photoBytes * kill) / (kills + 1), photoBytes);
      this.#log(`kill ${kill + 1} of ${kills}: ${Math.round((100 * this.#received()) / photoBytes)} % received`);
    }
    await weather.end();
    const retriedByPerson = await this.#finish(nurse);
    const seconds = (performance.now() - began) / 1_000;
    const violations = await this.#count(nurse);
    const bodyBytes = this.#received();
    this.#tellBodies();
    return {
      violations, photos: photos.length, photoBytes, bodyBytes, ratio: bodyBytes / photoBytes,
      bytesCutByKills: this.#bytesCutByKills,
      kills: this.#kills, faults: weather.seen, addedAgain: nurse.addedAgain, rejected: nurse.rejected, retriedByPerson,
      copiesLeft: (await readdir(dataFolderPaths(this.#dataDir).spool).catch(() => [])).length, seconds, trouble: this.#trouble,
    };
  }

  async #fillCard(): Promise<SourcePhoto[]> {
    const { photos: count, seed, leastBytes, mostBytes } = this.#options;
    const { patients } = this.#sandbox.ready;
    const sizeOf = spreadSizes(seed, leastBytes, mostBytes);
    const written = await writePhotos(this.#card, count, { seed, sizeOf, width: 640, height: 480 });
    // Handfuls of different patients follow each other.
    return written.map(({ path, sizeBytes, sha256 }, index) => ({ path, sizeBytes, sha256, patientId: patients[Math.floor(index / 10) % patients.length]!.id }));
  }

  /** The next process loads while the present one works, so that the time between two lives is as short as with a supervisor. */
  #spawn(): EngineProcess {
    return new EngineProcess(this.#key.toString('base64'));
  }

  #open(nurse: Nurse): EngineProcess {
    const engine = this.#next ?? this.#spawn();
    const { gateway, email, password } = this.#sandbox.ready;
    nurse.turnTo(engine);
    engine.send({ type: 'open', dataDir: this.#dataDir, gateway, email, password });
    return engine;
  }

  /** One life of an engine process, ended by force once `dueBytes` have arrived and a random while has passed. */
  async #liveAndDie(nurse: Nurse, moments: SeededRandom, dueBytes: number, photoBytes: number): Promise<void> {
    await this.#next?.until('loaded');
    const engine = this.#open(nurse);
    this.#next = this.#spawn();
    let ready = false;
    void engine.until('ready').then(() => { ready = true; });
    const early = moments.chance(startKills);
    const wait = moments.between(0, early ? 400 : 300);
    if (!early) await this.#untilDue(nurse, engine, dueBytes, photoBytes, () => ready);
    await this.#keepBusy(nurse, wait, photoBytes, () => ready);
    await this.#kill(engine, nurse, ready);
  }

  async #untilDue(nurse: Nurse, engine: EngineProcess, dueBytes: number, photoBytes: number, ready: () => boolean): Promise<void> {
    let received = this.#received();
    let movedAt = performance.now();
    while (!ready() || this.#received() < dueBytes) {
      if (engine.failure !== undefined) return;
      if (this.#received() !== received) { received = this.#received(); movedAt = performance.now(); }
      if (performance.now() - movedAt > killAnywayMs) return;
      await this.#keepBusy(nurse, 5, photoBytes, ready);
    }
  }

  /** Lets time pass while the nurse sees to it that there is something to send, and that the card lasts as long as the kills. */
  async #keepBusy(nurse: Nurse, ms: number, photoBytes: number, ready: () => boolean): Promise<void> {
    const until = performance.now() + ms;
    do {
      const ahead = Math.max(photoBytes * 0.08, 8 * this.#options.mostBytes / 4);
      if (ready() && nurse.promisedBytes - this.#received() < ahead) nurse.addNext();
      await delay(Math.min(5, Math.max(0, until - performance.now())));
    } while (performance.now() < until);
  }

  async #kill(engine: EngineProcess, nurse: Nurse, ready: boolean): Promise<void> {
    const before = this.#lastRequest();
    const adding = nurse.adding;
    const at = Date.now();
    await engine.kill();
    if (engine.failure !== undefined) this.#trouble.push(engine.failure);
    const look = await lookAtQueue(this.#dataDir, this.#key);
    for (const name of await this.#wrong(look.completed)) this.#wronglyClaimed.add(name);
    // Bodies that were under way ended unanswered with the process.
    const cut = this.#sandbox.faults.requests(before).filter((entry) => entry.service === 'spaces' && entry.status === undefined && entry.fault === undefined
      && Date.parse(entry.at) <= at && Date.parse(entry.at) + entry.ms >= at - 2);
    this.#bytesCutByKills += cut.reduce((sum, entry) => sum + entry.bytesIn, 0);
    const moment: KillMoment = !ready ? 'starting' : cut.length > 0 ? 'body' : adding ? 'ingest' : look.underWay > 0 ? 'sending' : 'idle';
    this.#kills[moment] += 1;
  }

  /** Claims are compared with the store's state after them, never before: the engine may not know more than the store. */
  async #wrong(completed: Parameters<typeof wrongClaims>[0]): Promise<string[]> {
    return wrongClaims(completed, this.#sandbox.store.photos(), await this.#sandbox.store.objects({ hash: false }));
  }

  /** No faults any more: until everything has arrived, then a clean end. @returns how often a person had to help */
  async #finish(nurse: Nurse): Promise<number> {
    await this.#next?.until('loaded');
    const engine = this.#open(nurse);
    this.#next = undefined;
    let retried = 0;
    let left = Number.POSITIVE_INFINITY;
    engine.onReport((report) => {
      if (report.type !== 'counts') return;
      const { counts } = report;
      left = counts.queued + counts.uploading + counts.completing + counts.waiting + counts.paused + counts.blocked + counts.needsAttention;
      if (counts.needsAttention > 0) { retried += counts.needsAttention; engine.send({ type: 'retry-all' }); }
    });
    const patienceMs = this.#options.patienceMs ?? 300_000;
    const until = performance.now() + patienceMs;
    await Promise.race([engine.until('ready'), delay(patienceMs, undefined, { ref: false })]);
    while (engine.failure === undefined && !(nurse.cardIsEmpty && left === 0)) {
      if (performance.now() > until) { this.#trouble.push(`not done in time: ${left} uploads left`); break; }
      nurse.addNext();
      await delay(50);
      if (nurse.cardIsEmpty && left === 0) {
        // The counts may be older than the last of the photos.
        left = Number.POSITIVE_INFINITY;
        await delay(450);
      }
    }
    // What ended by itself is gone; a clean end is only for what lives.
    if (engine.failure === undefined) await engine.close();
    if (engine.failure !== undefined) this.#trouble.push(engine.failure);
    return retried;
  }

  async #count(nurse: Nurse): Promise<Violations> {
    const { store } = this.#sandbox;
    const look = await lookAtQueue(this.#dataDir, this.#key);
    const violations = countViolations({
      promised: nurse.promised, photos: store.photos(), objects: await store.objects(), unfinished: await store.unfinishedUploads(),
      rows: look.records.filter((record) => record.state.name !== 'cancelled').map((record) => record.facts),
      claimed: look.completed,
    });
    return { ...violations, wronglyClaimed: [...new Set([...violations.wronglyClaimed, ...this.#wronglyClaimed])] };
  }

  /** Bytes of photo bodies that have arrived at the store so far. */
  #received(): number {
    return this.#sandbox.faults.totals().spaces?.bytesIn ?? 0;
  }

  /** Where the bytes went, by what was answered and which fault was met. */
  #tellBodies(): void {
    const groups = new Map<string, { count: number; bytes: number }>();
    for (const { service, fault, status, bytesIn } of this.#sandbox.faults.requests()) {
      if (service !== 'spaces') continue;
      const name = `${fault ?? 'no fault'}, ${status ?? 'unanswered'}`;
      const group = groups.get(name) ?? { count: 0, bytes: 0 };
      groups.set(name, { count: group.count + 1, bytes: group.bytes + bytesIn });
    }
    for (const [name, { count, bytes }] of groups) this.#log(`bodies with ${name}: ${count}, ${(bytes / 1e6).toFixed(1)} MB`);
  }

  #lastRequest(): number {
    return this.#sandbox.faults.requests().at(-1)?.number ?? 0;
  }
}
