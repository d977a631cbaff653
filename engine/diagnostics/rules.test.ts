import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnosisCodes, diagnosisSchema, diagnosisSeverity, probeKindSchema, probeTargetSchema, findingSchema, type DiagnosisCode, type ProbeResult } from '../../shared/domain/diagnosis.ts';
import { emptyFacts, type Facts, type UploadAttempt } from './facts.ts';
import { bad, broken, factsWith, failed, healthyProbes, now, ok, sent, unreachableGateway } from './facts-for-tests.ts';
import { diagnose, diagnoseOnly, rules } from './rules.ts';

const minute = 60_000;
const timeout = { finding: 'timeout', errno: 'ETIMEDOUT' } as const;
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
/** Every other photo fails at first, by the server's fault. */
const secondTry = (index: number, at: number): UploadAttempt[] => (
  index % 2 === 0 ? [sent({ at })] : [failed({ httpStatus: 500, detail: 'internal_error' }, { uploadId: `again-${index}`, at }), sent({ uploadId: `again-${index}`, try: 2, at: at + 3000 })]);
const readyz = (check: object): ProbeResult => bad('readyz', 'media', { httpStatus: 503, answeringHop: 'media', checks: [{ name: 'spaces', ok: true }, { name: 'database', ok: true }, check as never].filter((one, index, all) => all.findLastIndex((other) => other.name === one.name) === index) });
const spacesGone = [bad('tcp', 'spaces', { family: 4, ...timeout }), bad('http', 'spaces', timeout)];

const cases: [DiagnosisCode, string, Facts][] = [
  ['HEALTHY', 'nothing is wrong', factsWith([])],
  ['CLIENT_OFFLINE', 'no interface is up', factsWith([bad('interfaces', 'computer', { interfacesUp: 0, finding: 'no-interface' }), ...unreachableGateway(timeout)])],
  ['CLIENT_OFFLINE', 'no route in either family', factsWith([bad('source-address', 'network', { family: 4, finding: 'no-route', errno: 'ENETUNREACH' }), bad('route', 'gateway', { address: '203.0.113.10', finding: 'no-route' }), ...unreachableGateway({ finding: 'unreachable', errno: 'ENETUNREACH' })])],
  ['LAN_GATEWAY_DEAD', 'the router’s neighbour entry failed', factsWith([bad('neighbour', 'network', { neighbourState: 'failed' }), ...unreachableGateway({ finding: 'unreachable', errno: 'EHOSTUNREACH' })])],
  ['CAPTIVE_PORTAL', 'the check was redirected', factsWith([bad('captive-portal', 'network', { finding: 'redirected', httpStatus: 302 }), ...unreachableGateway({ finding: 'certificate-name' })])],
  ['CAPTIVE_PORTAL', 'the challenge came back wrong', factsWith([bad('captive-portal', 'network', { finding: 'wrong-challenge', httpStatus: 204 }), ...unreachableGateway(timeout)])],
  ['PROXY_BROKEN', '407', factsWith([bad('http', 'gateway', { finding: 'proxy-auth', httpStatus: 407, answeringHop: 'proxy' }), bad('http', 'media', { finding: 'proxy-auth', httpStatus: 407 })])],
  ['PROXY_BROKEN', 'Chromium names the proxy', factsWith([bad('chromium', 'gateway', { errno: 'ERR_TUNNEL_CONNECTION_FAILED' }), ...unreachableGateway({ ...timeout, proxyUsed: true })])],
  ['DNS_BAD_CONFIG', 'a control resolver answers', factsWith([bad('dns', 'gateway', { finding: 'name-error', errno: 'EAI_AGAIN' }), ok('dns-control-resolver', 'gateway'), ...unreachableGateway({ finding: 'name-error' }).slice(1)])],
  ['DNS_RECORD_MISSING', 'NXDOMAIN while another name resolves', factsWith([bad('dns', 'gateway', { finding: 'name-missing', errno: 'ENOTFOUND' }), ...unreachableGateway({ finding: 'name-missing' }).slice(1)])],
  ['DNS_FAILURE', 'NXDOMAIN, and no other name resolves', factsWith([bad('dns', 'gateway', { finding: 'name-missing' }), bad('dns-control-name', 'control'), ...unreachableGateway({ finding: 'name-missing' }).slice(1)])],
  ['DNS_FAILURE', 'the resolver does not answer', factsWith([bad('dns', 'gateway', { finding: 'name-error', errno: 'EAI_AGAIN' }), ...unreachableGateway({ finding: 'name-error' }).slice(1)])],
  ['ONLINK_ROUTE_ARP', 'all four signs', factsWith([ok('route', 'gateway', { address: '203.0.113.10', onLink: true }), bad('neighbour', 'gateway', { neighbourState: 'failed' }), ...unreachableGateway({ finding: 'unreachable', errno: 'EHOSTUNREACH' })])],
  ['ONLINK_ROUTE_ARP', 'the same for Spaces, where photos go straight to it', factsWith([ok('route', 'spaces', { address: '203.0.113.20', onLink: true }), bad('neighbour', 'spaces', { neighbourState: 'incomplete' }), bad('tcp', 'spaces', { family: 4, finding: 'unreachable', errno: 'EHOSTUNREACH' }), bad('http', 'spaces', { finding: 'unreachable', errno: 'EHOSTUNREACH' })])],
  ['GATEWAY_DOWN', 'the gateway refuses', factsWith(unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' }))],
  ['PATH_TIMEOUT', 'silence while Spaces answers', factsWith(unreachableGateway(timeout))],
  ['PATH_TIMEOUT', 'Spaces is silent to us while media reaches it', factsWith(spacesGone)],
  ['CLOCK_SKEW', 'an hour off', factsWith((['gateway', 'media', 'spaces'] as const).map((target) => ok('http', target, { httpStatus: 200, dateOffsetMs: 3_600_000 })))],
  ['CLOCK_SKEW', 'it wins over the certificate that only seems to have expired', factsWith([bad('tls', 'gateway', { finding: 'certificate-expired', dateOffsetMs: -86_400_000 * 400 }), ok('http', 'spaces', { httpStatus: 403, dateOffsetMs: -86_400_000 * 400 }), ...unreachableGateway({ finding: 'certificate-expired' }).slice(1)])],
  ['TLS_EXPIRED', 'notAfter is past', factsWith([bad('tls', 'gateway', { finding: 'certificate-expired', dateOffsetMs: 0 }), ...unreachableGateway({ finding: 'certificate-expired' }).slice(1)])],
  ['TLS_INTERCEPTED', 'Node does not trust the root', factsWith([bad('tls', 'gateway', { finding: 'certificate-untrusted' }), ok('chromium', 'gateway'), ...unreachableGateway({ finding: 'certificate-untrusted' }).slice(1)])],
  ['TLS_INTERCEPTED', 'an issuer that the administrator did not name', factsWith([], { expectedIssuers: ['E5'] })],
  ['CORS_MISCONFIG', 'only the renderer is refused', factsWith([bad('renderer', 'gateway')])],
  ['AUTH_EXPIRED', 'verify says 401', factsWith([bad('auth', 'gateway', { httpStatus: 401 })])],
  ['AUTH_FORBIDDEN', '403 while verify says 200', factsWith([], { attempts: [failed({ code: 'forbidden', httpStatus: 403, disposition: 'needsAttention', detail: 'forbidden' })] })],
  ['RATE_LIMITED', '429 to a probe', factsWith([bad('http', 'media', { httpStatus: 429, retryAfterMs: 12_000 })])],
  ['PAYLOAD_TOO_LARGE', '413', factsWith([], { attempts: [failed({ code: 'too-large', httpStatus: 413, disposition: 'needsAttention' })] })],
  ['PAYLOAD_TOO_LARGE', 'HeartGuard’s 401 to an oversize body', factsWith([], { contract: 'gateway-photo', attempts: [failed({ code: 'session-expired', httpStatus: 401, disposition: 'needsAttention', detail: 'unauthorized' }, { oversize: true })] })],
  ['ROUTE_MISSING', 'the proxy’s 404', factsWith([bad('http', 'media', { httpStatus: 404, answeringHop: 'proxy' })])],
  ['CIRCUIT_OPEN', '503 with a breaker header', factsWith([bad('http', 'media', { httpStatus: 503, circuitOpen: true, answeringHop: 'proxy' })])],
  ['NO_HEALTHY_BACKEND', 'the proxy’s 503', factsWith([bad('http', 'gateway', { httpStatus: 503, answeringHop: 'proxy' }), bad('http', 'media', { httpStatus: 503, answeringHop: 'proxy' })])],
  ['MEDIA_DOWN', 'the gateway says service_unavailable', factsWith([bad('http', 'media', { httpStatus: 503, serverCode: 'service_unavailable', answeringHop: 'gateway' })])],
  ['SERVER_DISK_FULL', '507', factsWith([], { attempts: [failed({ code: 'server-disk-full', httpStatus: 507 })] })],
  ['SERVER_DISK_FULL', 'readyz says so', factsWith([readyz({ name: 'disk', ok: false, errno: 'ENOSPC' })])],
  ['MEDIA_CREDENTIALS', 'Spaces answered media 403', factsWith([readyz({ name: 'spaces', ok: false, httpStatus: 403 })])],
  ['MEDIA_SPACES_ROUTE', 'on-link and EHOSTUNREACH', factsWith([readyz({ name: 'spaces', ok: false, errno: 'EHOSTUNREACH', onLink: true })])],
  ['SPACES_DOWN', 'media and client both fail; the client did before', factsWith([readyz({ name: 'spaces', ok: false, errno: 'ETIMEDOUT' }), ...spacesGone])],
  ['SPACES_DOWN', 'contract A, judged by the uploads', factsWith([...spacesGone, { ...broken('readyz', 'media'), status: 'skipped', why: 'no readyz' }], { contract: 'gateway-photo', attempts: [failed({ code: 'gateway-timeout', httpStatus: 504, detail: 'timeout' })] })],
  ['MEDIA_SPACES_UNREACHABLE', 'readyz fails, the client reaches it', factsWith([readyz({ name: 'spaces', ok: false, errno: 'ETIMEDOUT' })])],
  ['MEDIA_SPACES_UNREACHABLE', 'the 504 of contract A', factsWith([{ ...broken('readyz', 'media'), status: 'skipped', why: 'no readyz' }], { contract: 'gateway-photo', attempts: [failed({ code: 'gateway-timeout', httpStatus: 504, detail: 'timeout' })] })],
  ['DEPENDENCY_DEGRADED', 'readyz: the cache', factsWith([readyz({ name: 'cache', ok: false, errno: 'ECONNREFUSED' })])],
  ['TIMEOUT_BUDGET', 'we gave up at 30 s', factsWith([], { attempts: [failed({ code: 'stalled' }, { gaveUp: true, durationMs: 30_000 })] })],
  ['UPLOAD_FIRST_TRY_FLAKY', 'half needed a second try', factsWith([], { attempts: many(20, (index) => index).flatMap((index) => secondTry(index, now - (20 - index) * minute)) })],
  ['SERVER_BUG', 'the same 500 three times, quickly', factsWith([], { attempts: many(3, () => failed({ httpStatus: 500, detail: 'internal_error' })) })],
  ['RECONNECT_LOOP', 'four drops in ten minutes', factsWith([], { drops: [9, 6, 3, 1].map((ago) => now - ago * minute) })],
  ['SLOW_PATH', 'a phase over three times its baseline', factsWith([], { comparisons: [{ target: 'gateway', phase: 'tls', p50Ms: 900, baselineMs: 60 }] })],
  ['SPACES_UNREACHABLE_FROM_CLIENT', 'contract A does not need it', factsWith(spacesGone, { contract: 'gateway-photo' })],
  ['SPACES_UNREACHABLE_FROM_CLIENT', 'photos arrive all the same', factsWith(spacesGone, { attempts: [sent()] })],
  ['INCONCLUSIVE', 'nothing fits', factsWith(unreachableGateway({ finding: 'reset', errno: 'ECONNRESET' }))],
  ['INCONCLUSIVE', 'a probe itself broke', factsWith([broken('readyz', 'media')])],
];

describe('diagnose', () => {
  test.each(cases)('%s: %s', (code, _why, facts) => {
    const diagnosis = diagnose(facts);
    expect(diagnosis.code).toBe(code);
    expect(diagnosisSchema.safeParse(diagnosis).success).toBe(true);
    if (code !== 'HEALTHY') expect(diagnosis.evidence.length).toBeGreaterThan(0);
  });

  test('every rule has a case, and stands in the order of the codes', () => {
    const numbered = rules.map((rule) => rule.code);
    expect(rules.map((rule) => rule.number)).toEqual(rules.map((_, index) => index + 1));
    expect(numbered).toEqual(diagnosisCodes.slice(0, 35));
    expect(new Set(cases.map(([code]) => code))).toEqual(new Set(['HEALTHY', ...numbered]));
  });

  test.each([
    ['three of the four signs: the neighbour answers', [ok('route', 'gateway', { address: '203.0.113.10', onLink: true }), ok('neighbour', 'gateway', { neighbourState: 'reachable' }), ...unreachableGateway({ finding: 'unreachable', errno: 'EHOSTUNREACH' })]],
    ['three of the four signs: a gateway routes it', [ok('route', 'gateway', { address: '203.0.113.10', onLink: false }), bad('neighbour', 'gateway', { neighbourState: 'failed' }), ...unreachableGateway({ finding: 'unreachable', errno: 'EHOSTUNREACH' })]],
    ['three of the four signs: refused, not unreachable', [ok('route', 'gateway', { address: '203.0.113.10', onLink: true }), bad('neighbour', 'gateway', { neighbourState: 'failed' }), ...unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })]],
  ] as [string, ProbeResult[]][])('is not ONLINK_ROUTE_ARP with %s', (_why, probes) => {
    expect(diagnose(factsWith(probes)).code).not.toBe('ONLINK_ROUTE_ARP');
  });

  test.each([
    ['a target that is not behind it', [ok('route', 'gateway', { address: '203.0.113.10', onLink: true }), ...unreachableGateway({ finding: 'unreachable', errno: 'EHOSTUNREACH' })]],
    ['a connection that somebody refused', unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })],
  ] as [string, ProbeResult[]][])('does not call the router dead because of %s', (_why, probes) => {
    expect(diagnose(factsWith([bad('neighbour', 'network', { neighbourState: 'incomplete' }), ...probes])).code).not.toBe('LAN_GATEWAY_DEAD');
  });

  test('a bare 503 of the service is not an open circuit, and a 503 of the gateway not a missing backend', () => {
    expect(diagnose(factsWith([bad('http', 'media', { httpStatus: 503, answeringHop: 'media' })])).code).toBe('MEDIA_DOWN');
  });

  test.each([
    ['a dead router', [bad('neighbour', 'network', { neighbourState: 'failed' })]],
    ['a captive portal', [bad('captive-portal', 'network', { finding: 'redirected' })]],
    ['a failed look-up', [bad('dns', 'gateway', { finding: 'name-error' })]],
    ['a refused connection', [bad('tcp', 'gateway', { family: 4, errno: 'ECONNREFUSED', finding: 'refused' })]],
  ] as [string, ProbeResult[]][])('says nothing of %s while the gateway answers', (_why, probes) => {
    expect(diagnose(factsWith(probes)).code).toBe('HEALTHY');
  });

  test('the rate limit says for how long', () => {
    expect(diagnose(factsWith([bad('http', 'media', { httpStatus: 429, retryAfterMs: 11_500 })])).params).toEqual({ n: 12 });
  });

  test('what only fits is called probable, what is proven certain', () => {
    const skipped: ProbeResult = { ...broken('readyz', 'media'), status: 'skipped', why: 'no readyz' };
    const seed = factsWith([skipped], { contract: 'gateway-photo', attempts: [failed({ code: 'gateway-timeout', httpStatus: 504, detail: 'timeout' })] });
    expect(diagnose(seed).certainty).toBe('probable');
    expect(diagnose(factsWith([readyz({ name: 'spaces', ok: false, errno: 'EHOSTUNREACH', onLink: true })])).certainty).toBe('certain');
  });

  test('Spaces out of reach fails photos that go straight to it, and informs otherwise', () => {
    const unreadable = [...spacesGone, { ...broken('readyz', 'media'), status: 'skipped', why: 'not signed in' } as ProbeResult];
    expect(diagnose(factsWith(spacesGone, { contract: 'gateway-photo' })).severity).toBe('info');
    expect(diagnose(factsWith(unreadable)).severity).toBe('fail');
  });

  test('one failed try is everyday and names nothing; a photo sent since forgets the failures', () => {
    const failure = { httpStatus: 500, detail: 'internal_error' };
    expect(diagnose(factsWith([], { attempts: [failed(failure)] })).code).toBe('HEALTHY');
    expect(diagnose(factsWith([], { attempts: [failed(failure), failed(failure), failed(failure), sent()] })).code).toBe('HEALTHY');
  });

  test('overlays lie over any diagnosis and never hide it', () => {
    const low = bad('disk', 'computer', { freeBytes: 100_000, finding: 'low' });
    const changes = [8, 6, 4, 2].map((ago) => now - ago * minute);
    const both = diagnose(factsWith([low, ...unreachableGateway({ errno: 'ECONNREFUSED', finding: 'refused' })], { changes }));
    expect([both.code, both.overlays, both.severity]).toEqual(['GATEWAY_DOWN', ['DISK_LOW', 'FLAPPING'], 'fail']);
    const alone = diagnose(factsWith([low]));
    expect([alone.code, alone.overlays, alone.severity]).toEqual(['HEALTHY', ['DISK_LOW'], 'warn']);
    expect(diagnose(factsWith([], { changes: changes.slice(1) })).overlays).toEqual([]);
  });

  test('a check for one code answers for that one alone', () => {
    const facts = factsWith(unreachableGateway(timeout));
    expect(diagnoseOnly(facts, 'PATH_TIMEOUT').code).toBe('PATH_TIMEOUT');
    expect(diagnoseOnly(facts, 'GATEWAY_DOWN').code).toBe('HEALTHY');
  });
});

describe('whatever the facts', () => {
  const probe = fc.record({
    status: fc.constantFrom('ran', 'ran', 'ran', 'skipped', 'error'), outcome: fc.constantFrom('ok', 'failed'), why: fc.constant('?'),
    kind: fc.constantFrom(...probeKindSchema.options), target: fc.constantFrom(...probeTargetSchema.options), layer: fc.constant('L5'),
    family: fc.constantFrom(4, 6, undefined), at: fc.constant({ wall: now, monotonic: 0 }), finding: fc.option(fc.constantFrom(...findingSchema.options), { nil: undefined }),
    errno: fc.option(fc.constantFrom('ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'ERR_PROXY_CONNECTION_FAILED'), { nil: undefined }),
    httpStatus: fc.option(fc.constantFrom(200, 204, 401, 403, 404, 407, 413, 429, 500, 502, 503, 504, 507), { nil: undefined }),
    answeringHop: fc.option(fc.constantFrom('client', 'proxy', 'gateway', 'media', 'spaces'), { nil: undefined }),
    neighbourState: fc.option(fc.constantFrom('reachable', 'failed', 'incomplete', 'none'), { nil: undefined }), onLink: fc.option(fc.boolean(), { nil: undefined }),
    dateOffsetMs: fc.option(fc.double({ noNaN: true }), { nil: undefined }), freeBytes: fc.option(fc.nat(), { nil: undefined }), interfacesUp: fc.option(fc.nat(2), { nil: undefined }),
    certificate: fc.option(fc.record({ notAfter: fc.integer({ min: 0 }), issuer: fc.string() }), { nil: undefined }),
    checks: fc.option(fc.array(fc.record({ name: fc.constantFrom('spaces', 'database', 'disk', 'cache'), ok: fc.boolean(), errno: fc.option(fc.constantFrom('EHOSTUNREACH', 'ENOSPC'), { nil: undefined }), onLink: fc.boolean() })), { nil: undefined }),
    circuitOpen: fc.boolean(), address: fc.constant('203.0.113.10'), retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
  }) as unknown as fc.Arbitrary<ProbeResult>;
  const attempt = fc.record({ code: fc.constantFrom('server-error', 'forbidden', 'too-large', 'gateway-timeout', 'stalled', 'unknown'), status: fc.constantFrom(undefined, 401, 403, 413, 429, 500, 502, 504), ago: fc.nat(30 * minute), good: fc.boolean(), gaveUp: fc.boolean() })
    .map(({ code, status, ago, good, gaveUp }) => (good ? sent({ at: now - ago }) : failed({ code: code as never, httpStatus: status }, { at: now - ago, gaveUp })));
  const anyFacts = fc.record({
    probes: fc.array(probe, { maxLength: 30 }), attempts: fc.array(attempt, { maxLength: 25 }), contract: fc.constantFrom('upload-sessions', 'gateway-photo', 'own-keys', undefined),
    drops: fc.array(fc.integer({ min: now - 20 * minute, max: now })), changes: fc.array(fc.integer({ min: now - 20 * minute, max: now })), spacesReachedBefore: fc.boolean(),
  }).map((fields): Facts => ({ ...emptyFacts(now), ...fields } as Facts));

  test('it never throws, always parses, and the same facts always give the same diagnosis', () => {
    fc.assert(fc.property(anyFacts, (facts) => {
      const diagnosis = diagnose(facts);
      diagnosisSchema.parse(diagnosis);
      expect(diagnose(facts)).toEqual(diagnosis);
    }), { numRuns: 2000 });
  });

  test('the first rule that matches wins', () => {
    fc.assert(fc.property(anyFacts, (facts) => {
      const matching = rules.filter((rule) => diagnoseOnly(facts, rule.code).code === rule.code);
      expect(diagnose(facts).code).toBe(matching[0]?.code ?? 'HEALTHY');
    }), { numRuns: 500 });
  });

  test('rules 1–10 stay silent while every needed target works', () => {
    const goodAnswers = healthyProbes().filter((one) => one.kind === 'http');
    fc.assert(fc.property(anyFacts, (facts) => {
      const probes = [...facts.probes.filter((one) => one.kind !== 'http'), ...goodAnswers];
      const code = diagnose({ ...facts, probes }).code;
      expect(diagnosisCodes.indexOf(code)).toBeGreaterThanOrEqual(10);
    }), { numRuns: 1000 });
  });

  test('a severity belongs to every code', () => {
    expect(Object.keys(diagnosisSeverity).toSorted()).toEqual([...diagnosisCodes].toSorted());
  });
});
