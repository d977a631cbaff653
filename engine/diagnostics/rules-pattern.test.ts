/** @file What is a pattern, and what only happened once. Every rule's own case is in `rules.test.ts`. */
import { describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../shared/domain/diagnosis.ts';
import type { Failure } from '../../shared/domain/failure.ts';
import { emptyFacts, type UploadAttempt } from './facts.ts';
import { bad, broken, factsWith, failed, now, sent } from './facts-for-tests.ts';
import { diagnose, diagnoseOnly } from './rules.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const some = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** A photo that failed once and was sent at the second try. */
function again(id: string, at: number, failure: Partial<Failure> = { httpStatus: 500, detail: 'internal_error' }): UploadAttempt[] {
  return [failed(failure, { uploadId: id, at }), sent({ uploadId: id, try: 2, at: at + 3 * second })];
}

describe('drops of connections', () => {
  const code = (drops: number[]): string => diagnose(factsWith([], { drops })).code;

  test('that came at once are one: every photo in flight loses its connection with it', () => {
    expect(code(some(6, () => now - minute))).toBe('HEALTHY');
    expect(code(some(6, (index) => now - minute + index * 700))).toBe('HEALTHY');
    expect(code([...some(6, () => now - 9 * minute), ...some(6, () => now - 5 * minute), ...some(6, () => now - minute)])).toBe('HEALTHY');
  });

  test('that come again and again are a loop, in whatever order they were noted', () => {
    const loop = [9, 6, 3, 1].flatMap((ago) => some(3, (index) => now - ago * minute + index * second));
    expect(code(loop)).toBe('RECONNECT_LOOP');
    expect(code(loop.toReversed())).toBe('RECONNECT_LOOP');
    expect(diagnose(factsWith([], { drops: loop })).evidence[0]?.says).toBe('4 dropped connections in 10 min (12 uploads)');
    expect(code(some(30, (index) => now - minute + index * second))).toBe('RECONNECT_LOOP');
  });
});

describe('what is so now', () => {
  const flaky = some(20, (index) => (index % 2 ? [sent({ at: now - hour + index * minute })] : again(`u${index}`, now - hour + index * minute))).flat();
  const drops = [9, 6, 3, 1].map((ago) => now - ago * minute);
  const unreadable = bad('http', 'gateway', { httpStatus: 500, finding: 'odd-answer' });

  test('is told rather than what was so before', () => {
    expect(diagnose(factsWith([], { attempts: flaky })).code).toBe('UPLOAD_FIRST_TRY_FLAKY');
    expect(diagnose(factsWith([unreadable], { attempts: flaky })).code).toBe('INCONCLUSIVE');
    expect(diagnose(factsWith([], { drops })).code).toBe('RECONNECT_LOOP');
    expect(diagnose(factsWith([unreadable], { drops })).code).toBe('INCONCLUSIVE');
    const failing = some(3, (index) => failed({ httpStatus: 500, detail: 'internal_error' }, { uploadId: 'x', at: now - (3 - index) * 20 * second, durationMs: 4_000 }));
    expect(diagnose(factsWith([], { attempts: [...flaky, ...failing] })).code).not.toBe('UPLOAD_FIRST_TRY_FLAKY');
  });
});

describe('photos that needed a second try', () => {
  const code = (attempts: UploadAttempt[], drops: number[] = []): string => diagnose(factsWith([], { attempts, drops })).code;
  const spread = (failure?: Partial<Failure>): UploadAttempt[] => some(20, (index) => (index % 2 ? [sent({ at: now - hour + index * minute })] : again(`u${index}`, now - hour + index * minute, failure))).flat();

  test.each([
    ['an error of the service', { httpStatus: 500, detail: 'internal_error' }],
    ['an error that the service told within another status', { httpStatus: 401, code: 'server-error', detail: 'unauthorized' }],
    ['a store that the service could not use', { httpStatus: 502, code: 'bad-gateway', detail: 'upload_failed' }],
    ['an error of Spaces', { httpStatus: 500, endpoint: 'spaces', detail: 'InternalError' }],
  ] as [string, Partial<Failure>][])('are a pattern after %s', (_why, failure) => {
    expect(code(spread(failure))).toBe('UPLOAD_FIRST_TRY_FLAKY');
  });

  test.each([
    ['the network', { code: 'connection-reset', detail: 'ECONNRESET' }],
    ['a proxy', { httpStatus: 502, code: 'bad-gateway', detail: 'malformed' }],
    ['a rate limit', { httpStatus: 429, code: 'rate-limited', detail: 'rate_limited' }],
    ['a paused service', { httpStatus: 503, code: 'circuit-open', detail: 'circuit_open' }],
  ] as [string, Partial<Failure>][])('are none because of %s', (_why, failure) => {
    expect(code(spread(failure))).toBe('HEALTHY');
  });

  test('are none where one moment failed all that were in flight', () => {
    const at = now - 10 * minute;
    const inFlight = some(6, (index) => failed({ httpStatus: 500, detail: 'internal_error' }, { uploadId: `u${index}`, at: at + index * 100 }));
    const arrived = some(6, (index) => sent({ uploadId: `u${index}`, try: 2, at: at + 20 * second }));
    expect(code([...some(8, () => sent({ at: at - minute })), ...inFlight, ...arrived, ...some(6, () => sent({ at: at + minute }))])).toBe('HEALTHY');
  });

  test('are none where one outage lasted half a minute and nothing was sent in it', () => {
    const at = now - 10 * minute;
    const during = some(6, (index) => failed({ httpStatus: 503, code: 'service-unavailable', detail: 'service_unavailable' }, { uploadId: `u${index}`, at: at + index * 6 * second }));
    expect(code([...some(8, () => sent({ at: at - minute })), ...during, ...some(6, (index) => sent({ uploadId: `u${index}`, try: 2, at: at + minute })), ...some(6, () => sent({ at: at + 2 * minute }))])).toBe('HEALTHY');
  });

  test('are forgotten after a day', () => {
    const aged = (attempts: UploadAttempt[]): UploadAttempt[] => attempts.map((attempt) => ({ ...attempt, at: attempt.at - 24 * hour }));
    expect(code(aged(spread()))).toBe('HEALTHY');
    expect(code([...aged(spread()), ...some(10, (index) => sent({ at: now - hour + index }))])).toBe('HEALTHY');
  });

  test('are none where nothing is known of the first', () => {
    expect(code(some(20, (index) => sent({ try: 1 + (index % 2) })))).toBe('HEALTHY');
  });
});

describe('who gave up', () => {
  const stalled = { code: 'stalled', detail: 'stalled', ambiguous: true } as const;
  test.each([
    ['TIMEOUT_BUDGET', 'we waited for the gateway’s answer', [failed(stalled, { durationMs: 45_000 })]],
    ['HEALTHY', 'the gateway took the body no further', [failed({ ...stalled, ambiguous: false }, { durationMs: 45_000 })]],
    ['HEALTHY', 'Spaces took a part no further', [failed({ ...stalled, endpoint: 'spaces' }, { durationMs: 45_000 })]],
    ['HEALTHY', 'the gateway had longer than it takes for itself', [failed(stalled, { durationMs: 170_000 })]],
  ] as [string, string, UploadAttempt[]][])('%s where %s', (code, _why, attempts) => {
    expect(diagnose(factsWith([], { attempts })).code).toBe(code);
  });
});

describe('photos that fail again and again while every check passes', () => {
  const photos = (count: number, failure: Partial<Failure>, everyMs = second): UploadAttempt[] =>
    some(count, (index) => failed(failure, { at: now - 10 * second - (count - index) * everyMs }));
  const code = (attempts: UploadAttempt[], probes: ProbeResult[] = []): string => diagnose(factsWith(probes, { attempts })).code;

  test.each([
    ['TLS_INTERCEPTED', { code: 'tls-failed', disposition: 'wait', detail: 'EPROTO' }],
    ['TLS_INTERCEPTED', { code: 'certificate-untrusted', disposition: 'wait', endpoint: 'spaces' }],
    ['TLS_EXPIRED', { code: 'certificate-expired', disposition: 'wait', endpoint: 'spaces' }],
    ['AUTH_FORBIDDEN', { code: 'forbidden', disposition: 'needsAttention', httpStatus: 403, detail: 'forbidden' }],
    ['SPACES_UNREACHABLE_FROM_CLIENT', { code: 'connect-timeout', disposition: 'wait', endpoint: 'spaces' }],
    ['SPACES_UNREACHABLE_FROM_CLIENT', { code: 'offline', disposition: 'wait', endpoint: 'spaces', detail: 'EHOSTUNREACH' }],
    ['SPACES_UNREACHABLE_FROM_CLIENT', { code: 'dns-failed', disposition: 'wait', endpoint: 'spaces' }],
    ['SPACES_UNREACHABLE_FROM_CLIENT', { code: 'proxy-failed', disposition: 'wait', endpoint: 'spaces' }],
    ['INCONCLUSIVE', { code: 'malformed-answer', detail: 'truncated' }],
    ['INCONCLUSIVE', { code: 'connection-reset', detail: 'ECONNRESET', endpoint: 'spaces' }],
    ['INCONCLUSIVE', { code: 'stalled', endpoint: 'spaces', detail: 'stalled' }],
    ['INCONCLUSIVE', { code: 'connect-timeout', disposition: 'wait' }],
    ['INCONCLUSIVE', { code: 'connection-refused', disposition: 'wait' }],
    ['INCONCLUSIVE', { code: 'proxy-auth-required', disposition: 'wait' }],
    ['INCONCLUSIVE', { code: 'server-error', httpStatus: 500, detail: 'internal_error' }],
  ] as [string, Partial<Failure>][])('give %s for %o', (expected, failure) => {
    const diagnosis = diagnose(factsWith([], { attempts: photos(2, failure, 10 * second) }));
    expect(diagnosis.code).toBe(expected);
    expect(diagnosis.severity).not.toBe('info');
    expect(diagnosis.evidence.filter(({ source }) => source === 'upload')).toHaveLength(2);
    expect(code([sent({ at: now - hour }), ...photos(2, failure, 10 * second), sent()])).toBe('HEALTHY');
  });

  test('are only probably what a failure’s code says, since no check confirms it', () => {
    for (const failure of [{ code: 'tls-failed' }, { code: 'certificate-expired' }, { code: 'connect-timeout', endpoint: 'spaces' }] as const) {
      expect(diagnose(factsWith([], { attempts: photos(5, failure) })).certainty).toBe('probable');
    }
  });

  test('that fail now this way, now that, have no name', () => {
    expect(code([...photos(2, { code: 'tls-failed' }), failed({ code: 'malformed-answer' })])).toBe('INCONCLUSIVE');
  });

  test('are one event where they fell together, and several where one of them fell again', () => {
    const together = some(6, (index) => failed({ code: 'connection-reset', detail: 'ECONNRESET' }, { uploadId: `u${index}`, at: now - 30 * second + index * 200 }));
    expect(code(together)).toBe('HEALTHY');
    expect(code([...together, failed({ code: 'connection-reset' }, { uploadId: 'u0', try: 2, at: now - 29 * second })])).toBe('INCONCLUSIVE');
  });

  test('count where a photo waits a quarter of an hour between its tries', () => {
    const slowly = some(10, (index) => failed({ code: 'connection-reset' }, { uploadId: 'u', try: index + 1, at: now - (10 - index) * 12 * minute }));
    expect(code(slowly)).toBe('INCONCLUSIVE');
    expect(code(slowly.map((attempt) => ({ ...attempt, at: attempt.at - hour })))).toBe('HEALTHY');
  });

  test('say nothing any more where a check shows what they met to be mended', () => {
    expect(code(photos(5, { code: 'offline', disposition: 'wait' }, 10 * second))).toBe('HEALTHY');
    expect(code(photos(5, { code: 'dns-failed', disposition: 'wait' }, 10 * second))).toBe('HEALTHY');
    const expired = photos(5, { code: 'session-expired', disposition: 'signIn' });
    expect(code(expired)).toBe('HEALTHY');
    expect(code(expired, [{ ...broken('auth', 'gateway'), status: 'skipped', why: 'nobody is signed in' }])).toBe('AUTH_EXPIRED');
  });
});

describe('all is well only where the gateway was seen to work', () => {
  const skipped = (kind: ProbeResult['kind'], why: string): ProbeResult => ({ ...broken(kind, 'gateway'), status: 'skipped', why });

  test('not where nothing was asked of anybody', () => {
    expect(diagnose(emptyFacts(now))).toMatchObject({ code: 'INCONCLUSIVE', evidence: [{ target: 'gateway', says: 'http not run' }] });
    expect(diagnoseOnly(emptyFacts(now), 'CLOCK_SKEW').code).toBe('INCONCLUSIVE');
  });

  test('not without an address, and the evidence says so', () => {
    const without = factsWith([]).probes.filter(({ target }) => target === 'computer' || target === 'network');
    const facts = { ...emptyFacts(now), probes: [...without, skipped('http', 'no gateway is set')] };
    expect(diagnose(facts)).toMatchObject({ code: 'INCONCLUSIVE', severity: 'warn', evidence: [{ layer: 'L5', target: 'gateway', says: 'http not run: no gateway is set' }] });
    expect(diagnoseOnly(facts, 'CLOCK_SKEW')).toMatchObject({ code: 'INCONCLUSIVE', evidence: [{ says: 'http not run: no gateway is set' }] });
  });

  test('but a rule that needs nothing of the gateway is answered without', () => {
    expect(diagnoseOnly(emptyFacts(now), 'UPLOAD_FIRST_TRY_FLAKY').code).toBe('HEALTHY');
    expect(diagnoseOnly(factsWith([]), 'CLOCK_SKEW').code).toBe('HEALTHY');
  });
});
