/**
 * @file The one place where the engine's parts are put together. Knows nothing of windows, and of the computer only what
 * its ports tell it; `open-engine.ts` gives it the real ones, the simulation its own.
 */
import type { EngineImplementation, Status } from '../shared/engine-contract.ts';
import { timestampSchema } from '../shared/domain/ids.ts';
import type { Settings } from '../shared/domain/settings.ts';
import { createAccount } from './account/account.ts';
import { createAccountCalls } from './account/account-calls.ts';
import { createOwnKeysCalls } from './account/own-keys-calls.ts';
import { callsOnADisk } from './calls-on-a-disk.ts';
import type { Clock } from './clock.ts';
import { isLow, type DiskSpace } from './data-folder/data-folder.ts';
import { createBehindBreaker } from './diagnostics/behind-breaker.ts';
import { noConnectionWatch, type MakeConnectionWatch } from './diagnostics/connection-watch.ts';
import { observedAttempt } from './diagnostics/observed-attempt.ts';
import { createSpacesOrigin } from './diagnostics/spaces-origin.ts';
import { readSession } from './account/session.ts';
import type { Engine, EngineListener } from './engine-types.ts';
import { createAddCalls } from './ingest/add-calls.ts';
import { createIngest } from './ingest/ingest.ts';
import type { Logger } from './logging/logger.ts';
import { createNetworkCalls } from './network/network-calls.ts';
import { ChangeFeed } from './queue/change-feed.ts';
import { createQueueCalls } from './queue/queue-calls.ts';
import { toItem, toTransfer, toUploadFigures } from './queue/queue-view.ts';
import { DatabaseError } from './queue/database-error.ts';
import { Scheduler, troubleMs } from './queue/scheduler.ts';
import { TransferMeter } from './queue/transfer-meter.ts';
import { UploadQueue } from './queue/upload-queue.ts';
import type { KeyValueStore, UploadRecord, UploadStore } from './queue/upload-store.ts';
import type { Random } from './random.ts';
import { AdaptiveSlots } from './resilience/adaptive-slots.ts';
import { CircuitBreakers } from './resilience/circuit-breaker.ts';
import { RateLimits } from './resilience/rate-limits.ts';
import { Reachability } from './resilience/reachability.ts';
import { createSettingsStore } from './settings.ts';
import type { Spool } from './spool/spool.ts';
import { createTransportChooser } from './transport/choose-transport.ts';
import type { Http } from './transport/http.ts';
import { AfterADeath } from './upload/after-a-death.ts';
import { runAttempt } from './upload/attempt.ts';
import { Housekeeping } from './upload/housekeeping.ts';
import { createSyncCall } from './upload/sync-call.ts';
import type { WakeCause } from './upload/transition.ts';
import { createUploadCalls } from './upload/upload-calls.ts';

export interface EnginePorts {
  clock: Clock;
  random: Random;
  log: Logger;
  /** The bare network; the engine puts its own guards around it. */
  http: Http;
  spool: Spool;
  store: UploadStore;
  keyValues: KeyValueStore;
  /** Of the disk where the spool lies. */
  diskSpace: () => Promise<DiskSpace>;
  /** The database is a new one, because the one before was damaged: ms since the epoch. */
  queueReplacedAt?: number;
  keySource: Status['keySource'];
  /** What holds where nothing was set, such as an administrator's gateway address. */
  defaults?: Partial<Settings>;
  /** Begins to send by itself. Off for one-off commands that only look or add. */
  sending: boolean;
  /** What looks at the connection and tells what is wrong with it. Absent: nobody does, as in the simulation. */
  connection?: MakeConnectionWatch;
}

const dayMs = 86_400_000;
/** Two announcements are at least this far apart: four a second. */
const announceEveryMs = 250;
/** How often a gateway is asked again what it accepts while it has never said. */
const negotiateEveryMs = 5_000;
/** After this an open breaker lets a trial through. */
const circuitTrialMs = 10_000;
/** Somebody stands there and waits for "safe to remove the card": until then nothing new is sent, and where it takes longer than this, one at a time. */
const readingFirstMs = 5_000;
const pausedKey = 'queue.paused';
const queueReplacedKey = 'queue.replaced-at';

/** Puts the engine together and starts it. What a dead process left half done is made good before this resolves. */
export async function createEngine(ports: EnginePorts): Promise<Engine> {
  const { clock, random, log, spool, store, keyValues } = ports;
  const startedAt = clock.monotonic();
  const closing = new AbortController();
  const listeners = new Set<EngineListener>();
  const emit: EngineListener = (event, payload) => { for (const listener of listeners) listener(event, payload); };

  /** Since when photos are being read from a card. */
  let takingInSince: number | undefined;
  let circuitTrial: Promise<void> | undefined;
  /** Asks until the gateway has said what it accepts; a new one takes the place of the one before. */
  let negotiating: AbortController | undefined;

  const settings = createSettingsStore(keyValues, log, ports.defaults);
  const queue = new UploadQueue(store);
  const meter = new TransferMeter();
  const slots = new AdaptiveSlots(settings.get().concurrency);
  const afterADeath = new AfterADeath(keyValues, slots);

  const breakers = new CircuitBreakers({ onChange: (_origin, open) => { log.warn('circuit', { open }); if (!open) wake('circuit'); } });
  const limits = new RateLimits(clock);
  const reachability = new Reachability({ http: ports.http, clock, random, log, onBack: () => networkIsBack() });
  const behindBreaker = createBehindBreaker(clock);
  const spacesOrigin = createSpacesOrigin(keyValues, () => settings.get().gateway);
  const http = breakers.guard(behindBreaker.watch(limits.guard(reachability.observe(spacesOrigin.watch(ports.http)))));

  const account = createAccount({ http, store: keyValues, clock, random, log, settings: settings.get, hasQueuedPhotos: (patientId) => store.hasUnfinished(patientId) });
  const transport = createTransportChooser({ account, http, clock });
  const ingest = createIngest({ spool, store, clock, random, log, limits: account.limits, removeLocation: () => settings.get().removeLocation, diskFree: async () => (await ports.diskSpace()).freeBytes });
  const housekeeping = new Housekeeping({ queue, spool, clock, log, transport });

  const scheduler = new Scheduler({
    queue, clock,
    onTrouble: (error) => log.error('database.trouble', { reason: error.reason }),
    concurrency: () => (takingInSince === undefined ? settings.get().concurrency : clock.monotonic() - takingInSince < readingFirstMs ? 0 : 1),
    ready: () => {
      const accountId = account.ownerId();
      const present = transport();
      if (accountId === undefined || !present || account.state().name !== 'signedIn') return undefined;
      return { accountId, perPatientOrder: present.ordering === 'per-patient' };
    },
    runAttempt: async (id, signal) => {
      const present = transport();
      if (!present) return { name: 'interrupted' };
      const before = store.get(id);
      const beganAt = clock.monotonic();
      const outcome = await runAttempt({
        transport: present, queue, spool, slots, clock, random, log,
        onUnconfirmed: (upload, bytes) => { meter.setUnconfirmed(upload, bytes, clock.now()); feed.changed(upload); },
      }, id, signal);
      const told = before && observedAttempt(outcome, before, store.get(id), { at: clock.now(), durationMs: clock.monotonic() - beganAt, behindBreaker: () => behindBreaker.take() });
      if (told) watch.observe(told);
      if (outcome.name === 'failed' && outcome.failure.code === 'circuit-open') tryCircuitLater(outcome.failure.retryAfterMs ?? 0);
      if (outcome.name === 'completed') { sync.completed += 1; sync.bytes += outcome.bytes; housekeeping.finished(id); afterADeath.progressed(); }
      return outcome;
    },
  });
  /** Counted since the start, for `sync` to take differences of. */
  const sync = { completed: 0, bytes: 0 };

  const feed = new ChangeFeed({
    clock, everyMs: announceEveryMs,
    announce: (ids, more) => emit('queue', {
      counts: store.counts(account.ownerId()), transfer: transfer(), more,
      items: ids.flatMap((id) => { const record = store.get(id); return record && mine(record) ? [item(record)] : []; }),
    }),
  });
  queue.onChange((id) => feed.changed(id));

  function mine(record: UploadRecord): boolean {
    return record.facts.accountId === account.ownerId();
  }

  function item(record: UploadRecord) {
    return toItem(record, meter.unconfirmed(record.facts.id));
  }

  function transfer() {
    return toTransfer(meter.rate(clock.now()), store.remainingBytes(account.ownerId()), scheduler.paused);
  }

  /** What a cause held up starts at once. */
  function wake(cause: WakeCause): void {
    try {
      const woken = queue.wakeAll(cause, clock.now());
      if (woken > 0) log.info('queue.woken', { cause, count: woken });
    } catch (error) {
      // Whoever tells us of the cause cannot help it that the disk is full; what was to wake is not forgotten.
      if (!(error instanceof DatabaseError)) throw error;
      log.error('database.trouble', { reason: error.reason });
      void clock.sleep(troubleMs, closing.signal).then(() => { if (!closing.signal.aborted) wake(cause); });
    }
    scheduler.poke();
  }

  async function diskNow(): Promise<Status['disk']> {
    try {
      const space = await ports.diskSpace();
      return { ...space, low: isLow(space) };
    } catch {
      return undefined;
    }
  }

  function networkIsBack(): void {
    breakers.reset();
    wake('network');
    if (!account.limits()) void negotiate();
    housekeeping.abortCancelled();
  }

  /** What a breaker holds, ours or the server's, is tried again when a trial is due. */
  function tryCircuitLater(retryAfterMs: number): void {
    circuitTrial ??= clock.sleep(Math.max(circuitTrialMs, retryAfterMs), closing.signal).then(() => {
      circuitTrial = undefined;
      if (!closing.signal.aborted) wake('circuit');
    });
  }

  async function negotiate(afterMs = 0): Promise<void> {
    negotiating?.abort();
    const mine = negotiating = new AbortController();
    const signal = AbortSignal.any([mine.signal, closing.signal]);
    if (afterMs > 0) await clock.sleep(afterMs, signal);
    while (!signal.aborted && account.state().name === 'signedIn') {
      const known = await account.negotiate().catch(() => undefined);
      scheduler.poke();
      if (known) return;
      await clock.sleep(negotiateEveryMs, signal);
    }
  }

  const watch = (ports.connection ?? noConnectionWatch)({
    clock, random, log, emit, settings: settings.get, status: () => calls.getStatus(), contract: () => account.limits()?.contract,
    spacesOrigin: () => spacesOrigin.of(settings.get().gateway),
    token: () => {
      const session = readSession(keyValues);
      return session?.gateway === settings.get().gateway?.replace(/\/+$/, '') ? session?.accessToken : undefined;
    },
  });

  let lookedAs = account.state().name;
  account.subscribe((state) => {
    emit('account', state);
    if (state.name === 'signedIn') wake('signed-in');
    // What was found for somebody who was not signed in, or was no longer, is found anew.
    if (state.name !== lookedAs) watch.wake('network-online');
    lookedAs = state.name;
    scheduler.poke();
    feed.changed();
  });
  settings.onChange((changed) => {
    slots.setMost(changed.concurrency);
    emit('settings', changed);
    scheduler.poke();
  });

  const calls: EngineImplementation = {
    getStatus: async () => ({
      counts: store.counts(account.ownerId()),
      transfer: transfer(),
      account: account.state(),
      uploads: toUploadFigures(store.metrics(clock.now() - dayMs, account.ownerId()), dayMs),
      oldestWaitingAt: store.oldestUnfinishedAt(account.ownerId()),
      uptimeMs: clock.monotonic() - startedAt,
      disk: await diskNow(),
      queueReplacedAt: storedMoment(keyValues.get(queueReplacedKey)),
      keySource: ports.keySource,
    }),
    getAccount: () => account.state(),
    signIn: async ({ email, password }) => {
      const state = await account.signIn(email, password);
      // A gateway that could not say what it accepts is asked until it can: before that nothing is sent.
      if (state.name === 'signedIn' && !state.limits && ports.sending) void negotiate(negotiateEveryMs);
      return state;
    },
    signOut: async () => {
      const state = account.signOut();
      await scheduler.interruptAll();
      return state;
    },
    ...createAccountCalls({ account }),
    ...createOwnKeysCalls(),
    ...createNetworkCalls(),
    searchPatients: (search) => account.patients.search(search),

    ...createAddCalls({ ingest, account, queue, emit, tellQueue: () => feed.flush(), onBusy: (busy) => { takingInSince = busy ? clock.monotonic() : undefined; scheduler.poke(); } }),
    ...createQueueCalls({ queue, ownerId: () => account.ownerId(), isMine: mine, toItem: item }),
    pauseQueue: async () => {
      keyValues.set(pausedKey, 'true');
      await scheduler.pause();
      feed.changed();
    },
    resumeQueue: () => {
      keyValues.delete(pausedKey);
      if (ports.sending) scheduler.resume();
      feed.changed();
    },
    ...createUploadCalls({ queue, scheduler, housekeeping, clock, mayChange: mine, toItem: item }),
    sync: createSyncCall({ account, scheduler, store, clock, sent: sync, closing: closing.signal, isPaused: () => keyValues.get(pausedKey) !== undefined }),
    getSettings: () => settings.get(),
    getFixedSettings: () => ({ names: [] }),
    changeSettings: async (changes) => {
      const before = settings.get().gateway;
      const changed = settings.change(changes);
      if (changed.gateway !== before) {
        await scheduler.interruptAll();
        account.restore();
        watch.wake('network-online');
        if (account.state().name === 'signedIn') void negotiate();
      }
      return changed;
    },
    ...watch.calls,
    wake: ({ reason }) => {
      log.info('network.hint', { reason });
      watch.wake(reason);
      if (reason === 'network-offline' || reason === 'falling-asleep') return;
      // What the old network left behind is dead, though no one has said so.
      ports.http.forgetConnections();
      reachability.knockNow();
      networkIsBack();
    },
  };

  if (ports.queueReplacedAt !== undefined) keyValues.set(queueReplacedKey, String(ports.queueReplacedAt));
  afterADeath.begin(await housekeeping.recover());
  account.restore();
  // What held uploads up may have gone while nobody was looking; who knew of it has died.
  wake('network');
  if (ports.sending) {
    scheduler.start(keyValues.get(pausedKey) !== undefined);
    if (account.state().name === 'signedIn' && !account.limits()) void negotiate();
    housekeeping.abortCancelled();
    watch.start();
  }
  log.info('engine.started', { sending: ports.sending });

  return {
    calls: callsOnADisk(calls),
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    async close() {
      closing.abort();
      await watch.stop();
      await scheduler.stop();
      if (ports.sending) afterADeath.forget();
      await housekeeping.close();
      reachability.stop();
      feed.close();
      ports.http.close();
      log.info('engine.stopped');
    },
  };
}

function storedMoment(json: string | undefined): number | undefined {
  return timestampSchema.safeParse(Number(json)).data;
}
