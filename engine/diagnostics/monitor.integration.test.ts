import BetterSqlite from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import type { ConnectionSnapshot, DiagnosisCode } from '../../shared/domain/diagnosis.ts';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { diagnosticEnvironment } from './environment.ts';
import { failed, sent } from './facts-for-tests.ts';
import { diagnosisMigrations } from './history-migrations.ts';
import { DiagnosisHistory } from './history.ts';
import { backendHandler, startHttp, type Running } from './laboratory/servers.ts';
import { ConnectionMonitor } from './monitor.ts';
import { runChecks } from './run.ts';

/** The computer's clock, but nobody sleeps unless let: waits end when told, and their lengths are kept. */
function steppedClock() {
  const waits: number[] = [];
  let wakeUp: (() => void) | undefined;
  let asked: (() => void) | undefined;
  let ahead = 0;
  const clock: Clock = {
    now: () => systemClock.now() + ahead,
    monotonic: () => systemClock.monotonic() + ahead,
    sleep: (ms, signal) => new Promise((resolve) => {
      waits.push(ms);
      const end = (): void => { wakeUp = undefined; resolve(); };
      wakeUp = () => { ahead += ms; end(); };
      if (signal?.aborted) { end(); return; }
      signal?.addEventListener('abort', end, { once: true });
      asked?.();
    }),
  };
  /** Until the monitor has nothing to do but wait. */
  const idle = (): Promise<void> => (wakeUp ? Promise.resolve() : new Promise((resolve) => { asked = () => { asked = undefined; resolve(); }; }));
  const pass = async (): Promise<void> => { await idle(); wakeUp?.(); await idle(); };
  return { clock, waits, idle, pass };
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => { for (const close of closing.splice(0).toReversed()) await close(); });

async function watched(given: { diskLowBytes?: number } = {}) {
  let requests = 0;
  let commands = 0;
  let up = true;
  let server: Running | undefined = await startHttp((request, response) => {
    requests += 1;
    if (up) backendHandler(request, response);
    else response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
  });
  const port = server.port;
  const time = steppedClock();
  const database = new BetterSqlite(':memory:');
  for (const step of diagnosisMigrations) database.exec(step);
  const history = new DiagnosisHistory(database);
  const url = `http://127.0.0.1:${port}`;
  const environment = diagnosticEnvironment({ clock: time.clock, targets: () => ({ gateway: url, spaces: url, contract: 'upload-sessions' }), token: async () => 't', diskFolder: '/tmp', diskLowBytes: 1, ...given, runCommand: async () => { commands += 1; return { name: 'missing' }; } });
  const monitor = new ConnectionMonitor({ environment, history, random: { unit: () => 0.5, uuid: () => 'x' } });
  const shown: (DiagnosisCode | undefined)[] = [];
  monitor.subscribe({ snapshot: (snapshot: ConnectionSnapshot) => shown.push(snapshot.diagnosis?.code) });
  closing.push(async () => { await monitor.stop(); await server?.close(); });
  return {
    monitor, database, history, environment, shown, ...time, requests: () => requests, commands: () => commands,
    /** The proxy in front says 502 to everything, or no longer does. */
    setUp: (isUp: boolean) => { up = isUp; },
    stopServer: async () => { await server?.close(); server = undefined; },
    startServer: async () => { server = await startHttp(undefined, { port }); },
  };
}

test('a gateway that goes away is shown after three looks and ten seconds, and its return after two', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  expect(at.shown).toEqual(['HEALTHY']);
  await at.stopServer();
  await at.pass();
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('HEALTHY');
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('GATEWAY_DOWN');
  expect(at.monitor.snapshot().path.broken).toEqual({ kind: 'node', node: 'gateway' });
  expect(at.waits.slice(0, 3)).toEqual([60_000, 5000, 10_000]);
  await at.startServer();
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('GATEWAY_DOWN');
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('HEALTHY');
  expect(at.monitor.snapshot().changes.map((change) => change.to)).toEqual(['HEALTHY', 'GATEWAY_DOWN']);
});

test('a person’s own failed upload is explained at once', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  await at.stopServer();
  at.monitor.observe(failed({ code: 'connection-refused', disposition: 'wait' }, { at: at.clock.now() }));
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('GATEWAY_DOWN');
});

test('a history that cannot be written hides nothing', async () => {
  const at = await watched();
  at.database.exec('DROP TABLE diagnosis_results; DROP TABLE diagnosis_changes; CREATE TABLE diagnosis_results (id INTEGER, kind, at, result); CREATE TABLE diagnosis_changes (id INTEGER, change)');
  at.monitor.start();
  await at.idle();
  await at.stopServer();
  at.monitor.observe(failed({ code: 'connection-refused', disposition: 'wait' }, { at: at.clock.now() }));
  await at.pass();
  expect(at.monitor.snapshot().diagnosis?.code).toBe('GATEWAY_DOWN');
});

test('photos that go through spare the probes; asleep, nothing is asked at all', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  const before = at.requests();
  at.monitor.observe(sent({ at: at.clock.now() }));
  await at.pass();
  expect(at.requests()).toBe(before + 3);
  at.monitor.observe(sent({ at: at.clock.now() + 30_000 }));
  at.monitor.setAsleep(true);
  for (let minute = 0; minute < 10; minute += 1) await at.pass();
  expect(at.requests()).toBe(before + 3);
});

test('on a metered link no check is made until uploads have paid for it', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  const before = at.requests();
  at.monitor.setMetered(true);
  for (let minute = 0; minute < 5; minute += 1) await at.pass();
  expect(at.requests()).toBe(before);
  at.monitor.observe(sent({ bytes: 50_000_000, at: at.clock.now() }));
  for (let minute = 0; minute < 3; minute += 1) await at.pass();
  expect(at.requests()).toBeGreaterThan(before);
});

const code = (at: { monitor: ConnectionMonitor }): DiagnosisCode | undefined => at.monitor.snapshot().diagnosis?.code;
const badGateway = (at: { clock: Clock }) => failed({ code: 'bad-gateway', httpStatus: 502, detail: 'malformed' }, { at: at.clock.now(), bytes: 0 });

test('a good check that a person asked for shows at once', async () => {
  const at = await watched();
  at.setUp(false);
  await at.monitor.check();
  expect(code(at)).toBe('NO_HEALTHY_BACKEND');
  at.setUp(true);
  await at.monitor.check();
  expect(code(at)).toBe('HEALTHY');
});

test('a failed upload whose cause is not found does not clear what is shown', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  at.setUp(false);
  at.monitor.observe(badGateway(at));
  await at.pass();
  expect(code(at)).toBe('NO_HEALTHY_BACKEND');
  at.setUp(true);
  at.monitor.observe(failed({ code: 'connection-refused', disposition: 'wait' }, { at: at.clock.now() - 60 * 60_000 }));
  await at.pass();
  expect(code(at)).toBe('NO_HEALTHY_BACKEND');
});

test('until a fault that has passed is no longer shown, the looks stay close together', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  at.setUp(false);
  for (let turn = 0; turn < 4; turn += 1) await at.pass();
  expect(code(at)).toBe('NO_HEALTHY_BACKEND');
  at.setUp(true);
  await at.pass();
  expect([code(at), at.waits.at(-1)]).toEqual(['NO_HEALTHY_BACKEND', 5000]);
  await at.pass();
  expect([code(at), at.waits.at(-1)]).toEqual(['HEALTHY', 60_000]);
});

test('a disk with little space is shown, and costs the connection no closer looks', async () => {
  const at = await watched({ diskLowBytes: Number.MAX_SAFE_INTEGER });
  at.monitor.start();
  await at.idle();
  expect(at.monitor.snapshot().diagnosis).toMatchObject({ code: 'HEALTHY', severity: 'warn', overlays: ['DISK_LOW'] });
  const before = { requests: at.requests(), commands: at.commands() };
  for (let minute = 0; minute < 3; minute += 1) await at.pass();
  expect([at.requests() - before.requests, at.commands() - before.commands]).toEqual([9, 0]);
});

test.each(['network-offline', 'network-online'] as const)('asleep, %s wakes nobody; waking up does', async (reason) => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  at.monitor.setAsleep(true);
  const before = at.requests();
  at.monitor.wake(reason);
  for (let turn = 0; turn < 3; turn += 1) await at.pass();
  expect(at.requests()).toBe(before);
  at.monitor.wake('resumed-from-sleep');
  await at.pass();
  expect(at.requests()).toBeGreaterThan(before);
});

test('on a metered link an own failed upload is explained at once, and looked into once', async () => {
  const at = await watched();
  at.setUp(false);
  at.monitor.setMetered(true);
  at.monitor.start();
  await at.idle();
  expect([code(at), at.requests()]).toEqual([undefined, 0]);
  at.monitor.observe(badGateway(at));
  await at.pass();
  expect(at.shown[0]).toBe('NO_HEALTHY_BACKEND');
  const once = at.requests();
  expect(once).toBeGreaterThan(3);
  for (let turn = 0; turn < 3; turn += 1) {
    at.monitor.observe(badGateway(at));
    await at.pass();
  }
  expect([code(at), at.requests()]).toEqual(['NO_HEALTHY_BACKEND', once]);
  // Photos that arrive pay for looks again, and the first of them for one more where the next fails.
  at.setUp(true);
  at.monitor.observe(sent({ bytes: 50_000_000, at: at.clock.now() }));
  for (let turn = 0; turn < 3; turn += 1) await at.pass();
  expect(code(at)).toBe('HEALTHY');
});

test('what an answer to an upload says is told without a packet', async () => {
  const at = await watched();
  at.monitor.setMetered(true);
  at.monitor.start();
  await at.idle();
  // The one check is spent on a failure whose cause has passed.
  at.monitor.observe(failed({ code: 'connection-refused', disposition: 'wait' }, { at: at.clock.now() - 60 * 60_000 }));
  await at.pass();
  expect(code(at)).toBe('HEALTHY');
  const spent = at.requests();
  at.monitor.observe(failed({ code: 'server-disk-full', disposition: 'wait', httpStatus: 507, detail: 'malformed' }, { at: at.clock.now(), bytes: 0 }));
  await at.pass();
  expect([code(at), at.requests()]).toEqual(['SERVER_DISK_FULL', spent]);
});

test('a closer look on a metered link is paid for by its own price, not by a light one’s', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  const light = await runChecks(at.environment, { scope: 'light' });
  const full = await runChecks(at.environment, { scope: 'full' });
  expect(full.bytes).toBeGreaterThan(1.6 * light.bytes);
  await at.pass();
  at.monitor.setMetered(true);
  // Pays for two light looks and a half.
  at.monitor.observe(sent({ bytes: 250 * light.bytes, at: at.clock.now() }));
  at.setUp(false);
  const before = at.requests();
  await at.pass();
  expect(at.requests() - before).toBe(3);
});

test('what was made good within a try is remembered, and no reason to look', async () => {
  const at = await watched();
  at.monitor.start();
  await at.idle();
  const before = at.requests();
  at.monitor.observe({ ...badGateway(at), madeGood: true });
  at.monitor.observe(sent({ try: 2, at: at.clock.now() }));
  await at.pass();
  expect(at.requests() - before).toBe(3);
  expect(at.history.attempts().map(({ outcome, try: which }) => [outcome, which])).toEqual([['failed', 1], ['ok', 2]]);
});
