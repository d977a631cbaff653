import type { HttpErrorReason, ProxyPart } from './http.ts';
import { ProxyError } from './tunnel.ts';

const reasons: Record<string, HttpErrorReason> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ENODATA: 'dns',
  ESERVFAIL: 'dns',
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'offline',
  ENETDOWN: 'offline',
  EADDRNOTAVAIL: 'offline',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ENOTCONN: 'reset',
  HPE_HEADER_OVERFLOW: 'answer-too-long',
  CERT_HAS_EXPIRED: 'certificate-expired',
  // The other end of the validity: nearly always this computer's clock, and told from it the same way.
  CERT_NOT_YET_VALID: 'certificate-expired',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-untrusted',
  CERT_UNTRUSTED: 'certificate-untrusted',
  CERT_REVOKED: 'certificate-untrusted',
  CERT_SIGNATURE_FAILURE: 'certificate-untrusted',
  INVALID_CA: 'certificate-untrusted',
  HOSTNAME_MISMATCH: 'certificate-untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-untrusted',
};

/** How far a request had got when it failed. */
export interface Progress {
  connected: boolean;
  answerBegun: boolean;
}

export interface Reason {
  reason: HttpErrorReason;
  errno: string | undefined;
  proxy?: ProxyPart;
}

/** The reason behind a socket's error; several addresses tried give several errors, and the most telling one counts. */
export function reasonOf(error: unknown, progress: Progress): Reason {
  const errno = errnoOf(error);
  if (error instanceof ProxyError) return proxyReason(error);
  if (progress.answerBegun) return { reason: errno === 'HPE_HEADER_OVERFLOW' ? 'answer-too-long' : 'truncated', errno };
  if (errno === undefined) return { reason: 'reset', errno };
  const known = reasons[errno];
  if (known) return { reason: known, errno };
  if (errno === 'ETIMEDOUT') return { reason: progress.connected ? 'stalled' : 'connect-timeout', errno };
  if (errno.startsWith('EAI_')) return { reason: 'dns', errno };
  // What came back was not HTTP, or ended in the middle of it.
  if (errno.startsWith('HPE_')) return { reason: 'truncated', errno };
  if (errno === 'EPROTO' || errno.startsWith('ERR_SSL') || errno.startsWith('ERR_TLS')) return { reason: 'tls', errno };
  return { reason: 'reset', errno };
}

function proxyReason({ status, code, challenges }: ProxyError): Reason {
  // Without any network the proxy is not to blame.
  if (status === undefined) return { reason: reasons[code ?? ''] === 'offline' ? 'offline' : 'proxy', errno: code, proxy: { unreached: true } };
  return status === 407 ? { reason: 'proxy-auth', errno: undefined, proxy: { challenges } } : { reason: 'proxy', errno: `PROXY_${status}`, proxy: {} };
}

/** The system's code of an error, whichever of its causes carries it. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const codes = error.errors.map(errnoOf).filter((code) => code !== undefined);
    // A refusal came from a machine that answered; "unreachable" on the other address family says nothing beside it.
    return codes.find((code) => code === 'ECONNREFUSED') ?? codes.find((code) => code === 'ETIMEDOUT')
      ?? codes.find((code) => code !== 'ENETUNREACH' && code !== 'EADDRNOTAVAIL') ?? codes[0];
  }
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
