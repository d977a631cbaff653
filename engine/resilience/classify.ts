import type { Disposition, Endpoint, Failure, FailureCode } from '../../shared/domain/failure.ts';
import { SpoolError, type SpoolErrorReason } from '../spool/spool.ts';
import { AnswerError } from '../transport/answer-error.ts';
import { SessionExpired } from '../transport/gateway-client.ts';
import { HttpError, type HttpErrorReason } from '../transport/http.ts';
import { IntegrityMismatch } from '../transport/transport.ts';
import { retryAfterMs } from './retry-after.ts';

/** What was being done; some answers mean different things to different calls. */
export type Step = 'open' | 'inspect' | 'part' | 'complete' | 'verify' | 'abort';

export interface ClassifyContext {
  step?: Step;
  /** ms since the epoch; for a `Retry-After` date in an answer without a `Date`. */
  now?: number;
}

type Rule = readonly [code: FailureCode, disposition: Disposition];

/*
 * [Note: wait or retry]
 * `wait` is for causes that all photos share and that the photo can do nothing about (no network, a name that does
 * not resolve, an open breaker): no try is burnt. `retry` is for what befell this request.
 */
const byReason: Record<HttpErrorReason, Rule> = {
  'offline': ['offline', 'wait'],
  'dns': ['dns-failed', 'wait'],
  'refused': ['connection-refused', 'wait'],
  'unreachable': ['offline', 'wait'],
  'connect-timeout': ['connect-timeout', 'wait'],
  'reset': ['connection-reset', 'retry'],
  'stalled': ['stalled', 'retry'],
  'total-timeout': ['request-timeout', 'retry'],
  'truncated': ['malformed-answer', 'retry'],
  'answer-too-long': ['malformed-answer', 'retry'],
  'tls': ['tls-failed', 'wait'],
  'certificate-expired': ['certificate-expired', 'wait'],
  'certificate-untrusted': ['certificate-untrusted', 'wait'],
  'proxy-auth': ['proxy-auth-required', 'wait'],
  'proxy': ['proxy-failed', 'wait'],
  // We gave up ourselves (pause, shutdown): nobody failed.
  'aborted': ['connection-reset', 'wait'],
};

const byStatus: Record<number, Rule> = {
  400: ['bad-request', 'needsAttention'],
  // Whether the session is over was asked before this came to be judged (`TokenSource.rejected`): it is not, so the
  // server contradicts itself, and nobody is to be told that they must sign in.
  401: ['server-error', 'retry'],
  403: ['forbidden', 'needsAttention'],
  405: ['bad-request', 'needsAttention'],
  407: ['proxy-auth-required', 'wait'],
  408: ['request-timeout', 'retry'],
  409: ['conflict', 'retry'],
  410: ['upload-gone', 'retry'],
  413: ['too-large', 'needsAttention'],
  415: ['unsupported-type', 'needsAttention'],
  422: ['bad-request', 'needsAttention'],
  425: ['service-unavailable', 'retry'],
  429: ['rate-limited', 'wait'],
  500: ['server-error', 'retry'],
  502: ['bad-gateway', 'retry'],
  503: ['service-unavailable', 'retry'],
  504: ['gateway-timeout', 'retry'],
  507: ['server-disk-full', 'wait'],
};

/** The codes of the gateway's services: what they mean is more than their status says. */
const byGatewayCode: Record<string, Rule> = {
  // Contract A's 401 to a body over its limit, after the session was found to be good.
  oversize_body: ['too-large', 'needsAttention'],
  file_too_large: ['too-large', 'needsAttention'],
  unsupported_file_type: ['unsupported-type', 'needsAttention'],
  empty_file: ['bad-request', 'needsAttention'],
  missing_file: ['bad-request', 'needsAttention'],
  entity_not_found: ['patient-not-found', 'needsAttention'],
  patient_not_found: ['patient-not-found', 'needsAttention'],
  upload_not_found: ['upload-gone', 'retry'],
  upload_gone: ['upload-gone', 'retry'],
  upload_expired: ['upload-gone', 'retry'],
  upload_aborted: ['upload-gone', 'retry'],
  // The upload stays open, so the parts can be sent again.
  integrity_mismatch: ['integrity-mismatch', 'retry'],
  // Ours to look at: two photos under one identifier.
  client_upload_id_reused: ['conflict', 'needsAttention'],
  database_error: ['server-error', 'retry'],
  // The backend no longer knows the calls of its contract: it is asked which one it speaks, and the photo waits.
  route_missing: ['service-unavailable', 'retry'],
};

/** S3's codes, as DigitalOcean Spaces (Ceph) uses them. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const byS3Code: Record<string, Rule> = {
  SlowDown: ['rate-limited', 'wait'],
  TooManyRequests: ['rate-limited', 'wait'],
  ServiceUnavailable: ['service-unavailable', 'retry'],
  InternalError: ['server-error', 'retry'],
  OperationAborted: ['conflict', 'retry'],
  RequestTimeout: ['request-timeout', 'retry'],
  NoSuchUpload: ['upload-gone', 'retry'],
  NoSuchKey: ['upload-gone', 'retry'],
  RequestTimeTooSkewed: ['clock-skew', 'retry'],
  ExpiredToken: ['signature-expired', 'retry'],
  AccessDenied: ['forbidden', 'needsAttention'],
  InvalidAccessKeyId: ['forbidden', 'needsAttention'],
  SignatureDoesNotMatch: ['forbidden', 'needsAttention'],
  NoSuchBucket: ['bad-request', 'needsAttention'],
  // The bucket is in another region, or under another address: the settings are wrong, and no repeating mends them.
  PermanentRedirect: ['bad-request', 'needsAttention'],
  TemporaryRedirect: ['service-unavailable', 'retry'],
  AuthorizationHeaderMalformed: ['bad-request', 'needsAttention'],
  IllegalLocationConstraintException: ['bad-request', 'needsAttention'],
  InvalidBucketName: ['bad-request', 'needsAttention'],
  InvalidPart: ['integrity-mismatch', 'retry'],
  InvalidPartOrder: ['integrity-mismatch', 'retry'],
  EntityTooSmall: ['integrity-mismatch', 'retry'],
  BadDigest: ['integrity-mismatch', 'retry'],
  XAmzContentSHA256Mismatch: ['integrity-mismatch', 'retry'],
  IncompleteBody: ['connection-reset', 'retry'],
  EntityTooLarge: ['too-large', 'needsAttention'],
  QuotaExceeded: ['server-disk-full', 'wait'],
};

/** What a presigned address refused is told with this prefix: another address may be asked for. See upload-sessions.ts. */
export const presignedPrefix = 'Presigned.';

/** What stores say to an address that is too old, or signed with a key that has been withdrawn. */
const ofTheSignature: ReadonlySet<string> = new Set(['AccessDenied', 'ExpiredToken', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AuthorizationHeaderMalformed']);

const bySpoolReason: Record<SpoolErrorReason, Rule> = {
  'missing': ['spool-missing', 'needsAttention'],
  'damaged': ['spool-damaged', 'needsAttention'],
  'wrong-key': ['spool-damaged', 'needsAttention'],
  'unreadable': ['spool-damaged', 'needsAttention'],
  'disk-full': ['disk-full', 'wait'],
  'unwritable': ['unknown', 'needsAttention'],
};

/** Reasons for which the server may have carried out a request that was wholly sent. */
const ambiguousReasons: ReadonlySet<HttpErrorReason> = new Set(['reset', 'stalled', 'total-timeout', 'truncated', 'answer-too-long', 'tls', 'aborted']);

/**
 * Says once and for all what an error means, as plain data. Pure. What is not known is a bug of ours or of the
 * server's: `unknown`, shown to a person and never looped on.
 */
export function classify(error: unknown, context: ClassifyContext = {}): Failure {
  if (error instanceof HttpError) {
    const ambiguous = error.requestSent && ambiguousReasons.has(error.reason);
    return failure(byReason[error.reason], error.endpoint, { ambiguous, detail: error.errno ?? error.reason });
  }
  if (error instanceof AnswerError) return classifyAnswer(error, context);
  if (error instanceof SessionExpired) return failure(['session-expired', 'signIn'], 'gateway', {});
  if (error instanceof IntegrityMismatch) {
    // Of a part it may be a bit that fell over on the way. Of the stored photo it is a lie to be looked at by a person.
    const disposition = context.step === 'part' || context.step === 'complete' ? 'retry' : 'needsAttention';
    return failure(['integrity-mismatch', disposition], 'spaces', { detail: error.what });
  }
  if (error instanceof SpoolError) return failure(bySpoolReason[error.reason], 'local', { detail: error.reason });
  return failure(['unknown', 'needsAttention'], 'local', { detail: error instanceof Error ? error.name : typeof error });
}

function classifyAnswer(error: AnswerError, context: ClassifyContext): Failure {
  return failure(answerRule(error, context.step), error.endpoint, {
    ambiguous: isAmbiguousAnswer(error),
    httpStatus: error.status,
    retryAfterMs: retryAfterMs(error.headers, context.now ?? Date.now()),
    traceId: error.traceId?.slice(0, 200),
    detail: error.code,
  });
}

function answerRule(error: AnswerError, step: Step | undefined): Rule {
  const { status, code } = error;
  if (status === 503 && error.headers['x-circuit']?.toLowerCase() === 'open') return ['circuit-open', 'wait'];
  if (code.startsWith(presignedPrefix)) return presignedRule(code.slice(presignedPrefix.length));
  const rules = error.endpoint === 'spaces' ? byS3Code : byGatewayCode;
  // The code is the server's word, and `constructor` is a word.
  const known = Object.hasOwn(rules, code) ? rules[code] : undefined;
  if (known) return known;
  if (status < 400) {
    // A page of a captive portal comes as 200 or as a redirect; an error told within a 200 is the server's own.
    return code === 'malformed' || status >= 300 ? ['malformed-answer', 'retry'] : ['server-error', 'retry'];
  }
  if (status === 404) return notFoundRule(error, step);
  // Not in the contract's own words, so it was somebody in between who did not know the token.
  if (status === 401 && code === 'malformed') return ['malformed-answer', 'retry'];
  if (status === 401 && error.endpoint === 'spaces') return ['forbidden', 'needsAttention'];
  return byStatus[status] ?? (status >= 500 ? ['server-error', 'retry'] : ['bad-request', 'needsAttention']);
}

function notFoundRule(error: AnswerError, step: Step | undefined): Rule {
  // A 404 that is not in the contract's own words was made by something in between: proof of nothing.
  if (error.code === 'malformed') return ['malformed-answer', 'retry'];
  if (error.endpoint === 'gateway' && (step === 'open' || step === undefined)) return ['patient-not-found', 'needsAttention'];
  return ['upload-gone', 'retry'];
}

/** Another address may help against what speaks of the signature, or of nothing known. A full bucket stays full under any. */
function presignedRule(code: string): Rule {
  const known = Object.hasOwn(byS3Code, code) && !ofTheSignature.has(code) ? byS3Code[code] : undefined;
  return known ?? ['signature-expired', 'retry'];
}

function isAmbiguousAnswer({ status, code, endpoint }: AnswerError): boolean {
  if (status === 504) return true;
  // It says that it is done and that it failed: on contract A a photo that was believed not to have arrived was sent again, and its late
  // copy came after a newer one.
  if (status < 300 && endpoint === 'gateway') return true;
  // Something in between lost the service, or garbled what it said; the service may have done its work.
  return code === 'malformed' && (status < 300 || status === 502);
}

function failure([code, disposition]: Rule, endpoint: Endpoint, rest: Partial<Failure>): Failure {
  const { detail, ...others } = rest;
  const defined = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return { code, disposition, endpoint, ambiguous: false, ...defined, ...(detail ? { detail: printable(detail) } : {}) };
}

/** Codes come from servers; whatever else one puts there is not for our logs. */
function printable(code: string): string {
  return /^[\w.:-]{1,200}$/.test(code) ? code : 'other';
}
