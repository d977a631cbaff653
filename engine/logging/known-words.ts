/**
 * @file Words that a server may put into an answer and that are known to be words. A code is a free text in the end: a
 * broken or hostile server can put a patient's name there, so what is not on this list leaves no trace.
 */
import { diagnosisCodes } from '../../shared/domain/diagnosis.ts';
import { failureCodeSchema } from '../../shared/domain/failure.ts';
import { callErrorCodeSchema } from '../../shared/rpc/call-error.ts';
import { isSystemCode } from './system-codes.ts';

/** The backend's error codes, of both contracts, and those of S3 as Spaces uses them. */
const serverCodes = [
  'oversize_body', 'file_too_large', 'unsupported_file_type', 'empty_file', 'missing_file', 'entity_not_found', 'patient_not_found', 'upload_not_found',
  'upload_gone', 'upload_expired', 'upload_aborted', 'upload_completed', 'upload_failed', 'integrity_mismatch', 'client_upload_id_reused', 'database_error',
  'validation_error', 'not_found', 'storage_unavailable', 'storage_error', 'service_unavailable', 'rate_limited', 'unauthorized', 'internal_error',
  'bad_gateway', 'delete_failed', 'timeout', 'forbidden', 'invalid_token', 'token_expired', 'invalid_credentials', 'malformed', 'other',
  'SlowDown', 'TooManyRequests', 'ServiceUnavailable', 'InternalError', 'OperationAborted', 'RequestTimeout', 'NoSuchUpload', 'NoSuchKey', 'NoSuchBucket',
  'RequestTimeTooSkewed', 'ExpiredToken', 'AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidPart', 'InvalidPartOrder', 'EntityTooSmall',
  'EntityTooLarge', 'BadDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody', 'QuotaExceeded', 'InvalidArgument', 'InvalidRequest', 'MethodNotAllowed',
  'PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', 'InvalidBucketName', 'AccountProblem',
  'route_missing', 'payload_too_large',
] as const;

/** Reasons of our own that stand where a code can stand. */
const ownReasons = [
  'offline', 'dns', 'refused', 'unreachable', 'reset', 'connect-timeout', 'stalled', 'total-timeout', 'tls', 'certificate-expired', 'certificate-untrusted',
  'proxy-auth', 'proxy', 'truncated', 'answer-too-long', 'aborted', 'missing', 'damaged', 'wrong-key', 'unreadable', 'disk-full', 'unwritable', 'unknown',
  'size', 'sha256', 'md5', 'etag', 'record', 'in-use', 'newer-version',
] as const;

const known: ReadonlySet<string> = new Set([...serverCodes, ...ownReasons, ...failureCodeSchema.options, ...callErrorCodeSchema.options, ...diagnosisCodes]);

/** How a proxy wants to know who we are; see `proxyAuthDetail`. */
const proxyAuth = /^proxy-auth(?::refused)?(?::(?:basic|digest|ntlm|negotiate|kerberos|bearer)(?:\.(?:basic|digest|ntlm|negotiate|kerberos|bearer)){0,4})?$/;

/** Whether a text that came as a code is one that is known. `Presigned.` stands before what a presigned address was refused with. */
export function isKnownCode(text: string): boolean {
  const bare = text.replace(/^Presigned\./, '');
  return known.has(bare) || isSystemCode(bare) || proxyAuth.test(bare);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ulid = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
/** As tracing systems write them. Without a letter it would be a number, and long numbers are people's: a telephone, a record. */
const hexadecimal = /^(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{16,64}$/i;

/** Identifiers of requests: UUIDs, ULIDs, and long hexadecimal ones. Whatever reads like a word, a date or a number is not taken for one. */
export function isIdentifier(text: string): boolean {
  return uuid.test(text) || ulid.test(text) || hexadecimal.test(text);
}
