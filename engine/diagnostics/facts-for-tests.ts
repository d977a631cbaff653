/** @file Facts by the handful, for tests. */
import type { ProbeKind, ProbeEvidence, ProbeResult, ProbeTarget, Layer } from '../../shared/domain/diagnosis.ts';
import type { Failure } from '../../shared/domain/failure.ts';
import { emptyFacts, type Facts, type UploadAttempt } from './facts.ts';

export const now = 1_800_000_000_000;

const layers: Record<ProbeKind, Layer> = {
  'interfaces': 'L0', 'disk': 'L0', 'source-address': 'L0', 'route': 'L0', 'neighbour': 'L0', 'captive-portal': 'L1',
  'dns': 'L2', 'dns-control-resolver': 'L2', 'dns-control-name': 'L2', 'tcp': 'L3', 'tls': 'L4',
  'http': 'L5', 'chromium': 'L5', 'renderer': 'L5', 'auth': 'L6', 'readyz': 'L6', 'canary': 'L7',
};

export function ok(kind: ProbeKind, target: ProbeTarget, evidence: ProbeEvidence & { family?: 4 | 6 } = {}): ProbeResult {
  return { status: 'ran', outcome: 'ok', kind, target, layer: layers[kind], at: { wall: now, monotonic: 0 }, ...evidence };
}

export function bad(kind: ProbeKind, target: ProbeTarget, evidence: ProbeEvidence & { family?: 4 | 6 } = {}): ProbeResult {
  return { status: 'ran', outcome: 'failed', kind, target, layer: layers[kind], at: { wall: now, monotonic: 0 }, ...evidence };
}

export function broken(kind: ProbeKind, target: ProbeTarget): ProbeResult {
  return { status: 'error', why: 'time limit of the command', kind, target, layer: layers[kind], at: { wall: now, monotonic: 0 } };
}

/** A clinic where all is well, on contract B. */
export function healthyProbes(): ProbeResult[] {
  const http: ProbeEvidence = { httpStatus: 200, answeringHop: 'gateway', dateOffsetMs: 300, phases: { dns: 5, tcp: 8, tls: 16, firstByte: 12, total: 45 } };
  return [
    ok('interfaces', 'computer', { interfacesUp: 1 }),
    ok('disk', 'computer', { freeBytes: 50 * 1024 ** 3 }),
    ok('source-address', 'network', { family: 4, address: '10.1.2.3' }),
    bad('source-address', 'network', { family: 6, finding: 'no-route', errno: 'ENETUNREACH' }),
    ok('route', 'gateway', { address: '203.0.113.10', onLink: false, nextHop: '10.1.2.1' }),
    ok('neighbour', 'network', { address: '10.1.2.1', neighbourState: 'reachable' }),
    ok('captive-portal', 'network', { httpStatus: 204 }),
    ok('dns', 'gateway', { addresses: ['203.0.113.10'] }),
    ok('dns', 'spaces', { addresses: ['203.0.113.20'] }),
    ok('dns-control-name', 'control'),
    ok('tcp', 'gateway', { family: 4, address: '203.0.113.10', phases: { tcp: 8, total: 8 } }),
    ok('tcp', 'spaces', { family: 4, address: '203.0.113.20', phases: { tcp: 9, total: 9 } }),
    ok('tls', 'gateway', { certificate: { notAfter: now + 30 * 86_400_000, issuer: 'R11' } }),
    ok('tls', 'spaces', { certificate: { notAfter: now + 30 * 86_400_000, issuer: 'R11' } }),
    ok('http', 'gateway', http),
    ok('http', 'media', { ...http, answeringHop: 'media' }),
    ok('http', 'spaces', { ...http, httpStatus: 403, answeringHop: 'spaces' }),
    ok('auth', 'gateway', { httpStatus: 200, answeringHop: 'gateway' }),
    ok('readyz', 'media', { httpStatus: 200, answeringHop: 'media', checks: [{ name: 'spaces', ok: true }, { name: 'database', ok: true }] }),
    ok('canary', 'spaces'),
  ];
}

/** The healthy clinic with some of its probes replaced (by kind and target), and others added. */
export function factsWith(changed: readonly ProbeResult[], rest: Partial<Facts> = {}): Facts {
  const kept = healthyProbes().filter((probe) => !changed.some((one) => one.kind === probe.kind && one.target === probe.target && one.family === probe.family));
  return { ...emptyFacts(now), contract: 'upload-sessions', spacesReachedBefore: true, ...rest, probes: [...kept, ...changed] };
}

/** A gateway that cannot be reached, and with it all that lies behind. */
export function unreachableGateway(evidence: ProbeEvidence): ProbeResult[] {
  return [bad('tcp', 'gateway', { family: 4, address: '203.0.113.10', ...evidence }), bad('http', 'gateway', evidence), bad('http', 'media', evidence)];
}

let uploads = 0;
export function sent(fields: Partial<UploadAttempt> = {}): UploadAttempt {
  uploads += 1;
  return { uploadId: `upload-${uploads}`, try: 1, at: now - 30_000, durationMs: 900, bytes: 1000, outcome: 'ok', ...fields };
}

export function failed(failure: Partial<Failure>, fields: Partial<UploadAttempt> = {}): UploadAttempt {
  return sent({
    outcome: 'failed', at: now - 20_000, durationMs: 500,
    failure: { code: 'server-error', disposition: 'retry', endpoint: 'gateway', ambiguous: false, ...failure }, ...fields,
  });
}
