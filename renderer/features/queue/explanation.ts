import { type Diagnosis, type DiagnosisCode, diagnosisOfFailure } from '../../../shared/domain/diagnosis.ts';
import type { UploadState } from '../../../shared/domain/upload.ts';

/** What a failure says of the gateway or the services behind it, it says of Spaces where Spaces gave it. */
const sameOfSpaces: ReadonlySet<DiagnosisCode> = new Set(['GATEWAY_DOWN', 'PATH_TIMEOUT', 'NO_HEALTHY_BACKEND', 'MEDIA_DOWN', 'MEDIA_SPACES_UNREACHABLE', 'SERVER_BUG']);

/**
 * What of the connection holds this photo back; nothing where the cause is the photo's own.
 *
 * @param known the present diagnosis: a fault that lasts explains what waits now better than the failure by itself.
 */
export function explanationOf(state: UploadState, known: Diagnosis | undefined): DiagnosisCode | undefined {
  const own = ownCause(state);
  const waits = state.name === 'waiting' || state.name === 'blocked';
  return own !== undefined && waits && known?.severity === 'fail' ? known.code : own;
}

function ownCause(state: UploadState): DiagnosisCode | undefined {
  if ('failure' in state && state.failure) {
    const code = diagnosisOfFailure(state.failure.code);
    return code && state.failure.endpoint === 'spaces' && sameOfSpaces.has(code) ? 'SPACES_DOWN' : code;
  }
  return state.name === 'blocked' ? ({ offline: 'CLIENT_OFFLINE', auth: 'AUTH_EXPIRED', circuit: 'CIRCUIT_OPEN' } as const)[state.by] : undefined;
}
