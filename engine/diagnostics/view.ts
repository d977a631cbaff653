import type { Evidence, Hop, ProbeKind, ProbeTarget, RanProbe, ReadinessCheck } from '../../shared/domain/diagnosis.ts';
import type { Facts, UploadAttempt } from './facts.ts';
import { seriesOfFailures, tailOfFailures } from './failed-uploads.ts';

const minute = 60_000;

/** An HTTP answer, whether a probe or a real upload met it. */
export interface Answer {
  met: ProbeKind | 'upload';
  status: number;
  hop: Hop | undefined;
  code: string | undefined;
  circuitOpen: boolean;
  retryAfterMs: number | undefined;
  evidence: Evidence;
}

/** The facts as the rules ask for them. Built once per judgement; pure. */
export interface View {
  facts: Facts;
  ran(kind: ProbeKind, target?: ProbeTarget): RanProbe[];
  works(kind: ProbeKind, target: ProbeTarget): boolean;
  fails(kind: ProbeKind, target: ProbeTarget): boolean;
  /** The targets that photos need and that cannot be used: the gateway, and Spaces where photos go straight to it. */
  failedTargets: ProbeTarget[];
  gatewayWorks: boolean;
  mediaWorks: boolean;
  clientReachesSpaces: boolean | undefined;
  uploadsWork: boolean;
  /** Tries that failed since the last photo that was sent, and not too long ago to matter. */
  failedTail: UploadAttempt[];
  /** With their earlier tries, and without what a check shows to be mended since. */
  failedSeries: UploadAttempt[];
  answers: Answer[];
  spacesCheck: ReadinessCheck | undefined;
  checks: ReadinessCheck[];
}

export function viewOf(facts: Facts): View {
  const ranProbes = facts.probes.filter((probe): probe is RanProbe => probe.status === 'ran');
  const ran = (kind: ProbeKind, target?: ProbeTarget): RanProbe[] =>
    ranProbes.filter((probe) => probe.kind === kind && (target === undefined || probe.target === target));
  const works = (kind: ProbeKind, target: ProbeTarget): boolean => ran(kind, target).some((probe) => probe.outcome === 'ok');
  const fails = (kind: ProbeKind, target: ProbeTarget): boolean => {
    const results = ran(kind, target);
    return results.length > 0 && results.every((probe) => probe.outcome === 'failed');
  };

  const failedTail = tailOfFailures(facts);
  const mediaWorks = works('http', 'media');
  // One failed look at the gateway says little while the service behind it was reached through it.
  const gatewayWorks = works('http', 'gateway') || mediaWorks;
  const gatewayFails = !gatewayWorks && targetFails(ran, fails, 'gateway');

  const readyz = ran('readyz', 'media').at(-1);
  const checks = readyz?.checks ?? [];
  const spacesCheck = checks.find((check) => check.name === 'spaces');
  const lastOk = facts.attempts.findLast((attempt) => attempt.outcome === 'ok');
  const sentOfLate = lastOk !== undefined && facts.at - lastOk.at < 10 * minute && failedTail.length === 0;
  const direct = facts.contract === 'upload-sessions' || facts.contract === 'own-keys';
  const uploadsWork = sentOfLate || (!direct && gatewayWorks && mediaWorks && failedTail.length === 0);
  const spacesFails = targetFails(ran, fails, 'spaces');
  const clientReachesSpaces = works('http', 'spaces') ? true : spacesFails ? false : undefined;

  const signedIn = ran('auth').some((probe) => probe.httpStatus === 200);
  const mended = ({ failure }: UploadAttempt): boolean => (
    failure?.code === 'session-expired' ? signedIn : (failure?.code === 'offline' || failure?.code === 'dns-failed') && failure.endpoint === 'gateway' && gatewayWorks);

  const failedTargets: ProbeTarget[] = [];
  // The gateway comes first on the way: while it fails, Spaces is only what it can be compared with.
  if (gatewayFails) failedTargets.push('gateway');
  // Where the media service fails on Spaces as well, the fault is not on this computer's own way to it.
  else if (direct && spacesFails && !sentOfLate && spacesCheck?.ok !== false) failedTargets.push('spaces');

  return {
    facts, ran, works, fails, failedTargets, gatewayWorks, mediaWorks, clientReachesSpaces, uploadsWork, failedTail,
    failedSeries: seriesOfFailures(facts).filter((attempt) => !mended(attempt)),
    answers: [...ranProbes.flatMap(answerOfProbe), ...failedTail.flatMap(answerOfAttempt)], spacesCheck, checks,
  };
}

/** The highest layer that ran decides: what lies below is only the explanation. */
function targetFails(ran: View['ran'], fails: View['fails'], target: ProbeTarget): boolean {
  if (ran('http', target).length > 0) return fails('http', target);
  return fails('tls', target) || fails('tcp', target) || fails('dns', target);
}

/** The browser's own stack may go another way than uploads, through the system's proxy: what it is told there is not said to them. */
const otherWays: ReadonlySet<ProbeKind> = new Set(['captive-portal', 'chromium', 'renderer']);

function answerOfProbe(probe: RanProbe): Answer[] {
  if (probe.httpStatus === undefined || probe.target === 'control' || otherWays.has(probe.kind)) return [];
  return [{
    met: probe.kind, status: probe.httpStatus, hop: probe.answeringHop, code: probe.serverCode, circuitOpen: probe.circuitOpen === true,
    retryAfterMs: probe.retryAfterMs, evidence: probeEvidence(probe),
  }];
}

function answerOfAttempt(attempt: UploadAttempt): Answer[] {
  const failure = attempt.failure;
  if (failure?.httpStatus === undefined) return [];
  return [{
    met: 'upload', status: failure.httpStatus, hop: hopOfAttempt(attempt), code: failure.detail, circuitOpen: failure.code === 'circuit-open',
    retryAfterMs: failure.retryAfterMs, evidence: attemptEvidence(attempt),
  }];
}

/** The gateway's own codes, and ours for a call that it does not know; see the HeartGuard gateway's answers. Any other code comes from the service behind it. */
const gatewayCodes: ReadonlySet<string> = new Set(['timeout', 'service_unavailable', 'route_missing']);

/**
 * Whether it was we who stopped waiting for the gateway's answer. Only a request that was wholly sent, and may so have
 * been carried out (`ambiguous`), was waited for: one that stalls in its body met a line that takes no more.
 */
export function gaveUp({ failure, gaveUp: told }: UploadAttempt): boolean {
  if (failure?.endpoint !== 'gateway') return false;
  return told ?? (failure.ambiguous && (failure.code === 'stalled' || (failure.code === 'request-timeout' && failure.httpStatus === undefined)));
}

export function hopOfAttempt(attempt: UploadAttempt): Hop | undefined {
  if (attempt.hop) return attempt.hop;
  const failure = attempt.failure;
  if (!failure || failure.httpStatus === undefined) return undefined;
  if (failure.endpoint === 'spaces') return 'spaces';
  if (failure.detail === undefined) return undefined;
  // Not in the contract's words: somebody in between answered. See `malformed` in transport/wire.ts.
  if (failure.detail === 'malformed') return 'proxy';
  return gatewayCodes.has(failure.detail) ? 'gateway' : 'media';
}

export function probeEvidence(probe: RanProbe): Evidence {
  const words = [
    probe.kind, probe.family ? `IPv${probe.family}` : '', probe.outcome === 'ok' ? 'ok' : probe.finding ?? 'failed',
    probe.errno ?? '', probe.httpStatus ? `HTTP ${probe.httpStatus}` : '', probe.serverCode ?? '',
    probe.answeringHop && probe.outcome === 'failed' ? `answered by ${probe.answeringHop}` : '',
    probe.circuitOpen ? 'circuit open' : '', probe.onLink === undefined ? '' : probe.onLink ? 'on link' : 'via gateway',
    probe.neighbourState ? `neighbour ${probe.neighbourState}` : '', probe.certificate?.error ?? '',
    probe.certificate?.notAfter ? `notAfter ${isoDate(probe.certificate.notAfter)}` : '',
    probe.dateOffsetMs === undefined ? '' : `Date ${Math.round(probe.dateOffsetMs / 1000)} s`,
    probe.freeBytes === undefined ? '' : `${Math.round(probe.freeBytes / 1024 ** 2)} MiB free`,
    probe.redirectHost ? `redirected to ${probe.redirectHost}` : '', probe.proxyUsed ? 'through the proxy' : '',
    probe.requestId ? `request ${probe.requestId}` : '', probe.phases ? `${Math.round(probe.phases.total)} ms` : '',
  ];
  return { layer: probe.layer, target: probe.target, source: 'probe', says: words.filter(Boolean).join(' ').slice(0, 300) };
}

export function attemptEvidence(attempt: UploadAttempt): Evidence {
  const failure = attempt.failure;
  const words = [
    `try ${attempt.try}`, attempt.outcome, failure?.code ?? '', failure?.httpStatus ? `HTTP ${failure.httpStatus}` : '',
    failure?.detail ?? '', failure?.traceId ? `trace ${failure.traceId}` : '', `${Math.round(attempt.durationMs)} ms`,
  ];
  return { source: 'upload', target: failure?.endpoint === 'spaces' ? 'spaces' : 'gateway', says: words.filter(Boolean).join(' ').slice(0, 300) };
}

function isoDate(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'unreadable' : date.toISOString();
}
