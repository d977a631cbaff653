import { expect, test } from 'vitest';
import BetterSqlite from 'better-sqlite3';
import { failed, now, ok, bad, sent } from './facts-for-tests.ts';
import { diagnosisMigrations } from './history-migrations.ts';
import { DiagnosisHistory } from './history.ts';
import type { ProbeResult } from '../../shared/domain/diagnosis.ts';

const minute = 60_000;

function opened() {
  const database = new BetterSqlite(':memory:');
  for (const step of diagnosisMigrations) database.exec(step);
  return { database, history: new DiagnosisHistory(database) };
}

function answer(minutesAgo: number, firstByte: number): ProbeResult {
  return { ...ok('http', 'gateway', { httpStatus: 200, phases: { tcp: 10, firstByte, total: 10 + firstByte } }), at: { wall: now - minutesAgo * minute, monotonic: 0 } };
}

test('keeps the newest 500 results and 200 changes, and no more', () => {
  const { history } = opened();
  history.recordProbes(Array.from({ length: 700 }, (_, index) => answer(700 - index, index)));
  for (let index = 0; index < 300; index += 1) history.recordChange({ at: now + index, to: 'GATEWAY_DOWN' });
  const results = history.results();
  expect(results).toHaveLength(500);
  expect(results[0]).toMatchObject({ at: { wall: now - minute } });
  expect(history.changes()).toHaveLength(200);
  expect(history.changes()[0]?.at).toBe(now + 299);
});

test('latency of the last hour: points, p50, p95, when it last worked; a failed try is a point without a value', () => {
  const { history } = opened();
  history.recordProbes([answer(90, 500), ...Array.from({ length: 20 }, (_, index) => answer(20 - index, (index + 1) * 10))]);
  history.recordProbes([{ ...bad('http', 'gateway', { finding: 'timeout', phases: { total: 8000 } }), at: { wall: now, monotonic: 0 } }]);
  const gateway = history.latency(now).find((series) => series.target === 'gateway')!;
  expect(gateway.points).toHaveLength(21);
  expect(gateway.points.at(-1)).toEqual({ at: now });
  expect([gateway.p50Ms, gateway.p95Ms]).toEqual([110, 200]);
  expect(gateway.lastOkAt).toBe(now - minute);
  expect(gateway.lastPhases?.firstByte).toBe(200);
});

test('a phase that has become slow is compared with what it used to be', () => {
  const { history } = opened();
  history.recordProbes(Array.from({ length: 30 }, (_, index) => answer(59 - index, 40)));
  history.recordProbes(Array.from({ length: 10 }, (_, index) => answer(10 - index, 900)));
  const slow = history.comparisons(now).find((one) => one.phase === 'firstByte')!;
  expect(slow.p50Ms).toBe(900);
  expect(slow.baselineMs).toBeLessThan(45);
  const same = history.comparisons(now).find((one) => one.phase === 'tcp')!;
  expect(same.p50Ms / same.baselineMs).toBeCloseTo(1);
});

test('too few answers are compared with nothing', () => {
  const { history } = opened();
  history.recordProbes(Array.from({ length: 4 }, (_, index) => answer(4 - index, 900)));
  expect(history.comparisons(now)).toEqual([]);
});

test('attempts and dropped connections come back as they were told, oldest first', () => {
  const { history } = opened();
  const attempts = [sent({ at: now - 3 }), failed({ code: 'connection-reset', disposition: 'retry', detail: 'ECONNRESET' }, { at: now - 2 }), failed({ httpStatus: 500 }, { at: now - 1 })];
  for (const attempt of attempts) history.recordAttempt(attempt);
  expect(history.attempts()).toEqual(attempts);
  history.recordDrop(now - 2);
  expect(history.known(now).drops).toEqual([now - 2]);
  expect(history.known(now).spacesReachedBefore).toBe(true);
});

test('a row that does not parse is passed over', () => {
  const { database, history } = opened();
  history.recordChange({ at: now, to: 'GATEWAY_DOWN' });
  database.exec(`INSERT INTO diagnosis_changes (at, change) VALUES (1, '{"to":"NONSENSE"}'), (2, 'not json')`);
  expect(history.changes()).toEqual([{ at: now, to: 'GATEWAY_DOWN' }]);
});
