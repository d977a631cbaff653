/**
 * @file The one place where the engine's parts are put together. Knows nothing of windows, and of the computer only what
 * its ports tell it; `open-engine.ts` gives it the real ones, the simulation its own.
 */
import type { EngineImplementation, Status, Transfer } from '../shared/engine-contract.ts';
import type { Settings } from '../shared/domain/settings.ts';
import { createAccount } from './account/account.ts';
import { createAccountCalls } from './account/account-calls.ts';
import { NegotiationWatch } from './account/negotiation-watch.ts';
import { createOwnKeysCalls } from './account/own-keys-calls.ts';
import { callsOnADisk } from './calls-on-a-disk.ts';
import type { Clock } from './clock.ts';
import type { DiskSpace } from './data-folder/data-folder.ts';
import { createBehindBreaker } from './diagnostics/behind-breaker.ts';
import { noConnectionWatch, type MakeConnectionWatch } from './diagnostics/connection-watch.ts';
import { watchDrops } from './diagnostics/drops.ts';
import { failsFirst, observedAttempts, type RepeatedRequest } from './diagnostics/observed-attempt.ts';
import { createShownToken } from './diagnostics/shown-token.ts';
import { createSpacesOrigin } from './diagnostics/spaces-origin.ts';
import type { PasswordHasher } from './account/password-hash.ts';
import { createPeople } from './account/people.ts';
import { createQueueScope } from './account/queue-scope.ts';
import { createScreenLock } from './account/screen-lock.ts';
import { readSession } from './account/session.ts';
import type { Engine, EngineListener } from './engine-types.ts';
import { createAddCalls } from './ingest/add-calls.ts';
import { createIngest } from './ingest/ingest.ts';
import type { Logger } from './logging/logger.ts';
import { createNetworkCalls } from './network/network-calls.ts';
import { noNetwork, type Network } from './network/network.ts';
import { ChangeFeed } from './queue/change-feed.ts';
import { watchClock } from './queue/clock-watch.ts';
import { createQueueCalls } from './queue/queue-calls.ts';
import { QueueHold } from './queue/queue-hold.ts';
import { toItem, toTransfer } from './queue/queue-view.ts';
import { Scheduler } from './queue/scheduler.ts';
import { TransferMeter } from './queue/transfer-meter.ts';
import { UploadQueue } from './queue/upload-queue.ts';
import { createWaker } from './queue/waker.ts';
import type { KeyValueStore, UploadRecord, UploadStore } from './queue/upload-store.ts';
import type { Random } from './random.ts';
import { AdaptiveSlots } from './resilience/adaptive-slots.ts';
import { CircuitBreakers } from './resilience/circuit-breaker.ts';
import { RateLimits } from './resilience/rate-limits.ts';
import { Reachability } from './resilience/reachability.ts';
import type { AdministratorSettings } from './settings/administrator-settings.ts';
import { createSettingsCalls } from './settings/settings-calls.ts';
import { createSettingsStore } from './settings/settings.ts';
import type { Spool } from './spool/spool.ts';
import { createStatusCall, noteQueueReplaced } from './status.ts';
import { createTransportChooser } from './transport/choose-transport.ts';
import type { Http } from './transport/http.ts';
import { AfterADeath } from './upload/after-a-death.ts';
import { runAttempt } from './upload/attempt.ts';
import { Housekeeping } from './upload/housekeeping.ts';
import { leaveAll } from './upload/leave-session.ts';
import { createSyncCall } from './upload/sync-call.ts';
import { createUploadCalls } from './upload/upload-calls.ts';

export interface EnginePorts {
  clock: Clock;
  random: Random;
  log: Logger;
  /** The bare network; the engine puts its own guards around it. */
  http: Http;
  /** What guides `http`. Absent: nothing does, as in the simulation. */
  network?: Network;
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
  /** What an administrator has deployed to this computer. */
  administrator?: AdministratorSettings;
  /** Knows a password again without the gateway. Absent: only the gateway does, as in the simulation. */
  hasher?: PasswordHasher;
  /** Begins to send by itself. Off for one-off commands that only look or add. */
  sending: boolean;
  /** What looks at the connection and tells what is wrong with it. Absent: nobody does, as in the simulation. */
  connection?: MakeConnectionWatch;
}

/** Two announcements are at least this far apart: four a second. */
const announceEveryMs = 250;
/** Somebody stands there and waits for "safe to remove the card": until then nothing new is sent, and where it takes longer than this, one at a time. */
const readingFirstMs = 5_000;
const pausedKey = 'queue.paused';

/** Puts the engine together and starts it. What a dead process left half done is made good before this resolves. */
export async function createEngine(ports: EnginePorts): Promise<Engine> {
  const { clock, random, log, spool, store, keyValues } = ports;
  const closing = new AbortController();
  const listeners = new Set<EngineListener>();
  const emit: EngineListener = (event, payload) => { for (const listener of listeners) listener(event, payload); };

  /** Photos are being read from a card. */
  let takingIn: { justBegun: boolean } | undefined;
  /** Changes of own keys under way. No pause of the queue, which a person may begin and end meanwhile. */
  let keysChanging = 0;

  const settings = createSettingsStore({ store: keyValues, log, ...(ports.defaults ? { defaults: ports.defaults } : {}), ...(ports.administrator ? { administrator: ports.administrator } : {}) });
  const queue = new UploadQueue(store);
  const meter = new TransferMeter();
  const slots = new AdaptiveSlots(settings.get().concurrency);
  const afterADeath = new AfterADeath(keyValues, slots);

  const wake = createWaker({ queue, clock, log, closing: closing.signal, onWoken: () => scheduler.poke() });
  const hold = new QueueHold({ clock, onChange: () => { scheduler.poke(); feed.rowsChanged(); } });
  const breakers = new CircuitBreakers({ clock, onChange: (_origin, open) => { log.warn('circuit', { open }); if (!open) hold.tryNow(); } });
  const limits = new RateLimits(clock);
  const reachability = new Reachability({ http: ports.http, clock, random, log, onBack: () => networkIsBack() });
  const behindBreaker = createBehindBreaker(clock);
  const spacesOrigin = createSpacesOrigin(keyValues, () => settings.get().gateway);
  const http = breakers.guard(behindBreaker.watch(limits.guard(reachability.observe(spacesOrigin.watch(watchDrops(ports.http, () => watch.observeDrop()))))));

  const people = createPeople({ store: keyValues, clock, hasPhotos: (owner) => store.oldestUnfinishedAt([owner]) !== undefined });
  const account = createAccount({
    http, store: keyValues, clock, random, log, people, settings: settings.get,
    hasQueuedPhotos: (patientId) => store.hasUnfinished(patientId, scope.accounts()),
    onLeaving: () => scheduler.interruptAll(),
  });
  const scope = createQueueScope({ account, people, store, settings: settings.get });
  const screenLock = createScreenLock({ store: keyValues, clock, log, account, settings: settings.get, hasher: ports.hasher });
  const { present: transport, of: transportOf, inDoubt } = createTransportChooser({ account, store: keyValues, http, clock });
  const negotiation = new NegotiationWatch({ account, clock, closing: closing.signal, onAsked: () => { scheduler.poke(); feed.changed(); } });
  const ingest = createIngest({ spool, queue, clock, random, log, together: scope.with, elsewhere: scope.elsewhere, limits: account.limits, removeLocation: () => settings.get().removeLocation, diskFree: async () => (await ports.diskSpace()).freeBytes });
  const housekeeping = new Housekeeping({ queue, spool, clock, log, accounts: scope.accounts, ownerOf: people.ownerOfSealed, transport, transportOf });

  const scheduler = new Scheduler({
    queue, clock, hold,
    onTrouble: (error) => log.error('database.trouble', { reason: error.reason }),
    concurrency: () => (takingIn === undefined ? settings.get().concurrency : takingIn.justBegun ? 0 : 1),
    ready: () => {
      const accounts = scope.accounts();
      const present = transport();
      if (keysChanging > 0 || accounts.length === 0 || !present || account.state().name !== 'signedIn' || !network.mayBegin()) return undefined;
      return { accounts, perPatientOrder: present.ordering === 'per-patient' };
    },
    runAttempt: async (id, signal, isTrial) => {
      const present = transport();
      if (!present) return { name: 'interrupted' };
      const before = store.get(id);
      const beganAt = clock.monotonic();
      let repeated: RepeatedRequest | undefined;
      const outcome = await runAttempt({
        transport: present, transportOf, queue, spool, slots, clock, random, log, elsewhere: scope.elsewhere,
        ...(isTrial ? { trial: { onStored: () => hold.lift() } } : {}),
        onRepeated: (failure) => { if (failsFirst(failure)) repeated ??= { failure, at: clock.now(), durationMs: clock.monotonic() - beganAt }; },
        onUnconfirmed: (upload, bytes) => { meter.setUnconfirmed(upload, bytes, clock.now()); feed.changed(upload); },
      }, id, signal);
      const told = before ? observedAttempts(outcome, before, store.get(id), { at: clock.now(), durationMs: clock.monotonic() - beganAt, repeated, behindBreaker: () => behindBreaker.take() }) : [];
      for (const attempt of told) watch.observe(attempt);
      if (outcome.name === 'failed') negotiation.failed(outcome.failure);
      hold.ended(id, outcome, isTrial);
      if (outcome.name === 'completed') { sync.completed += 1; sync.bytes += outcome.bytes; housekeeping.finished(id); afterADeath.progressed(); }
      return outcome;
    },
  });
  /** Counted since the start, for `sync` to take differences of. */
  const sync = { completed: 0, bytes: 0 };

  const feed = new ChangeFeed({
    clock, everyMs: announceEveryMs,
    announce: (ids, more) => emit('queue', {
      counts: counts(), transfer: transfer(), more,
      items: ids.flatMap((id) => { const record = store.get(id); return record && scope.has(record) ? [item(record)] : []; }),
    }),
  });
  queue.onChange((id) => feed.changed(id));

  function item(record: UploadRecord) {
    return toItem(hold.shown(record), meter.unconfirmed(record.facts.id));
  }

  function counts() {
    return hold.shownCounts(store.counts(scope.counted()));
  }

  /** Kept with the queue: the scheduler of an engine that does not send, as most commands' engines do not, knows nothing of it. */
  const isPaused = (): boolean => keyValues.get(pausedKey) !== undefined;
  const holdsEverything = (): Transfer['hold'] => network.hold() ?? (inDoubt() ? 'contract' : undefined);

  function transfer() {
    return toTransfer(meter.rate(clock.now()), store.remainingBytes(scope.counted()), isPaused(), holdsEverything());
  }

  function networkIsBack(): void {
    breakers.reset();
    hold.lift();
    wake('network');
    negotiation.networkIsBack();
    housekeeping.abortCancelled();
  }

  function readingFirst(isReading: boolean): void {
    const reading: typeof takingIn = isReading ? { justBegun: true } : undefined;
    takingIn = reading;
    scheduler.poke();
    // A card that gives nothing tells nothing either, so the end of its time must be noticed here.
    if (reading) void clock.sleep(readingFirstMs, closing.signal).then(() => { reading.justBegun = false; if (!closing.signal.aborted) scheduler.poke(); });
  }

  const watch = (ports.connection ?? noConnectionWatch)({
    clock, random, log, emit, settings: settings.get, status: () => calls.getStatus(), contract: () => account.limits()?.contract, negotiation: account.negotiation,
    spacesOrigin: () => spacesOrigin.of(settings.get().gateway),
    token: createShownToken({
      tokens: account.tokens,
      session: () => { const session = readSession(keyValues); return session?.gateway === account.gateway() ? session : undefined; },
    }),
  });

  const network = ports.network?.begin({
    settings, keyValues, log, onChange: (state) => emit('network', state), onMetered: watch.setMetered,
    onHold: () => { if (!network.mayBegin()) void scheduler.interruptAll(); scheduler.poke(); feed.changed(); },
    onOpen: () => { reachability.knockNow(); networkIsBack(); },
  }) ?? noNetwork;

  let lookedAs = account.state().name;
  account.subscribe((state) => {
    emit('account', state);
    if (state.name === 'signedIn') wake('signed-in');
    // What was found for somebody who was not signed in, or was no longer, is found anew.
    if (state.name !== lookedAs) watch.wake('network-online');
    // Nobody was asked while nobody was signed in, and the lock's password signs in too.
    if (state.name === 'signedIn' && lookedAs !== 'signedIn' && ports.sending) negotiation.askInTime();
    lookedAs = state.name;
    if (state.name === 'signedIn' && ports.sending) housekeeping.abortCancelled();
    scheduler.poke();
    feed.rowsChanged();
  });
  /** What has to follow from a change of the settings before whoever made it is answered. */
  let followed = Promise.resolve();
  settings.onChange((changed, before) => {
    slots.setMost(changed.concurrency);
    emit('settings', changed);
    if (changed.gateway !== before.gateway) followed = changeGateway();
    if (changed.shareQueue !== before.shareQueue || JSON.stringify(changed.formerGateways) !== JSON.stringify(before.formerGateways)) followed = scheduler.interruptAll().then(() => feed.rowsChanged());
    screenLock.look();
    scheduler.poke();
  });

  async function changeGateway(): Promise<void> {
    await scheduler.interruptAll();
    // What another gateway asked for is not this one's.
    hold.lift();
    account.restore();
    watch.wake('network-online');
    if (account.state().name === 'signedIn') negotiation.askInTime();
  }

  const calls: EngineImplementation = {
    getStatus: createStatusCall({
      account, counts, scope, store, keyValues, clock, transfer, diskSpace: ports.diskSpace, keySource: ports.keySource, administratorFile: () => ports.administrator?.get().state,
    }),
    getAccount: () => account.state(),
    signIn: async ({ email, password }) => {
      const state = await account.signIn(email, password);
      await screenLock.signedIn(password);
      // A gateway that could not say what it accepts is asked until it can: before that nothing is sent.
      if (state.name === 'signedIn' && ports.sending) negotiation.askInTime();
      return state;
    },
    signOut: async () => {
      const state = account.signOut();
      screenLock.signedOut();
      await scheduler.interruptAll();
      return state;
    },
    ...createAccountCalls({ account, people, screenLock, store, http: ports.http, clock, closing: closing.signal }),
    ...createOwnKeysCalls({
      store: keyValues, http: ports.http, clock, log, closing: closing.signal, gateway: () => settings.get().gateway,
      leave: async (at) => { const former = transportOf({ transport: 'own-keys', at }); if (former) await leaveAll({ queue, clock, closing: closing.signal, onCompleted: (id) => housekeeping.finished(id) }, former); },
      whileNothingIsSent: async (work) => {
        keysChanging += 1;
        await scheduler.interruptAll();
        await work().finally(() => { keysChanging -= 1; hold.lift(); scheduler.poke(); });
        account.limitsChanged();
      },
    }),
    ...createNetworkCalls(network),
    searchPatients: (search) => account.patients.search(search),

    ...createAddCalls({ ingest, account, queue, emit, tellQueue: () => feed.flush(), onBusy: readingFirst }),
    ...createQueueCalls({ queue, shown: scope.accounts, isMine: scope.has, toItem: item, isHeld: () => hold.untilTrialMs !== undefined }),
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
    ...createUploadCalls({ queue, scheduler, housekeeping, clock, mayChange: scope.has, toItem: item, onMoved: () => feed.rowsChanged() }),
    sync: createSyncCall({ account, scope, scheduler, network, store, clock, sent: sync, closing: closing.signal, isPaused, hold: holdsEverything }),
    ...createSettingsCalls(settings, () => followed),
    ...watch.calls,
    wake: ({ reason }) => {
      log.info('network.hint', { reason });
      watch.wake(reason);
      network.wake(reason);
      screenLock.look();
      ports.administrator?.look();
      if (reason === 'network-offline' || reason === 'falling-asleep') return;
      // What the old network left behind is dead, though no one has said so.
      ports.http.forgetConnections();
      reachability.knockNow();
      networkIsBack();
    },
  };

  if (ports.queueReplacedAt !== undefined) noteQueueReplaced(keyValues, ports.queueReplacedAt);
  afterADeath.begin(await housekeeping.recover());
  account.restore();
  // What held uploads up may have gone while nobody was looking; who knew of it has died.
  wake('network');
  wake('clock');
  void watchClock({ clock, closing: closing.signal, onSetBack: () => { log.warn('clock.set-back'); wake('clock'); } });
  if (ports.sending) {
    network.start();
    scheduler.start(isPaused());
    if (account.state().name === 'signedIn') negotiation.askInTime();
    housekeeping.abortCancelled();
    watch.start();
  }
  log.info('engine.started', { sending: ports.sending });

  return {
    calls: callsOnADisk(calls),
    screenLock,
    subscribe(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
    async close() {
      closing.abort();
      network.close();
      await watch.stop();
      await scheduler.stop();
      if (ports.sending) afterADeath.forget();
      await housekeeping.close();
      reachability.stop();
      feed.close();
      ports.http.close();
      ports.administrator?.close();
      log.info('engine.stopped');
    },
  };
}
