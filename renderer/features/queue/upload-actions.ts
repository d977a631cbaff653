import { assertNever } from '../../../shared/assert-never.ts';
import type { UploadState } from '../../../shared/domain/upload.ts';

export type UploadAction = 'retry' | 'pause' | 'resume' | 'cancel';

/** What a person can do with a photo in this state, the most likely first. The engine refuses the rest. */
export function actionsFor(state: UploadState): readonly UploadAction[] {
  switch (state.name) {
    case 'queued':
    case 'uploading':
      return ['pause', 'cancel'];
    case 'waiting':
      return ['retry', 'pause', 'cancel'];
    case 'blocked':
      // Without an account, another try can only end where this one did.
      return state.by === 'auth' ? ['pause', 'cancel'] : ['retry', 'pause', 'cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'needsAttention':
      return ['retry', 'cancel'];
    case 'completing':
    case 'completed':
    case 'cancelled':
      return [];
    default:
      return assertNever(state);
  }
}

/** The action that a key stands for on a row, if its state allows it. `p` pauses and resumes. */
export function actionForKey(key: string, state: UploadState): UploadAction | undefined {
  const meant: Record<string, UploadAction[]> = { r: ['retry'], p: ['pause', 'resume'], Delete: ['cancel'] };
  const allowed = actionsFor(state);
  return meant[key.length === 1 ? key.toLowerCase() : key]?.find((action) => allowed.includes(action));
}
