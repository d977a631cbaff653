/**
 * @file What of a diagnosis may be given away: an allow-list, field by field. What a server, a certificate or a redirect can
 * put a text into is kept only where that text is known to be a word or an identifier. See [Note: what may be in a log].
 */
import type { ContractReport } from '../../../shared/domain/account.ts';
import type { Diagnosis, DoctorReport, ProbeResult, RanProbe } from '../../../shared/domain/diagnosis.ts';
import type { Failure } from '../../../shared/domain/failure.ts';
import { isIdentifier, isKnownCode } from '../../logging/known-words.ts';
import type { Names } from './names.ts';
import { safeWords } from './words.ts';

const readinessNames: ReadonlySet<string> = new Set(['spaces', 'database', 'cache', 'queue', 'disk', 'postgres', 'redis', 'rabbitmq', 'storage']);
/** Certificate authorities that anybody can get a certificate from; any other may be named after the clinic. */
const publicIssuers = /let'?s encrypt|digicert|sectigo|globalsign|google trust services|amazon|cloudflare|godaddy|entrust|zerossl|microsoft/i;

const known = (text: string | undefined): string | undefined => (text !== undefined && isKnownCode(text) ? text : undefined);
const identifier = (text: string | undefined): string | undefined => (text !== undefined && isIdentifier(text) ? text : undefined);

/** Without the keys that have no value. */
function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

export function safeProbe(probe: ProbeResult, names: Names): ProbeResult {
  const { layer, kind, target, family, at } = probe;
  const base = { layer, kind, target, at: { wall: at.wall, monotonic: Math.round(at.monotonic) }, ...(family ? { family } : {}) };
  if (probe.status !== 'ran') return { ...base, status: probe.status, why: safeWords(probe.why, names) };
  return { ...base, status: 'ran', outcome: probe.outcome, ...present(safeEvidence(probe, names)) };
}

function safeEvidence(probe: RanProbe, names: Names): Omit<RanProbe, 'layer' | 'kind' | 'target' | 'family' | 'at' | 'status' | 'outcome'> {
  const name = (kind: Parameters<Names>[0], value: string | undefined): string | undefined => (value === undefined ? undefined : names(kind, value).slice(0, 60));
  const { certificate } = probe;
  return {
    finding: probe.finding, phases: probe.phases, errno: known(probe.errno), httpStatus: probe.httpStatus, serverCode: known(probe.serverCode),
    answeringHop: probe.answeringHop, requestId: identifier(probe.requestId), retryAfterMs: probe.retryAfterMs, circuitOpen: probe.circuitOpen, proxyUsed: probe.proxyUsed,
    address: name('address', probe.address), addresses: probe.addresses?.map((one) => names('address', one)), host: name('host', probe.host),
    interfaceName: name('network', probe.interfaceName), interfacesUp: probe.interfacesUp, onLink: probe.onLink, nextHop: name('address', probe.nextHop),
    neighbourState: probe.neighbourState, freeBytes: probe.freeBytes, dateOffsetMs: probe.dateOffsetMs,
    certificate: certificate && present({
      notAfter: certificate.notAfter, error: known(certificate.error),
      issuer: certificate.issuer === undefined ? undefined : publicIssuers.exec(certificate.issuer)?.[0] ?? name('issuer', certificate.issuer),
    }),
    checks: probe.checks?.map((check) => present({
      name: readinessNames.has(check.name) ? check.name : 'other', ok: check.ok, latencyMs: check.latencyMs, errno: known(check.errno), httpStatus: check.httpStatus, onLink: check.onLink,
    })),
    redirectHost: name('host', probe.redirectHost), bytes: probe.bytes, source: probe.source === undefined ? undefined : safeSource(probe.source),
  };
}

/** Our own names of commands and files; anything else is not one. */
function safeSource(source: string): string | undefined {
  return /^(?:ip route get|ip neigh show|\/proc\/net\/(?:route|arp)|Find-NetRoute|Get-NetNeighbor|route print|route -n get|arp -[an])$/.test(source) ? source : undefined;
}

export function safeDiagnosis(diagnosis: Diagnosis, names: Names): Diagnosis {
  const { code, severity, certainty, since, overlays, params } = diagnosis;
  return {
    code, severity, certainty, since, overlays, ...(params ? { params } : {}),
    evidence: diagnosis.evidence.map(({ layer, target, source, says }) => present({ layer, target, source, says: safeWords(says, names).slice(0, 300) })),
  };
}

export function safeReport(report: DoctorReport, names: Names): DoctorReport {
  return {
    schema_version: 1, diagnosis: safeDiagnosis(report.diagnosis, names), probes: report.probes.map((probe) => safeProbe(probe, names)),
    ...(report.contract ? { contract: safeContract(report.contract) } : {}),
  };
}

export function safeContract({ contract, since, lastAsked, doubtedSince }: ContractReport): ContractReport {
  const asked = lastAsked?.name === 'unclear' ? { ...lastAsked, detail: lastAsked.detail.split(' ').every(isKnownCode) ? lastAsked.detail : 'other' } : lastAsked;
  return present({ contract, since, lastAsked: asked, doubtedSince });
}

export function safeFailure(failure: Failure): Failure {
  const { code, disposition, endpoint, ambiguous, httpStatus, retryAfterMs } = failure;
  return present({ code, disposition, endpoint, ambiguous, httpStatus, retryAfterMs, traceId: identifier(failure.traceId), detail: known(failure.detail) });
}
