import type { QueueSummary } from '../../client/relevo-client.ts';
import type { Saving } from '../../client/saving.ts';
import { countToSend } from '../../client/queue-counts.ts';
import type { Wording } from '../../texts/texts-context.tsx';
import type { Tone } from '../../ui/upload-state.tsx';

export interface LockLine {
  tone: Tone;
  text: string;
}

/** What goes on behind the locked window, in one sentence; nothing until it is known. */
export function sendingLine({ t, count }: Wording, summary: Pick<QueueSummary, 'counts' | 'transfer'> | undefined): LockLine | undefined {
  if (!summary) return undefined;
  const { counts, transfer } = summary;
  const toSend = count(countToSend(counts));
  if (toSend.value === 0) return counts.completed > 0 && counts.needsAttention === 0 ? { tone: 'sent', text: t.lock.allSent } : undefined;
  if (transfer.paused || transfer.hold) return { tone: 'waiting', text: t.lock.paused(toSend) };
  return counts.uploading + counts.completing > 0 ? { tone: 'brand', text: t.lock.sending(toSend) } : { tone: 'waiting', text: t.lock.waiting(toSend) };
}

/** What became of photos that were being added when it was locked: whoever stands there may hold the card. */
export function savingLine({ t }: Wording, saving: Saving): LockLine | undefined {
  if (saving.open > 0) return { tone: 'attention', text: t.lock.saving };
  if (saving.went === 'nothing') return undefined;
  return saving.went === 'well' ? { tone: 'sent', text: t.lock.saved } : { tone: 'failed', text: t.lock.notAllSaved };
}
