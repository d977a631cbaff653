import type { Diagnosis, DiagnosisCode, LatencySeries, PathModel, PathNodeId, PathNodeState, ProbeResult } from '../../shared/domain/diagnosis.ts';

type Broken = PathModel['broken'];

const node = (id: PathNodeId): Broken => ({ kind: 'node', node: id });
const link = (from: PathNodeId, to: PathNodeId): Broken => ({ kind: 'link', from, to });
const none: Broken = { kind: 'none' };

/** Where on the way of a photo each diagnosis lies. */
const places: Record<DiagnosisCode, Broken> = {
  CLIENT_OFFLINE: link('computer', 'network'), LAN_GATEWAY_DEAD: node('network'), CAPTIVE_PORTAL: node('network'), PROXY_BROKEN: node('network'),
  DNS_BAD_CONFIG: node('computer'), DNS_RECORD_MISSING: link('network', 'gateway'), DNS_FAILURE: node('network'), ONLINK_ROUTE_ARP: node('computer'),
  GATEWAY_DOWN: node('gateway'), PATH_TIMEOUT: link('network', 'gateway'), CLOCK_SKEW: node('computer'), TLS_EXPIRED: node('gateway'),
  TLS_INTERCEPTED: node('network'), CORS_MISCONFIG: node('gateway'), AUTH_EXPIRED: node('gateway'), AUTH_FORBIDDEN: node('gateway'),
  RATE_LIMITED: node('gateway'), PAYLOAD_TOO_LARGE: node('gateway'), ROUTE_MISSING: link('gateway', 'media'), CIRCUIT_OPEN: link('gateway', 'media'),
  NO_HEALTHY_BACKEND: link('gateway', 'media'), MEDIA_DOWN: node('media'), SERVER_DISK_FULL: node('media'), MEDIA_CREDENTIALS: link('media', 'spaces'),
  MEDIA_SPACES_ROUTE: link('media', 'spaces'), SPACES_DOWN: node('spaces'), MEDIA_SPACES_UNREACHABLE: link('media', 'spaces'),
  DEPENDENCY_DEGRADED: node('media'), TIMEOUT_BUDGET: link('network', 'gateway'), UPLOAD_FIRST_TRY_FLAKY: node('media'), SERVER_BUG: node('media'),
  RECONNECT_LOOP: link('network', 'gateway'), SLOW_PATH: link('network', 'gateway'), SPACES_UNREACHABLE_FROM_CLIENT: link('network', 'spaces'),
  INCONCLUSIVE: none, DISK_LOW: node('computer'), FLAPPING: none, HEALTHY: none,
};

const order: readonly PathNodeId[] = ['computer', 'network', 'gateway', 'media', 'spaces'];

/** Draws the diagnosis: what lies before the fault works, what lies behind it is known only where a probe went there. Pure. */
export function pathModel(diagnosis: Diagnosis | undefined, probes: readonly ProbeResult[], latency: readonly LatencySeries[], direct: boolean): PathModel {
  const broken = diagnosis ? placeOf(diagnosis) : none;
  const faulty: PathNodeState = diagnosis?.severity === 'fail' ? 'failed' : 'warn';
  const end = broken.kind === 'none' ? undefined : broken.kind === 'node' ? broken.node : broken.to;
  const endAt = end === undefined ? order.length : order.indexOf(end);
  const nodes = order.map((id, index) => {
    const seen = stateSeen(id, probes);
    let state: PathNodeState = seen;
    if (broken.kind === 'node' && id === broken.node) state = faulty;
    else if (diagnosis && index < endAt && seen !== 'failed') state = diagnosis.code === 'INCONCLUSIVE' ? seen : 'ok';
    else if (index >= endAt && broken.kind === 'link' && seen === 'failed' && id !== broken.to) state = 'unknown';
    else if (index > endAt && seen === 'failed') state = 'unknown';
    if (id === 'computer' && state === 'ok' && diagnosis?.overlays.includes('DISK_LOW')) state = 'warn';
    const latencyMs = latency.find((series) => series.target === id)?.points.findLast((point) => point.ms !== undefined)?.ms;
    return { id, state, ...(latencyMs === undefined ? {} : { latencyMs }) };
  });
  return { nodes, broken, direct };
}

function placeOf(diagnosis: Diagnosis): Broken {
  const place = places[diagnosis.code];
  // The same fault may lie on the direct way to Spaces instead of the way to the gateway.
  const aboutSpaces = diagnosis.evidence[0]?.target === 'spaces';
  return aboutSpaces && place.kind === 'link' && place.from === 'network' ? link('network', 'spaces') : place;
}

function stateSeen(id: PathNodeId, probes: readonly ProbeResult[]): PathNodeState {
  const kind = id === 'computer' ? 'interfaces' : id === 'network' ? 'source-address' : 'http';
  const ran = probes.filter((probe) => probe.status === 'ran' && probe.kind === kind && (kind !== 'http' || probe.target === id));
  if (ran.length === 0) return 'unknown';
  return ran.some((probe) => probe.status === 'ran' && probe.outcome === 'ok') ? 'ok' : 'failed';
}
