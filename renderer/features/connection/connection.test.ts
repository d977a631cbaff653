import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { followCheck } from '../../client/connection-check.ts';
import { evidenceText } from './evidence-text.ts';
import { latencyShape } from './latency-points.ts';
import { stepsOf } from './steps.ts';

type Facts = Partial<Extract<ProbeResult, { status: 'ran' }>>;
function probe(layer: ProbeResult['layer'], kind: ProbeResult['kind'], target: ProbeResult['target'], facts: Facts = {}): ProbeResult {
  return { layer, kind, target, at: { wall: 0, monotonic: 0 }, status: 'ran', outcome: 'ok', ...facts };
}
const stateOf = (results: ProbeResult[], layer: string, finished = true): string | undefined =>
  stepsOf(results, finished).find((step) => step.layer === layer)?.state;

describe('the steps of a check', () => {
  it('do not fail for a family of addresses that the building lacks', () => {
    const results = [probe('L3', 'tcp', 'gateway', { family: 4 }), probe('L3', 'tcp', 'gateway', { family: 6, outcome: 'failed', finding: 'unreachable' })];
    expect(stateOf(results, 'L3')).toBe('ok');
  });

  it('fail where one of the places is not reached, unless it is only there for comparison', () => {
    expect(stateOf([probe('L3', 'tcp', 'gateway'), probe('L3', 'tcp', 'spaces', { outcome: 'failed' })], 'L3')).toBe('failed');
    expect(stateOf([probe('L3', 'tcp', 'gateway'), probe('L3', 'tcp', 'control', { outcome: 'failed' })], 'L3')).toBe('ok');
  });

  it('say which one runs now, and which were not needed in the end', () => {
    const results = [probe('L0', 'interfaces', 'computer')];
    expect(stepsOf(results, false).map(({ state }) => state)).toEqual(['ok', 'running', 'pending', 'pending', 'pending', 'pending', 'pending', 'pending']);
    expect(stateOf(results, 'L7')).toBe('skipped');
    expect(stateOf([{ ...probe('L7', 'canary', 'media'), status: 'skipped', why: 'metered' } as ProbeResult], 'L7')).toBe('skipped');
  });
});

it('follows only the check that was asked for here', () => {
  const begun = { name: 'running', done: 0, total: 0, results: [] } as const;
  const one = followCheck(begun, { runId: 'a', done: 1, total: 9, latest: probe('L0', 'disk', 'computer'), finished: false });
  expect(one).toMatchObject({ done: 1, total: 9, runId: 'a' });
  expect(followCheck(one, { runId: 'b', done: 5, total: 9, finished: false })).toBe(one);
  expect(followCheck({ name: 'idle' }, { runId: 'b', done: 5, total: 9, finished: false })).toEqual({ name: 'idle' });
});

it('writes each probe on a line with all that it found, in the order of the layers', () => {
  const lines = evidenceText([
    probe('L3', 'tcp', 'gateway', { family: 4, outcome: 'failed', finding: 'unreachable', errno: 'EHOSTUNREACH', phases: { tcp: 3071.4, total: 3071.4 }, onLink: true }),
    { ...probe('L1', 'captive-portal', 'network'), status: 'skipped', why: 'no gateway is set' } as ProbeResult,
  ]).split('\n');
  expect(lines[0]).toMatch(/^L1 network {2}captive-portal +skipped +no gateway is set$/);
  expect(lines[1]).toMatch(/^L3 gateway {2}tcp\/IPv4 +unreachable tcp=3071ms total=3071ms errno=EHOSTUNREACH onLink=true$/);
});

describe('the graph', () => {
  const now = 10 * 3_600_000;

  it('shows the last hour, interrupted where a try failed', () => {
    const shape = latencyShape([{ at: now - 7_200_000, ms: 900 }, { at: now - 3_600_000 + 1, ms: 40 }, { at: now - 1_800_000 }, { at: now, ms: 80 }], now);
    expect(shape.lines).toHaveLength(2);
    expect(shape.failures).toEqual([50]);
    expect(shape.lines[1]).toMatch(/ 100,/);
    expect(shape.topMs).toBeLessThan(100);
  });

  it('fills its width with what there is while the hour is not full', () => {
    const shape = latencyShape([{ at: now - 600_000, ms: 40 }, { at: now - 300_000 }, { at: now, ms: 80 }], now);
    expect(shape.lines[0]).toMatch(/^0,/);
    expect(shape.failures).toEqual([50]);
  });
});
