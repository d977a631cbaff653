import { assertNever } from '../../../shared/assert-never.ts';
import type { Failure } from '../../../shared/domain/failure.ts';
import type { UploadItem } from '../../../shared/domain/upload.ts';
import { failureText } from '../../../shared/texts/failures.ts';
import type { Wording } from '../../texts/texts-context.tsx';

const minute = 60_000;

/** Why a photo is in its state, in half a line; `undefined` where the state says it all. */
export function reasonFor(wording: Wording, item: UploadItem, now: number): string | undefined {
  const { reasons } = wording.t.queue;
  const { state } = item;
  switch (state.name) {
    case 'uploading':
      return item.sentBytes === 0 ? undefined : reasons.percent(wording.percent(item.sentBytes / item.sizeBytes));
    case 'completed':
      return reasons.completedAt(wording.clock(state.at, now));
    case 'waiting': {
      const when = state.retryAt - now < minute ? reasons.soon : reasons.later(wording.ago(state.retryAt, now));
      return `${what(wording, state.failure)} · ${when}`;
    }
    case 'blocked':
      return { offline: reasons.offline, auth: reasons.auth, circuit: reasons.circuit }[state.by];
    case 'needsAttention':
      return what(wording, state.failure);
    case 'paused':
      return reasons.pausedByPerson;
    case 'queued':
    case 'completing':
    case 'cancelled':
      return undefined;
    default:
      return assertNever(state);
  }
}

/** The sentence of what happened, without its full stop, since more follows. */
function what(wording: Wording, failure: Failure): string {
  return failureText(wording.language, failure).what.replace(/\.$/, '');
}
