import type { AccountState } from '../../shared/domain/account.ts';
import type { Diagnosis, Severity } from '../../shared/domain/diagnosis.ts';
import type { UploadState } from '../../shared/domain/upload.ts';
import type { EngineState, QueueSummary } from '../client/relevo-client.ts';
import { type DiagnosisGroup, groupOf } from '../texts/diagnosis-groups.ts';

/** What the account and the queue say by themselves, the most important first. */
export type ServiceState = 'restarting' | 'expired' | 'paused' | 'metered' | 'offline' | 'waiting' | 'sending' | 'signedIn';

/** What the header says in a word: only what is known. */
export type HeaderState =
  | { kind: 'service'; state: ServiceState }
  | { kind: 'diagnosis'; group: DiagnosisGroup; severity: Severity };

export interface Known {
  engine: EngineState;
  account: AccountState | undefined;
  queue: Pick<QueueSummary, 'counts' | 'transfer'> | undefined;
  waitingFor: UploadState | undefined;
  diagnosis: Diagnosis | undefined;
}

/** A fault comes before what the queue does; a warning does not hide that photos go out, nor does "connected". */
export function headerState(known: Known): HeaderState {
  const state = serviceState(known);
  const { diagnosis } = known;
  if (!diagnosis || state === 'restarting' || state === 'expired') return { kind: 'service', state };
  const told: HeaderState = { kind: 'diagnosis', group: groupOf[diagnosis.code], severity: diagnosis.severity };
  if (diagnosis.severity === 'fail') return told;
  // A pause explains more than a warning; waiting photos are explained by one.
  const says: readonly ServiceState[] = diagnosis.severity === 'warn' ? ['paused', 'metered', 'sending'] : ['paused', 'metered', 'sending', 'offline', 'waiting'];
  if (says.includes(state)) return { kind: 'service', state };
  return diagnosis.severity === 'info' ? { kind: 'diagnosis', group: 'ok', severity: 'ok' } : told;
}

function serviceState({ engine, account, queue, waitingFor }: Known): ServiceState {
  if (engine !== 'running') return 'restarting';
  if (account?.name === 'expired') return 'expired';
  if (!queue) return 'signedIn';
  if (queue.transfer.paused) return 'paused';
  if (queue.transfer.hold === 'metered') return 'metered';
  // While photos go through, one that waits is not the state of the whole.
  if (queue.counts.uploading + queue.counts.completing > 0) return 'sending';
  if (queue.counts.waiting + queue.counts.blocked === 0) return 'signedIn';
  return waitingFor?.name === 'blocked' && waitingFor.by === 'offline' ? 'offline' : 'waiting';
}
