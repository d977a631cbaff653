import { z } from 'zod';
import { contractReportSchema } from './account.ts';
import type { FailureCode } from './failure.ts';
import { timestampSchema } from './ids.ts';

/**
 * Every name that the state of the connection can have, in the order in which the rules are asked:
 * the first that matches wins. `DISK_LOW` and `FLAPPING` are only ever laid over another one.
 */
export const diagnosisCodes = [
  'CLIENT_OFFLINE', 'LAN_GATEWAY_DEAD', 'CAPTIVE_PORTAL', 'PROXY_BROKEN', 'DNS_BAD_CONFIG', 'DNS_RECORD_MISSING', 'DNS_FAILURE',
  'ONLINK_ROUTE_ARP', 'GATEWAY_DOWN', 'PATH_TIMEOUT', 'CLOCK_SKEW', 'TLS_EXPIRED', 'TLS_INTERCEPTED', 'CORS_MISCONFIG',
  'AUTH_EXPIRED', 'AUTH_FORBIDDEN', 'RATE_LIMITED', 'PAYLOAD_TOO_LARGE', 'ROUTE_MISSING', 'CIRCUIT_OPEN', 'NO_HEALTHY_BACKEND',
  'MEDIA_DOWN', 'SERVER_DISK_FULL', 'MEDIA_CREDENTIALS', 'MEDIA_SPACES_ROUTE', 'SPACES_DOWN', 'MEDIA_SPACES_UNREACHABLE',
  'DEPENDENCY_DEGRADED', 'TIMEOUT_BUDGET', 'UPLOAD_FIRST_TRY_FLAKY', 'SERVER_BUG', 'RECONNECT_LOOP', 'SLOW_PATH',
  'SPACES_UNREACHABLE_FROM_CLIENT', 'INCONCLUSIVE', 'DISK_LOW', 'FLAPPING', 'HEALTHY',
] as const;
export const diagnosisCodeSchema = z.enum(diagnosisCodes);
export type DiagnosisCode = z.infer<typeof diagnosisCodeSchema>;

export const overlayCodeSchema = z.enum(['DISK_LOW', 'FLAPPING']);
export type OverlayCode = z.infer<typeof overlayCodeSchema>;

export const severitySchema = z.enum(['ok', 'info', 'warn', 'fail']);
export type Severity = z.infer<typeof severitySchema>;

/** How bad each is. A diagnosis may be raised above this by an overlay, or where photos depend on what failed. */
export const diagnosisSeverity: Record<DiagnosisCode, Severity> = {
  CLIENT_OFFLINE: 'fail', LAN_GATEWAY_DEAD: 'fail', CAPTIVE_PORTAL: 'fail', PROXY_BROKEN: 'fail', DNS_BAD_CONFIG: 'fail',
  DNS_RECORD_MISSING: 'fail', DNS_FAILURE: 'fail', ONLINK_ROUTE_ARP: 'fail', GATEWAY_DOWN: 'fail', PATH_TIMEOUT: 'fail',
  CLOCK_SKEW: 'fail', TLS_EXPIRED: 'fail', TLS_INTERCEPTED: 'fail', CORS_MISCONFIG: 'fail', AUTH_EXPIRED: 'warn',
  AUTH_FORBIDDEN: 'fail', RATE_LIMITED: 'warn', PAYLOAD_TOO_LARGE: 'fail', ROUTE_MISSING: 'fail', CIRCUIT_OPEN: 'warn',
  NO_HEALTHY_BACKEND: 'fail', MEDIA_DOWN: 'fail', SERVER_DISK_FULL: 'fail', MEDIA_CREDENTIALS: 'fail', MEDIA_SPACES_ROUTE: 'fail',
  SPACES_DOWN: 'fail', MEDIA_SPACES_UNREACHABLE: 'fail', DEPENDENCY_DEGRADED: 'warn', TIMEOUT_BUDGET: 'warn',
  UPLOAD_FIRST_TRY_FLAKY: 'warn', SERVER_BUG: 'fail', RECONNECT_LOOP: 'warn', SLOW_PATH: 'warn',
  SPACES_UNREACHABLE_FROM_CLIENT: 'info', INCONCLUSIVE: 'warn', DISK_LOW: 'warn', FLAPPING: 'warn', HEALTHY: 'ok',
};

export const layerSchema = z.enum(['L0', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'L7']);
export type Layer = z.infer<typeof layerSchema>;

/** What a probe asks about. `network` is the way out of the building; `control` a place that only serves for comparison. */
export const probeTargetSchema = z.enum(['computer', 'network', 'gateway', 'media', 'spaces', 'control']);
export type ProbeTarget = z.infer<typeof probeTargetSchema>;

export const probeKindSchema = z.enum([
  'interfaces', 'disk', 'source-address', 'route', 'neighbour',
  'captive-portal',
  'dns', 'dns-control-resolver', 'dns-control-name',
  'tcp',
  'tls',
  'http', 'chromium', 'renderer',
  'auth', 'readyz',
  'canary',
]);
export type ProbeKind = z.infer<typeof probeKindSchema>;

/** What a failed probe found. `odd-answer`: an HTTP answer came and is not the one asked for. */
export const findingSchema = z.enum([
  'no-interface', 'no-route', 'unresolved', 'low',
  'redirected', 'wrong-challenge',
  'name-missing', 'name-error',
  'timeout', 'refused', 'unreachable', 'reset', 'connect-error',
  'certificate-expired', 'certificate-untrusted', 'certificate-name', 'tls-error',
  'proxy-auth', 'proxy-error',
  'odd-answer', 'check-failed', 'integrity', 'session-ended',
]);
export type Finding = z.infer<typeof findingSchema>;

export const neighbourStateSchema = z.enum(['reachable', 'stale', 'delay', 'probe', 'permanent', 'noarp', 'incomplete', 'failed', 'none']);
export type NeighbourState = z.infer<typeof neighbourStateSchema>;

export const hopSchema = z.enum(['client', 'proxy', 'gateway', 'media', 'spaces']);
export type Hop = z.infer<typeof hopSchema>;

/** Durations of one try, in milliseconds; a phase that did not take place is absent. */
export const phasesSchema = z.object({
  dns: z.number().nonnegative().optional(),
  tcp: z.number().nonnegative().optional(),
  tls: z.number().nonnegative().optional(),
  firstByte: z.number().nonnegative().optional(),
  total: z.number().nonnegative(),
});
export type PhaseDurations = z.infer<typeof phasesSchema>;

/** One line of the deep health answer of the media service. */
export const readinessCheckSchema = z.object({
  name: z.string().max(50),
  ok: z.boolean(),
  latencyMs: z.number().optional(),
  errno: z.string().max(50).optional(),
  httpStatus: z.number().int().optional(),
  onLink: z.boolean().optional(),
});
export type ReadinessCheck = z.infer<typeof readinessCheckSchema>;

const probeBase = {
  layer: layerSchema,
  kind: probeKindSchema,
  target: probeTargetSchema,
  family: z.union([z.literal(4), z.literal(6)]).optional(),
  /** When it began. */
  at: z.object({ wall: timestampSchema, monotonic: z.number() }),
};

/**
 * The evidence that a probe brings back. Never a body, a query, a token or anything of a patient.
 * Addresses and host names are here for the technician at this computer; the support bundle replaces them.
 */
export const probeEvidenceSchema = z.object({
  finding: findingSchema.optional(),
  phases: phasesSchema.optional(),
  /** The system's own code, such as EHOSTUNREACH, or Chromium's, such as ERR_PROXY_CONNECTION_FAILED. */
  errno: z.string().max(60).optional(),
  httpStatus: z.number().int().optional(),
  /** The server's own error code, where its answer has the form of one. */
  serverCode: z.string().max(60).optional(),
  answeringHop: hopSchema.optional(),
  requestId: z.string().max(200).optional(),
  retryAfterMs: z.number().nonnegative().optional(),
  /** An open circuit breaker said so in a header. */
  circuitOpen: z.boolean().optional(),
  proxyUsed: z.boolean().optional(),
  address: z.string().max(60).optional(),
  addresses: z.array(z.string().max(60)).max(16).optional(),
  host: z.string().max(300).optional(),
  interfaceName: z.string().max(60).optional(),
  interfacesUp: z.number().int().optional(),
  /** The route to the address has no gateway: the system looks for it on its own link. */
  onLink: z.boolean().optional(),
  nextHop: z.string().max(60).optional(),
  neighbourState: neighbourStateSchema.optional(),
  freeBytes: z.number().nonnegative().optional(),
  /** The server's clock less ours, in milliseconds. */
  dateOffsetMs: z.number().optional(),
  certificate: z.object({
    notAfter: timestampSchema.optional(),
    issuer: z.string().max(200).optional(),
    error: z.string().max(60).optional(),
  }).optional(),
  checks: z.array(readinessCheckSchema).max(20).optional(),
  /** Only the host of where a redirect leads: the rest may hold a session. */
  redirectHost: z.string().max(300).optional(),
  /** Bytes that went over the sockets for this probe, in both directions. */
  bytes: z.number().nonnegative().optional(),
  /** The command or interface that gave the answer, such as `ip route get`. */
  source: z.string().max(60).optional(),
});
export type ProbeEvidence = z.infer<typeof probeEvidenceSchema>;

/**
 * A probe's status is not its finding: `ran` with outcome `failed` is a working probe that found something wrong;
 * `error` is a probe that broke and says nothing about its target.
 */
export const probeResultSchema = z.discriminatedUnion('status', [
  z.object({ ...probeBase, status: z.literal('ran'), outcome: z.enum(['ok', 'failed']), ...probeEvidenceSchema.shape }),
  z.object({ ...probeBase, status: z.literal('skipped'), why: z.string().max(200) }),
  z.object({ ...probeBase, status: z.literal('error'), why: z.string().max(200) }),
]);
export type ProbeResult = z.infer<typeof probeResultSchema>;
export type RanProbe = Extract<ProbeResult, { status: 'ran' }>;

export const evidenceSchema = z.object({
  layer: layerSchema.optional(),
  target: probeTargetSchema.optional(),
  source: z.enum(['probe', 'upload', 'history']),
  /** Technical, short, the same in every language: `tcp EHOSTUNREACH 3071 ms`. */
  says: z.string().max(300),
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const diagnosisSchema = z.object({
  code: diagnosisCodeSchema,
  severity: severitySchema,
  /** `probable`: the facts fit, but something that would prove it could not be asked. */
  certainty: z.enum(['certain', 'probable']),
  since: timestampSchema,
  evidence: z.array(evidenceSchema).max(40),
  overlays: z.array(overlayCodeSchema),
  /** What the sentence needs: seconds until the next try, for `RATE_LIMITED`. */
  params: z.object({ n: z.number().int().nonnegative().optional() }).optional(),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

export const doctorReportSchema = z.object({
  schema_version: z.literal(1),
  diagnosis: diagnosisSchema,
  probes: z.array(probeResultSchema),
  /** Which way photos take to the store. */
  contract: contractReportSchema.optional(),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;

export const pathNodeIdSchema = z.enum(['computer', 'network', 'gateway', 'media', 'spaces']);
export type PathNodeId = z.infer<typeof pathNodeIdSchema>;
export const pathNodeStateSchema = z.enum(['ok', 'warn', 'failed', 'unknown']);
export type PathNodeState = z.infer<typeof pathNodeStateSchema>;

/** The way of a photo as the panel draws it. `direct`: photos go from the network straight to Spaces. */
export const pathModelSchema = z.object({
  nodes: z.array(z.object({ id: pathNodeIdSchema, state: pathNodeStateSchema, latencyMs: z.number().optional() })).length(5),
  broken: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('node'), node: pathNodeIdSchema }),
    z.object({ kind: z.literal('link'), from: pathNodeIdSchema, to: pathNodeIdSchema }),
  ]),
  direct: z.boolean(),
});
export type PathModel = z.infer<typeof pathModelSchema>;

export const measuredTargetSchema = z.enum(['gateway', 'media', 'spaces']);
export type MeasuredTarget = z.infer<typeof measuredTargetSchema>;

/** Latency of one target over the last hour, in milliseconds; a point without `ms` is a try that failed. */
export const latencySeriesSchema = z.object({
  target: measuredTargetSchema,
  points: z.array(z.object({ at: timestampSchema, ms: z.number().optional() })),
  p50Ms: z.number().optional(),
  p95Ms: z.number().optional(),
  lastOkAt: timestampSchema.optional(),
  /** Of the last try that got an answer. */
  lastPhases: phasesSchema.optional(),
});
export type LatencySeries = z.infer<typeof latencySeriesSchema>;

export const diagnosisChangeSchema = z.object({
  at: timestampSchema,
  from: diagnosisCodeSchema.optional(),
  to: diagnosisCodeSchema,
});
export type DiagnosisChange = z.infer<typeof diagnosisChangeSchema>;

export const runProgressSchema = z.object({
  runId: z.string().max(100),
  done: z.number().int().nonnegative(),
  /** Grows when a finding calls for a further look. */
  total: z.number().int().nonnegative(),
  latest: probeResultSchema.optional(),
  /** Present as soon as no later probe can change it. */
  diagnosis: diagnosisSchema.optional(),
  finished: z.boolean(),
});
export type RunProgress = z.infer<typeof runProgressSchema>;

/** Everything that the panel shows. `diagnosis` is absent until the first check has ended. */
export const connectionSnapshotSchema = z.object({
  diagnosis: diagnosisSchema.optional(),
  path: pathModelSchema,
  latency: z.array(latencySeriesSchema),
  changes: z.array(diagnosisChangeSchema),
  lastProbes: z.array(probeResultSchema),
  checkedAt: timestampSchema.optional(),
  /** Which way photos take to the store. */
  contract: contractReportSchema.optional(),
});
export type ConnectionSnapshot = z.infer<typeof connectionSnapshotSchema>;

/**
 * The diagnosis that explains a photo's own failure by itself, so that a row of the queue can link to it.
 *
 * @returns undefined for what is the photo's or this computer's matter and not the connection's.
 */
export function diagnosisOfFailure(code: FailureCode): DiagnosisCode | undefined {
  return diagnosisByFailure[code];
}

const diagnosisByFailure: Record<FailureCode, DiagnosisCode | undefined> = {
  'offline': 'CLIENT_OFFLINE',
  'dns-failed': 'DNS_FAILURE',
  'connection-refused': 'GATEWAY_DOWN',
  'connection-reset': 'RECONNECT_LOOP',
  'connect-timeout': 'PATH_TIMEOUT',
  'stalled': 'SLOW_PATH',
  'tls-failed': 'TLS_INTERCEPTED',
  'certificate-expired': 'TLS_EXPIRED',
  'certificate-untrusted': 'TLS_INTERCEPTED',
  'proxy-auth-required': 'PROXY_BROKEN',
  'proxy-failed': 'PROXY_BROKEN',
  'rate-limited': 'RATE_LIMITED',
  'circuit-open': 'CIRCUIT_OPEN',
  'server-error': 'SERVER_BUG',
  'bad-gateway': 'NO_HEALTHY_BACKEND',
  'service-unavailable': 'MEDIA_DOWN',
  'gateway-timeout': 'MEDIA_SPACES_UNREACHABLE',
  'request-timeout': 'TIMEOUT_BUDGET',
  'server-disk-full': 'SERVER_DISK_FULL',
  'malformed-answer': 'INCONCLUSIVE',
  'session-expired': 'AUTH_EXPIRED',
  'forbidden': 'AUTH_FORBIDDEN',
  'too-large': 'PAYLOAD_TOO_LARGE',
  'clock-skew': 'CLOCK_SKEW',
  'signature-expired': 'CLOCK_SKEW',
  'disk-full': 'DISK_LOW',
  'unknown': 'INCONCLUSIVE',
  'patient-not-found': undefined,
  'upload-gone': undefined,
  'conflict': undefined,
  'integrity-mismatch': undefined,
  'unsupported-type': undefined,
  'bad-request': undefined,
  'spool-damaged': undefined,
  'spool-missing': undefined,
  'superseded': undefined,
};
