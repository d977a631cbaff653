import type { EngineImplementation } from '../../shared/engine-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Account } from '../account/account.ts';
import type { EngineListener } from '../engine-types.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { Ingest } from './ingest.ts';

export interface AddCallTools {
  ingest: Ingest;
  account: Account;
  queue: UploadQueue;
  emit: EngineListener;
}

/** Taking photos in, for a patient of whoever is signed in. */
export function createAddCalls({ ingest, account, queue, emit }: AddCallTools): Pick<EngineImplementation, 'addFiles' | 'addBytes'> {
  /** The list of patients is on this computer except at the very first time. */
  async function whose(patientId: string): Promise<{ accountId: string; patientName: string }> {
    const accountId = account.ownerId();
    if (accountId === undefined) throw new CallError('not-signed-in');
    await account.patients.search({ text: '', limit: 1, refresh: false });
    const patientName = account.patients.nameOf(patientId);
    if (patientName === undefined) throw new CallError('not-found', 'patient');
    return { accountId, patientName };
  }

  function announce(outcomes: readonly { outcome: string; id?: string }[]): void {
    for (const outcome of outcomes) if (outcome.outcome === 'queued' && outcome.id) queue.changed(outcome.id);
  }

  return {
    addFiles: async ({ paths, ...options }) => {
      const outcomes = await ingest.addFiles({ ...options, ...await whose(options.patientId), paths }, (progress) => emit('ingest', progress));
      announce(outcomes);
      return { outcomes };
    },
    addBytes: async ({ bytes, ...options }) => {
      const outcome = await ingest.addBytes({ ...options, ...await whose(options.patientId), bytes }, (progress) => emit('ingest', progress));
      announce([outcome]);
      return outcome;
    },
  };
}
