import type { Finding } from '../../../shared/domain/diagnosis.ts';

const findings: Record<string, Finding> = {
  ENOTFOUND: 'name-missing', ENODATA: 'name-missing',
  EAI_AGAIN: 'name-error', EAI_FAIL: 'name-error', ESERVFAIL: 'name-error', EREFUSED: 'name-error', ETIMEOUT: 'name-error',
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset', EPIPE: 'reset', ECONNABORTED: 'reset',
  EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EHOSTDOWN: 'unreachable', ENETDOWN: 'unreachable', EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  CERT_HAS_EXPIRED: 'certificate-expired', CERT_NOT_YET_VALID: 'certificate-expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-name',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted', UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted', SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted', CERT_UNTRUSTED: 'certificate-untrusted', INVALID_CA: 'certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted', CERT_REVOKED: 'certificate-untrusted',
};

/** What a system's or OpenSSL's code means to the rules. */
export function findingOf(errno: string | undefined): Finding {
  if (errno === undefined) return 'connect-error';
  const known = findings[errno];
  if (known) return known;
  if (errno.startsWith('EAI_')) return 'name-error';
  return errno.startsWith('ERR_SSL') || errno.startsWith('ERR_TLS') || errno === 'EPROTO' ? 'tls-error' : 'connect-error';
}

/** The code of an error, if it has one of the usual form. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return errnoOf(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,58}$/.test(code) ? code : undefined;
}
