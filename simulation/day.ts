/** @file One clinic day, wholly decided by its seed: what arrives, what breaks, who dies, and what a person does. */
import type { Engine } from '../engine/engine-types.ts';
import { createEngine, type EnginePorts } from '../engine/engine.ts';
import { silentLogger } from '../engine/logging/logger.ts';
import { isNetworkCause } from '../engine/upload/transition.ts';
import { Incarnation, ProcessDied } from './incarnation.ts';
import { checkEnd, watched } from './invariants.ts';
import { gatewayOrigin } from './simulated-backend.ts';
import { faultNames } from './simulated-network.ts';
import type { CardPhoto } from './world.ts';
import { World } from './world.ts';

export interface DayResult {
  seed: number;
  /** What must not be, and was; absent after a good day. */
  violation: string | undefined;
  /** Everything that happened, in order. */
  lines: string[];
  photos: number;
  kills: number;
  requests: number;
}

/** Lets a planted bug change the ports of every process. See breaks.ts. */
export type Breakage = (ports: EnginePorts, world: World) => EnginePorts;

const minute = 60_000;
const dayLength = 90 * minute;
/** Long enough for the longest back-off to run out, twice. */
const eveningLength = 45 * minute;

export async function runDay(seed: number, breakage: Breakage = (ports) => ports): Promise<DayResult> {
  const world = new World(seed);
  const uninstall = world.time.install();
  const day = new Day(world, breakage);
  try {
    await day.run();
  } catch (error) {
    if (!(error instanceof ProcessDied)) world.violated(`the day broke: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  } finally {
    uninstall();
    world.database.close();
  }
  return { seed, violation: world.violation?.message, lines: world.lines, photos: world.promised.size, kills: day.kills, requests: world.network.requests };
}

class Day {
  readonly #world: World;
  readonly #breakage: Breakage;
  #life: Incarnation | undefined;
  #engine: Engine | undefined;
  #deadly = true;
  /** Dates of this day tell nothing about what was before what. */
  #clockWasSet = false;
  kills = 0;

  constructor(world: World, breakage: Breakage) {
    this.#world = world;
    this.#breakage = breakage;
  }

  async run(): Promise<void> {
    const { time, network, random } = this.#world;
    this.#deadly = false;
    this.#startProcess();
    await this.#when(() => this.#engine !== undefined);
    await this.#letPass(this.#person(async (engine) => { await engine.calls.signIn({ email: 'n@example.com', password: 'secret' }); }));
    await this.#letPass(this.#person(async (engine) => { await engine.calls.searchPatients({ text: '', limit: 10, refresh: false }); }));
    this.#deadly = random.chance(0.7);
    if (this.#deadly) this.#armDeath();
    this.#planDay();
    await time.run(dayLength);

    this.#world.note('evening: everything works again');
    this.#deadly = false;
    network.faultRate = 0;
    network.up = true;
    this.#world.spool.full = false;
    this.#life?.kill();
    await this.#evening();
    checkEnd(this.#world);
    // What is left of this life must not run into the next day.
    this.#life?.kill();
    await time.run(time.monotonic());
  }

  async #evening(): Promise<void> {
    const { time } = this.#world;
    await this.#when(() => this.#engine !== undefined);
    if (this.#clockWasSet) this.#setClock(0);
    for (let round = 0; round < 3; round += 1) {
      await this.#letPass(this.#person(async (engine) => {
        if ((await engine.calls.getAccount(undefined)).name !== 'signedIn') await engine.calls.signIn({ email: 'n@example.com', password: 'secret' });
        await engine.calls.resumeQueue(undefined);
        const { items } = await engine.calls.getQueuePage({ filter: 'attention', limit: 500 });
        for (const item of items) {
          if (item.state.name !== 'needsAttention') continue;
          const photo = this.#world.promised.get(item.id);
          // She does what the text says: from the card again, where it was kept.
          if (item.state.failure.code === 'spool-damaged' && photo) void this.#add(photo);
          else await engine.calls.retryUpload({ id: item.id });
        }
      }));
      await time.run(time.monotonic() + eveningLength / 3, () => this.#allDone());
    }
  }

  #allDone(): boolean {
    const counts = this.#world.store.counts();
    return counts.queued + counts.uploading + counts.completing + counts.waiting + counts.blocked + counts.needsAttention === 0 && this.#world.store.idsToAbort().length === 0;
  }

  #planDay(): void {
    const { time, random, network, backend, spool } = this.#world;
    // Trouble that never meets a photo proves nothing: what happens is gathered around the moments at which photos come.
    const bursts = Array.from({ length: random.between(1, 4) }, () => random.between(1, dayLength - 30 * minute));
    const at = (run: () => void): void => { time.schedule(random.pick(bursts) + random.between(-20, 120) * random.between(10, 1_000), run); };
    for (const burst of bursts) {
      const count = random.between(1, 6);
      time.schedule(burst, () => { for (let index = 0; index < count; index += 1) void this.#add(this.#world.takePhoto()); });
    }
    for (let outage = random.between(0, 5); outage > 0; outage -= 1) {
      const length = random.chance(0.6) ? random.between(300, 20_000) : random.between(20_000, 5 * minute);
      at(() => this.#outage(length));
    }
    for (let spell = random.between(1, 4); spell > 0; spell -= 1) {
      const rate = random.unit() * 0.6;
      const faults = random.chance(0.4) ? [random.pick(faultNames)] : faultNames;
      const length = random.between(minute / 4, 20 * minute);
      at(() => {
        network.faultRate = rate;
        network.faults = faults;
        this.#world.note(`faults at ${rate.toFixed(2)}: ${faults.length === 1 ? faults[0] : 'all'}`);
        time.schedule(length, () => { network.faultRate = 0; });
      });
    }
    if (random.chance(0.2)) at(() => { this.#world.note('sessions expire at the store'); backend.expireSessions(); });
    if (random.chance(0.2)) at(() => { this.#world.note('the store loses a part'); backend.loseAPart(); });
    if (random.chance(0.1)) at(() => { this.#world.note('the session is revoked'); backend.refreshRevoked = true; });
    if (random.chance(0.1)) at(() => { spool.full = true; time.schedule(2 * minute, () => { spool.full = false; }); });
    if (random.chance(0.1)) at(() => this.#rot());
    for (let jump = random.chance(0.4) ? random.between(1, 3) : 0; jump > 0; jump -= 1) this.#planClock(at);
    for (let whim = random.between(0, 4); whim > 0; whim -= 1) at(() => { void this.#whim(); });
    if (this.#world.contract === 'heartguard') for (let times = random.between(0, 12); times > 0; times -= 1) at(() => { void this.#cancelOnItsWay(); });
  }

  /** Contract A: a person cancels a photo of which nobody knows whether it arrives. */
  #cancelOnItsWay(): Promise<void> {
    const { store } = this.#world;
    const id = store.idsInState(['waiting']).find((each) => store.get(each)?.remote?.sentAt !== undefined);
    if (id === undefined) return Promise.resolve();
    this.#world.note('a person cancels a photo that may yet arrive');
    return this.#person(async (engine) => { await engine.calls.cancelUpload({ id }); });
  }

  /** A sealed copy rots, and at some time a nurse adds its photo again: before anybody has noticed, or after. */
  #rot(): void {
    const { time, random, spool, promised } = this.#world;
    const id = [...spool.entries].find(([, entry]) => entry.facts)?.[0];
    if (id === undefined) return;
    spool.damage(id);
    this.#world.note('a sealed copy rots');
    const photo = promised.get(id);
    if (photo) time.schedule(random.between(1, 20 * minute), () => { this.#world.note(`${photo.name} is added again`); void this.#add(photo); });
  }

  /** Somebody sets the computer's clock wrong, and right again later, at the latest in the evening: before or after the process starts anew. */
  #planClock(at: (run: () => void) => void): void {
    const { time, random } = this.#world;
    const ahead = random.pick([-1, 1, 1]) * random.pick([random.between(5_000, minute), random.between(minute, 180 * minute), 365 * 24 * 60 * minute]);
    const length = random.between(minute, 40 * minute);
    const isMended = random.chance(0.7);
    at(() => {
      this.#setClock(ahead);
      if (isMended) time.schedule(length, () => this.#setClock(0));
    });
  }

  #setClock(ahead: number): void {
    this.#clockWasSet = true;
    this.#world.time.setAhead(ahead);
    this.#world.note(`the computer's clock is ${ahead === 0 ? 'right' : `${(ahead / 1_000).toFixed(0)} s ahead`}`);
  }

  /** What people do with a queue. */
  async #whim(): Promise<void> {
    const { random } = this.#world;
    await this.#person(async (engine) => {
      const { items } = await engine.calls.getQueuePage({ filter: 'all', limit: 50 });
      const unfinished = items.filter((item) => item.state.name !== 'completed' && item.state.name !== 'cancelled');
      if (random.chance(0.3)) { await engine.calls.pauseQueue(undefined); this.#world.time.schedule(5 * minute, () => { void this.#person(async (again) => { await again.calls.resumeQueue(undefined); }); }); return; }
      if (unfinished.length === 0) return;
      const { id } = random.pick(unfinished);
      const whim = random.pick(['pauseUpload', 'retryUpload', 'cancelUpload'] as const);
      this.#world.note(`a person asks for ${whim}`);
      // Where the state does not allow it, the person is told so.
      await Promise.resolve(engine.calls[whim]({ id })).catch(() => undefined);
      if (whim === 'pauseUpload') this.#world.time.schedule(5 * minute, () => { void this.#person(async (again) => { await Promise.resolve(again.calls.resumeUpload({ id })).catch(() => undefined); }); });
    });
  }

  /** A nurse adds a photo, and again after a crash, until she is told that it is safe. */
  async #add(photo: CardPhoto): Promise<void> {
    const { time, promised } = this.#world;
    for (;;) {
      const life = this.#life;
      const engine = this.#engine;
      if (!life || !engine || life.dead) { await time.sleep(1_000); continue; }
      const outcome = await Promise.race([
        Promise.resolve(engine.calls.addBytes({ batchId: 'b', patientId: photo.patientId, fileName: photo.name, bytes: Uint8Array.from(photo.bytes) })).catch(() => undefined),
        new Promise<undefined>((resolve) => { if (life.dead) resolve(undefined); else life.deathSignal.addEventListener('abort', () => resolve(undefined)); }),
      ]);
      if (outcome && outcome.outcome !== 'rejected') { promised.set(outcome.id, photo); this.#world.note(`${photo.name} ${outcome.outcome}`); return; }
      await time.sleep(5_000);
    }
  }

  #outage(length: number): void {
    const { time, network } = this.#world;
    network.up = false;
    const gone = time.now();
    this.#world.note(`the network goes for ${(length / 1_000).toFixed(1)} s`);
    time.schedule(length, () => {
      network.up = true;
      this.#world.note('the network is back');
      this.#expectQuickReturn(gone);
    });
  }

  /**
   * What this outage stopped must move within two seconds of its end. (What waits since an earlier cut, after which the
   * network was found to be there, waits for its time: nobody has noticed this outage.)
   */
  #expectQuickReturn(gone: number): void {
    const { time, network } = this.#world;
    const life = this.#life;
    const back = time.monotonic();
    const { store } = this.#world;
    const waited = store.idsInState(['waiting', 'blocked']).some((id) => {
      const record = store.get(id);
      if (!record || record.updatedAt < gone) return false;
      const { state } = record;
      return state.name === 'waiting' ? isNetworkCause(state.failure) : state.name === 'blocked' && state.by === 'offline';
    });
    if (!waited || this.#clockWasSet || network.faultRate > 0 || !this.#engine) return;
    time.schedule(2_000, () => {
      if (life !== this.#life || life?.dead || !network.up || network.lastRequestAt >= back) return;
      const held = store.idsInState(['waiting', 'blocked']).length;
      if (held > 0 && this.#isSending()) this.#world.violated('two seconds after the network came back nothing had been sent');
    });
  }

  #isSending(): boolean {
    return this.#world.openKeyValues().get('queue.paused') === undefined;
  }

  #startProcess(): void {
    const { time, random, network, spool } = this.#world;
    network.forgetQuiet();
    const life = new Incarnation(() => {
      this.#engine = undefined;
      time.schedule(random.between(200, 4_000), () => this.#startProcess());
    });
    this.#life = life;
    if (this.#deadly) this.#armDeath();
    const ports: EnginePorts = {
      clock: life.clock(time), random: random.fork(), log: silentLogger, http: network.http(life), spool: life.spool(spool),
      store: life.mortal(watched(this.#world.store, this.#world)), keyValues: life.mortal(this.#world.openKeyValues()),
      diskSpace: async () => ({ freeBytes: spool.full ? 0 : 1e12, totalBytes: 1e12 }), keySource: 'environment', defaults: { gateway: gatewayOrigin }, sending: true,
    };
    createEngine(this.#breakage(ports, this.#world)).then((engine) => { if (!life.dead) this.#engine = engine; }, (error: unknown) => {
      if (!(error instanceof ProcessDied)) this.#world.violated(`the engine did not start: ${String(error)}`);
    });
  }

  /** This life ends somewhere ahead: soon by an effect of its own, or at a moment from outside. */
  #armDeath(): void {
    const { time, random } = this.#world;
    const life = this.#life;
    if (!life) return;
    const kill = (): void => { if (this.#deadly && !life.dead) { this.kills += 1; this.#world.note('the process is killed'); life.kill(); } };
    if (random.chance(0.5)) life.dieAfter(random.between(1, 250), () => { this.kills += 1; this.#world.note('the process dies between two effects'); }, () => this.#deadly);
    else time.schedule(random.between(100, 20 * minute), kill);
  }

  /** Resolves when it is done, or when the process that was asked has died: then it stays undone, so be it. */
  #person(does: (engine: Engine) => Promise<void>): Promise<void> {
    const engine = this.#engine;
    const life = this.#life;
    if (!engine || !life) return Promise.resolve();
    const died = new Promise<void>((resolve) => { life.deathSignal.addEventListener('abort', () => resolve(), { once: true }); });
    return Promise.race([does(engine).catch(() => undefined), died]);
  }

  /** Lets time pass until it is done. Only for the day's own course, never inside a timer. */
  async #letPass(asked: Promise<void>): Promise<void> {
    let over = false;
    void asked.finally(() => { over = true; });
    await this.#when(() => over);
  }

  async #when(condition: () => boolean): Promise<void> {
    await this.#world.time.run(this.#world.time.monotonic() + 10 * minute, condition);
  }
}
