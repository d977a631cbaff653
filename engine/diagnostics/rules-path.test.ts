/** @file What the rules of the way must not be led astray by. Every rule's own case is in `rules.test.ts`. */
import { describe, expect, test } from 'vitest';
import type { DiagnosisCode, ProbeEvidence, ProbeResult } from '../../shared/domain/diagnosis.ts';
import { diagnosisText } from '../../shared/texts/diagnoses.ts';
import { bad, broken, factsWith, failed, ok, unreachableGateway } from './facts-for-tests.ts';
import { diagnose } from './rules.ts';

const timeout = { finding: 'timeout', errno: 'ETIMEDOUT' } as const;
const page = (status: number): ProbeEvidence => ({ finding: 'odd-answer', httpStatus: status, answeringHop: 'proxy' });
/** The gateway's name in both families, as the probes through it met it. */
const through = (evidence: ProbeEvidence): ProbeResult[] => [bad('http', 'gateway', evidence), bad('http', 'media', evidence)];

describe('one address family that fails beside one that works', () => {
  const sixth: [string, ProbeResult][] = [
    ['no IPv6 on this network', bad('tcp', 'gateway', { family: 6, finding: 'unreachable', errno: 'ENETUNREACH' })],
    ['IPv6 that leads nowhere', bad('tcp', 'gateway', { family: 6, ...timeout })],
    ['nobody listening on IPv6', bad('tcp', 'gateway', { family: 6, finding: 'refused', errno: 'ECONNREFUSED' })],
    ['IPv6 of somebody not on this link', bad('tcp', 'gateway', { family: 6, finding: 'unreachable', errno: 'EHOSTUNREACH' })],
  ];
  const behind: [DiagnosisCode, ProbeResult[]][] = [
    ['NO_HEALTHY_BACKEND', through(page(502))],
    ['RATE_LIMITED', through({ ...page(429), retryAfterMs: 7000 })],
    ['CIRCUIT_OPEN', through({ ...page(503), circuitOpen: true })],
    ['ROUTE_MISSING', through(page(404))],
    ['TLS_EXPIRED', [bad('tls', 'gateway', { finding: 'certificate-expired', dateOffsetMs: 300 }), ...through({ finding: 'certificate-expired' })]],
    ['MEDIA_DOWN', [bad('http', 'media', { httpStatus: 503, serverCode: 'service_unavailable', answeringHop: 'gateway' })]],
    ['HEALTHY', []],
  ];
  test.each(sixth.flatMap(([why, tcp]) => behind.map(([code, probes]) => [why, code, [tcp, ...probes]] as const)))('%s does not hide %s', (_why, code, probes) => {
    expect(diagnose(factsWith(probes)).code).toBe(code);
  });

  test('nor does the link’s own table, where the other family answers', () => {
    const onLink = [ok('route', 'gateway', { family: 6, address: '2001:db8::10', onLink: true }), bad('neighbour', 'gateway', { neighbourState: 'failed' }), bad('tcp', 'gateway', { family: 6, finding: 'unreachable', errno: 'EHOSTUNREACH' })];
    expect(diagnose(factsWith([...onLink, ...through(page(502))])).code).toBe('NO_HEALTHY_BACKEND');
  });
});

describe('the gateway’s silence', () => {
  test('is told by the request, and the connections stand beside it as evidence', () => {
    const refused = { finding: 'refused', errno: 'ECONNREFUSED' } as const;
    const { code, evidence } = diagnose(factsWith([bad('tcp', 'gateway', { family: 6, finding: 'unreachable', errno: 'ENETUNREACH' }), ...unreachableGateway(refused)]));
    expect(code).toBe('GATEWAY_DOWN');
    expect(evidence.map(({ says }) => says.split(' ')[0])).toEqual(['http', 'tcp', 'tcp']);
  });

  test('is none where media answered through it', () => {
    expect(diagnose(factsWith([bad('http', 'gateway', timeout), bad('http', 'media', page(502))])).code).toBe('NO_HEALTHY_BACKEND');
  });

  test('is not compared with an answer of its own host in clear', () => {
    const silent = [...unreachableGateway(timeout), bad('tcp', 'spaces', { family: 4, ...timeout }), bad('http', 'spaces', timeout), bad('neighbour', 'network', { neighbourState: 'stale' })];
    expect(diagnose(factsWith([...silent, ok('captive-portal', 'network', { httpStatus: 301 })])).code).toBe('INCONCLUSIVE');
    expect(diagnose(factsWith([...silent, ok('captive-portal', 'network', { httpStatus: 204 })])).code).toBe('PATH_TIMEOUT');
  });
});

describe('a network that leads nowhere else', () => {
  const nowhere = [4, 6].map((family) => bad('source-address', 'network', { family: family as 4 | 6, finding: 'no-route', errno: 'ENETUNREACH' }));
  const onLink = ok('route', 'gateway', { address: '10.1.2.9', onLink: true });
  const noRoute = bad('route', 'gateway', { address: '203.0.113.10', finding: 'no-route' });
  const none = { finding: 'unreachable', errno: 'ENETUNREACH' } as const;
  const dead = { finding: 'unreachable', errno: 'EHOSTUNREACH' } as const;
  test.each([
    ['GATEWAY_DOWN', 'its gateway refuses', [onLink, ...unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })]],
    ['NO_HEALTHY_BACKEND', 'its gateway says 502', [onLink, ok('tcp', 'gateway', { family: 4 }), ...through(page(502))]],
    ['ONLINK_ROUTE_ARP', 'its gateway is off', [onLink, bad('neighbour', 'gateway', { neighbourState: 'failed' }), ...unreachableGateway(dead)]],
    ['GATEWAY_DOWN', 'its gateway refuses, and the route could not be asked for', [broken('route', 'gateway'), ...unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })]],
    ['CLIENT_OFFLINE', 'the gateway lies elsewhere', [noRoute, ...unreachableGateway(none)]],
    ['CLIENT_OFFLINE', 'the gateway lies elsewhere, in both families', [noRoute, bad('tcp', 'gateway', { family: 6, ...none }), ...unreachableGateway(none)]],
    ['CLIENT_OFFLINE', 'its name cannot be looked up', [noRoute, bad('dns', 'gateway', { finding: 'name-error', errno: 'EAI_AGAIN' }), { ...broken('tcp', 'gateway'), family: 4 }, ...through({ finding: 'name-error', errno: 'EAI_AGAIN' })]],
  ] as [DiagnosisCode, string, ProbeResult[]][])('%s: %s', (code, _why, probes) => {
    const others = [bad('http', 'spaces', none), bad('tcp', 'spaces', { family: 4, ...none })];
    expect(diagnose(factsWith([...nowhere, ...others, ...probes])).code).toBe(code);
  });

  test('is not offline while somebody answers, even with no interface that counts', () => {
    const none = bad('interfaces', 'computer', { interfacesUp: 0, finding: 'no-interface' });
    expect(diagnose(factsWith([none, ok('tcp', 'gateway', { family: 4 }), ...through(page(502))])).code).toBe('NO_HEALTHY_BACKEND');
    expect(diagnose(factsWith([none, ...unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })])).code).toBe('GATEWAY_DOWN');
  });
});

describe('a sign-in page of the network', () => {
  const redirected = (host: string): ProbeResult => bad('captive-portal', 'network', { finding: 'redirected', httpStatus: 302, redirectHost: host });
  const named = (host: string): ProbeResult => ok('dns', 'gateway', { host, addresses: ['203.0.113.10'] });
  const spaces = (evidence: ProbeEvidence): ProbeResult[] => [bad('tcp', 'spaces', { family: 4, ...timeout }), bad('http', 'spaces', evidence)];
  const inClear: ProbeResult = { ...broken('tls', 'gateway'), status: 'skipped', why: 'the address is not https' };
  const inPlace = ok('captive-portal', 'network', { httpStatus: 200 });
  const untrusted = { finding: 'certificate-untrusted', errno: 'SELF_SIGNED_CERT_IN_CHAIN' } as const;

  test.each([
    ['NO_HEALTHY_BACKEND', 'the gateway says 502, its port 80 leads elsewhere', [redirected('cdn.example'), ...through(page(502))]],
    ['PATH_TIMEOUT', 'the own host leads to its sibling www', [named('gateway.clinic.example'), redirected('www.clinic.example'), ...unreachableGateway(timeout)]],
    ['PATH_TIMEOUT', 'the own host leads to its own domain', [named('www.clinica.com.mx'), redirected('clinica.com.mx'), ...unreachableGateway(timeout)]],
    ['SPACES_UNREACHABLE_FROM_CLIENT', 'the gateway works, and only Spaces do not', [redirected('login.hotel.test'), { ...broken('readyz', 'media'), status: 'skipped', why: 'nobody is signed in' }, ...spaces(timeout)]],
    ['INCONCLUSIVE', 'the gateway itself, over TLS, leads elsewhere', [redirected('login.hotel.test'), ...through({ finding: 'redirected', httpStatus: 302, redirectHost: 'login.hotel.test', answeringHop: 'proxy' })]],
    ['PATH_TIMEOUT', 'the own host answers in clear, https is silent, Spaces answer', [inPlace, ...unreachableGateway(timeout)]],
    ['GATEWAY_DOWN', 'the own host answers in clear and refuses https', [inPlace, ...unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })]],
    ['TLS_EXPIRED', 'the own host answers in clear with an expired certificate', [inPlace, bad('tls', 'gateway', { finding: 'certificate-expired', dateOffsetMs: 0 }), ...through({ finding: 'certificate-expired' }), ...spaces(timeout)]],
    ['TLS_INTERCEPTED', 'the own host answers in clear and signs by itself, Spaces answer', [inPlace, bad('tls', 'gateway', untrusted), ...through(untrusted)]],
  ] as [DiagnosisCode, string, ProbeResult[]][])('is not seen (%s) where %s', (code, _why, probes) => {
    expect(diagnose(factsWith(probes)).code).toBe(code);
  });

  test.each([
    ['it leads to a host of its own', [named('gateway.clinic.example'), redirected('login.hotel.example'), ...unreachableGateway(timeout)]],
    ['it shares no more with the gateway than a country', [named('fotos.clinica.com.mx'), redirected('login.hotel.com.mx'), ...unreachableGateway(timeout)]],
    ['it answers for a gateway in clear', [inClear, redirected('login.hotel.test'), ...through({ finding: 'redirected', httpStatus: 302, redirectHost: 'login.hotel.test', answeringHop: 'proxy' })]],
    ['it shows its page in place and drops https', [inPlace, ...unreachableGateway(timeout), ...spaces(timeout)]],
    ['it shows its page in place and breaks https off', [inPlace, ...through({ finding: 'reset', errno: 'ECONNRESET' }), ...spaces({ finding: 'reset', errno: 'ECONNRESET' })]],
    ['it shows its page in place, over https by a certificate of its own', [inPlace, bad('tls', 'gateway', untrusted), ...through(untrusted), ...spaces(untrusted)]],
  ] as [string, ProbeResult[]][])('is seen where %s', (_why, probes) => {
    expect(diagnose(factsWith(probes)).code).toBe('CAPTIVE_PORTAL');
  });

  test('is not told by a page in place before it is known whether Spaces answer', () => {
    const facts = factsWith([inPlace, ...through({ finding: 'reset', errno: 'ECONNRESET' })]);
    expect(diagnose({ ...facts, probes: facts.probes.filter(({ target }) => target !== 'spaces') }).code).not.toBe('CAPTIVE_PORTAL');
  });
});

describe('Chromium’s proxy', () => {
  const broken = bad('chromium', 'gateway', { finding: 'proxy-error', errno: 'ERR_PROXY_CONNECTION_FAILED' });
  test.each([
    ['NO_HEALTHY_BACKEND', through(page(502))],
    ['PATH_TIMEOUT', unreachableGateway(timeout)],
    ['GATEWAY_DOWN', unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' })],
  ] as [DiagnosisCode, ProbeResult[]][])('does not hide %s where uploads go straight', (code, probes) => {
    expect(diagnose(factsWith([broken, ...probes])).code).toBe(code);
    expect(diagnose(factsWith([bad('chromium', 'gateway', { finding: 'odd-answer', httpStatus: 407 }), ...probes])).code).toBe(code);
  });
});

describe('a clock that is off', () => {
  const hour = 3_600_000;
  const dated = (target: 'gateway' | 'media' | 'spaces' | 'control', dateOffsetMs: number): ProbeResult => ok('http', target, { httpStatus: 200, dateOffsetMs });
  const server = [dated('gateway', hour), dated('media', hour)];
  const undated = ok('http', 'spaces', { httpStatus: 403 });

  test.each([
    ['Spaces agree with this computer', server],
    ['a control agrees with this computer', [...server, undated, dated('control', -400)]],
    ['only the gateway’s machine differs from media’s behind it', [dated('gateway', hour), dated('media', 300), undated]],
    ['only Spaces’ is, and the gateway agrees with this computer', [dated('spaces', hour)]],
  ])('is not this computer’s where %s', (_why, probes) => {
    const { code, evidence } = diagnose(factsWith(probes));
    expect(code).toBe('HEALTHY');
    expect(evidence.map(({ says }) => says).join()).toContain('Date 3600 s');
  });

  test('is this computer’s where all servers agree against it, and only probably where one alone says so or they are not of one mind', () => {
    expect(diagnose(factsWith([...server, dated('spaces', hour + 900)]))).toMatchObject({ code: 'CLOCK_SKEW', certainty: 'certain' });
    expect(diagnose(factsWith([...server, undated]))).toMatchObject({ code: 'CLOCK_SKEW', certainty: 'probable' });
    expect(diagnose(factsWith([...server, dated('spaces', -hour)]))).toMatchObject({ code: 'CLOCK_SKEW', certainty: 'probable' });
    expect(diagnose(factsWith([dated('spaces', hour), dated('control', hour)]))).toMatchObject({ code: 'CLOCK_SKEW', certainty: 'probable' });
  });

  test('is a warning while photos go through all the same', () => {
    const off = [...server, dated('spaces', hour)];
    expect(diagnose(factsWith(off)).severity).toBe('warn');
    expect(diagnose(factsWith(off, { attempts: [failed({ code: 'clock-skew', endpoint: 'spaces', httpStatus: 403 })] })).severity).toBe('fail');
    expect(diagnose(factsWith([bad('tls', 'gateway', { finding: 'certificate-expired', dateOffsetMs: hour }), dated('spaces', hour), ...through({ finding: 'certificate-expired' })]))).toMatchObject({ code: 'CLOCK_SKEW', severity: 'fail' });
  });
});

describe('a certificate that is not trusted', () => {
  const untrusted = { finding: 'certificate-untrusted', certificate: { issuer: 'Filter CA', error: 'SELF_SIGNED_CERT_IN_CHAIN' } } as const;
  const probes = (chromium: ProbeResult[], evidence: ProbeEvidence = untrusted): ProbeResult[] => [bad('tls', 'gateway', evidence), ...chromium, ...through({ finding: evidence.finding })];

  test.each([
    ['certain', 'Chromium trusts it and Node does not', factsWith(probes([ok('chromium', 'gateway', { httpStatus: 200 })]))],
    ['certain', 'Chromium got an answer, whatever it was', factsWith(probes([bad('chromium', 'gateway', { finding: 'odd-answer', httpStatus: 502 })]))],
    ['certain', 'its issuer is not one that the administrator named', factsWith(probes([]), { expectedIssuers: ['R11'] })],
    ['probable', 'Chromium does not trust it either', factsWith(probes([bad('chromium', 'gateway', { finding: 'certificate-untrusted', errno: 'ERR_CERT_AUTHORITY_INVALID' })]))],
    ['probable', 'Chromium did not get as far', factsWith(probes([bad('chromium', 'gateway', { finding: 'connect-error', errno: 'ERR_TIMED_OUT' })]))],
    ['probable', 'there is no Chromium to ask', factsWith(probes([]))],
    ['probable', 'it is made out to another name', factsWith(probes([], { finding: 'certificate-name' }))],
    ['probable', 'its issuer is the expected one', factsWith(probes([], { finding: 'certificate-name', certificate: { issuer: 'R11' } }), { expectedIssuers: ['R11'] })],
  ] as const)('is %s interception where %s', (certainty, _why, facts) => {
    expect(diagnose(facts)).toMatchObject({ code: 'TLS_INTERCEPTED', certainty });
  });

  test('may be the server’s own, and support is told so', () => {
    expect(diagnosisText('es', 'TLS_INTERCEPTED').support).toMatch(/del propio servidor/);
    expect(diagnosisText('en', 'TLS_INTERCEPTED').support).toMatch(/server’s own/);
  });
});
