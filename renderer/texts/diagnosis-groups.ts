import type { DiagnosisCode } from '../../shared/domain/diagnosis.ts';

/** Diagnoses that one short word covers: who has to do something, or where it fails. */
export type DiagnosisGroup = 'ok' | 'noNetwork' | 'network' | 'computer' | 'account' | 'server' | 'storage' | 'slow' | 'space' | 'unclear';

export const groupOf: Record<DiagnosisCode, DiagnosisGroup> = {
  CLIENT_OFFLINE: 'noNetwork',
  LAN_GATEWAY_DEAD: 'network', CAPTIVE_PORTAL: 'network', PROXY_BROKEN: 'network', DNS_RECORD_MISSING: 'server', DNS_FAILURE: 'network', TLS_INTERCEPTED: 'network',
  DNS_BAD_CONFIG: 'computer', ONLINK_ROUTE_ARP: 'computer', CLOCK_SKEW: 'computer',
  AUTH_EXPIRED: 'account', AUTH_FORBIDDEN: 'account',
  GATEWAY_DOWN: 'server', PATH_TIMEOUT: 'server', TLS_EXPIRED: 'server', CORS_MISCONFIG: 'server', RATE_LIMITED: 'server', PAYLOAD_TOO_LARGE: 'server',
  ROUTE_MISSING: 'server', CIRCUIT_OPEN: 'server', NO_HEALTHY_BACKEND: 'server', MEDIA_DOWN: 'server', SERVER_DISK_FULL: 'server', SERVER_BUG: 'server',
  MEDIA_CREDENTIALS: 'storage', MEDIA_SPACES_ROUTE: 'storage', SPACES_DOWN: 'storage', MEDIA_SPACES_UNREACHABLE: 'storage', SPACES_UNREACHABLE_FROM_CLIENT: 'storage',
  DEPENDENCY_DEGRADED: 'slow', TIMEOUT_BUDGET: 'slow', UPLOAD_FIRST_TRY_FLAKY: 'slow', RECONNECT_LOOP: 'slow', SLOW_PATH: 'slow', FLAPPING: 'slow',
  DISK_LOW: 'space',
  INCONCLUSIVE: 'unclear',
  HEALTHY: 'ok',
};
