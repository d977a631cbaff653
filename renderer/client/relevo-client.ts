import { type AppContract, type AppClient, appContract, type RelevoBridge } from '../../shared/app-contract.ts';
import type { AccountState } from '../../shared/domain/account.ts';
import type { ConnectionSnapshot } from '../../shared/domain/diagnosis.ts';
import type { NetworkState } from '../../shared/domain/network.ts';
import { administratorSettings, type SettingName, type Settings } from '../../shared/domain/settings.ts';
import { isInFilter } from '../../shared/domain/queue-filter.ts';
import type { QueueCounts, UploadItem, UploadState } from '../../shared/domain/upload.ts';
import type { Transfer } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import { connect, type Connection } from '../../shared/rpc/typed-rpc.ts';
import { type CheckState, followCheck } from './connection-check.ts';
import { MissingPatients } from './missing-patients.ts';
import { followRun, noRun, type RunProgress } from './run-progress.ts';
import { noSaving, type Saving } from './saving.ts';
import { addSpeed, emptySpeedHistory, type SpeedHistory } from './speed-history.ts';
import { createStore, type Store } from './store.ts';
import { Thumbnails } from './thumbnails.ts';

export type EngineState = EventPayload<AppContract, 'engineState'>;
export type AppInfo = Awaited<ReturnType<AppClient['getAppInfo']>>;

export interface QueueSummary {
  counts: QueueCounts;
  transfer: Transfer;
  run: RunProgress;
  speeds: SpeedHistory;
}

/** What the whole window knows of the engine, kept up to date by its events. */
export interface RelevoClient {
  readonly call: AppClient;
  readonly on: Connection<AppContract>['on'];
  readonly pathOf: (file: File) => string;
  readonly engine: Store<EngineState>;
  readonly appInfo: Store<AppInfo | undefined>;
  readonly account: Store<AccountState | undefined>;
  readonly settings: Store<Settings | undefined>;
  /** What only an administrator changes on this computer. */
  readonly fixed: Store<readonly SettingName[]>;
  readonly network: Store<NetworkState | undefined>;
  readonly queue: Store<QueueSummary | undefined>;
  /** Why the photos that wait do so, as far as the newest of them tells. */
  readonly waitingFor: Store<UploadState | undefined>;
  /** What is known of the way to the server; its diagnosis is absent until a first check has ended. */
  readonly connection: Store<ConnectionSnapshot | undefined>;
  readonly check: Store<CheckState>;
  readonly thumbnails: Thumbnails;
  readonly missing: MissingPatients;
  readonly saving: Store<Saving>;
}

/** Connects the window to the engine through the preload script's bridge. Call once. */
export function createRelevoClient(bridge: RelevoBridge): RelevoClient {
  const connection = connect(appContract, bridge);
  const client: RelevoClient = {
    call: connection.call,
    on: connection.on,
    pathOf: (file) => bridge.pathOf(file),
    engine: createStore<EngineState>('starting'),
    appInfo: createStore<AppInfo | undefined>(undefined),
    account: createStore<AccountState | undefined>(undefined),
    settings: createStore<Settings | undefined>(undefined),
    fixed: createStore<readonly SettingName[]>(administratorSettings),
    network: createStore<NetworkState | undefined>(undefined),
    queue: createStore<QueueSummary | undefined>(undefined),
    waitingFor: createStore<UploadState | undefined>(undefined),
    connection: createStore<ConnectionSnapshot | undefined>(undefined),
    check: createStore<CheckState>({ name: 'idle' }),
    thumbnails: new Thumbnails(connection.call),
    missing: new MissingPatients(connection.call),
    saving: createStore<Saving>(noSaving),
  };
  keepUpToDate(client);
  return client;
}

function keepUpToDate(client: RelevoClient): void {
  forgetWithTheAccount(client);
  client.on('account', (account) => client.account.set(account));
  client.on('settings', (settings) => client.settings.set(settings));
  client.on('network', (network) => client.network.set(network));
  client.on('connection', (snapshot) => client.connection.set(snapshot));
  client.on('check', (progress) => client.check.update((state) => followCheck(state, progress)));
  client.on('queue', ({ counts, transfer, items }) => {
    showQueue(client, counts, transfer);
    followReason(client, counts, items);
  });
  client.on('engineState', (state) => {
    client.engine.set(state);
    if (state === 'running') void readAll(client);
  });
  client.call.getAppInfo().then((info) => client.appInfo.set(info), () => undefined);
  client.call.getEngineState().then((state) => {
    client.engine.set(state);
    if (state === 'running') void readAll(client);
  }, () => client.engine.set('failed'));
}

/** After the engine's start, and after each of its restarts: events that fell in between were lost. */
async function readAll(client: RelevoClient): Promise<void> {
  try {
    const [settings, account] = await Promise.all([client.call.getSettings(), client.call.getAccount()]);
    client.settings.set(settings);
    client.account.set(account);
    const [status, network, { names }] = await Promise.all([client.call.getStatus(), client.call.getNetwork(), client.call.getFixedSettings()]);
    showQueue(client, status.counts, status.transfer);
    followReason(client, status.counts, []);
    client.network.set(network);
    client.fixed.set([...new Set([...names, ...administratorSettings])]);
    client.connection.set(await client.call.getConnection());
  } catch {
    // It stopped again meanwhile; the next 'running' reads anew.
  }
}

/** What was shown to one person is not kept for the next, nor behind a locked window. */
function forgetWithTheAccount(client: RelevoClient): void {
  let before = client.account.get();
  client.account.subscribe(() => {
    const now = client.account.get();
    const [shownBefore, shownNow] = [shownTo(before), shownTo(now)];
    const isFirst = before === undefined;
    before = now;
    if (shownNow === shownBefore) return;
    if (shownBefore !== undefined) {
      client.thumbnails.clear();
      client.missing.clear();
      client.waitingFor.set(undefined);
      // How it went is told to whoever stands before the locked window only where it was still going on.
      if (client.saving.get().open === 0) client.saving.set(noSaving);
    }
    // Another person's queue, and the way to another server, are read anew.
    if (shownNow !== undefined && !isFirst) void readAll(client);
  });
}

/** Whose photos the window may show: another gateway's person is another one, whatever the id. */
function shownTo(account: AccountState | undefined): string | undefined {
  return account && (account.name === 'signedIn' || account.name === 'expired') ? `${account.gateway} ${account.person.id}` : undefined;
}

/** Takes in what a call answered. An event that came before the answer may have told more of the same person already. */
export function takeAccount(client: RelevoClient, answered: AccountState): void {
  const known = client.account.get();
  const isSame = known?.name === answered.name && known.gateway === answered.gateway
    && (known.name === 'signedOut' || answered.name === 'signedOut' || known.person.id === answered.person.id);
  if (!isSame) client.account.set(answered);
}

function showQueue(client: RelevoClient, counts: QueueCounts, transfer: Transfer): void {
  client.queue.update((before) => ({
    counts,
    transfer,
    run: followRun(before?.run ?? noRun, transfer.remainingBytes),
    speeds: addSpeed(before?.speeds ?? emptySpeedHistory, performance.now(), transfer.bytesPerSecond),
  }));
}

/** The counts say that some wait, one of the rows says why. Asked for only when the events do not bring it. */
function followReason(client: RelevoClient, counts: QueueCounts, items: readonly UploadItem[]): void {
  if (counts.waiting + counts.blocked === 0) {
    client.waitingFor.set(undefined);
    return;
  }
  const told = items.find(({ state }) => state.name === 'waiting' || state.name === 'blocked');
  if (told) {
    client.waitingFor.set(told.state);
    return;
  }
  if (shownTo(client.account.get()) === undefined) return;
  const known = client.waitingFor.get();
  if (known && counts[known.name] > 0) return;
  client.call.getQueuePage({ filter: 'waiting', limit: 50 }).then(({ items: page }) => {
    const row = page.find(({ state }) => isInFilter('waiting', state.name) && (state.name === 'waiting' || state.name === 'blocked'));
    client.waitingFor.set(row?.state);
  }, () => undefined);
}
