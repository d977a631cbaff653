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

async function watched() {
  let requests = 0;
  let server: Running | undefined = await startHttp((request, response) => { requests += 1; backendHandler(request, response); });
  const port = server.port;
  const time = steppedClock();
  const database = new BetterSqlite(':memory:');
  for (const step of diagnosisMigrations) database.exec(step);
  const history = new DiagnosisHistory(database);
  const url = `http://127.0.0.1:${port}`;
  const environment = diagnosticEnvironment({ clock: time.clock, targets: () => ({ gateway: url, spaces: url, contract: 'upload-sessions' }), token: async () => 't', diskFolder: '/tmp', diskLowBytes: 1 });
  const monitor = new ConnectionMonitor({ environment, history, random: { unit: () => 0.5, uuid: () => 'x' } });
  const shown: (DiagnosisCode | undefined)[] = [];
  monitor.subscribe({ snapshot: (snapshot: ConnectionSnapshot) => shown.push(snapshot.diagnosis?.code) });
  closing.push(async () => { await monitor.stop(); await server?.close(); });
  return {
    monitor, database, history, shown, ...time, requests: () => requests,
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
