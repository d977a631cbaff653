import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { IngestProgress } from '../../shared/domain/ingest.ts';
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
  /** Has windows told of the queue as it is now. */
  tellQueue: () => void;
  /** Photos are being taken in, or no longer. */
  onBusy: (busy: boolean) => void;
}

/** Those of a window that went away are never asked for; the oldest go first. */
const mostBegun = 10_000;

interface Owner {
  accountId: string;
  patientName: string;
}

/** Taking photos in, for a patient of whoever is signed in. */
export function createAddCalls({ ingest, account, queue, emit, tellQueue, onBusy }: AddCallTools): Pick<EngineImplementation, 'addFiles' | 'beginBytes' | 'addBytes'> {
  /** The list of patients is on this computer except at the very first time. */
  async function whose(patientId: string): Promise<Owner> {
    const accountId = account.ownerId();
    if (accountId === undefined) throw new CallError('not-signed-in');
    await account.patients.search({ text: '', limit: 1, refresh: false });
    const patientName = account.patients.nameOf(patientId);
    if (patientName === undefined) throw new CallError('not-found', 'patient');
    return { accountId, patientName };
  }

  /**
   * [Note: pictures that were begun] What comes from the clipboard is on no card, and is handed over one picture after another: by
   * the second the window may be locked, or a colleague signed in. So whose they are is settled before the first, and kept here.
   */
  const begun = new Map<string, Owner & { patientId: string }>();
  function begunFor(batchId: string, patientId: string): Owner {
    const found = begun.get(batchId);
    if (found?.patientId !== patientId) throw new CallError('not-found', 'batch');
    begun.delete(batchId);
    return { accountId: found.accountId, patientName: found.patientName };
  }

  /**
   * What is sealed may be sent while the rest is being read. Who is told that a batch is done has heard of its photos before: a window that
   * says "safe" beside "everything sent", or closes on the strength of it, would be wrong for a moment.
   */
  function tell(progress: IngestProgress): void {
    for (const outcome of progress.outcomes) if (outcome.outcome === 'queued') queue.changed(outcome.id);
    if (progress.finished) tellQueue();
    emit('ingest', progress);
  }

  let busy = 0;
  async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
    if (busy++ === 0) onBusy(true);
    try {
      return await work();
    } finally {
      if (--busy === 0) onBusy(false);
    }
  }

  return {
    addFiles: async ({ paths, ...options }) => {
      const patient = await whose(options.patientId);
      return { outcomes: await whileBusy(() => ingest.addFiles({ ...options, ...patient, paths }, tell)) };
    },
    beginBytes: async ({ patientId, batchIds }) => {
      const owner = await whose(patientId);
      for (const id of batchIds) begun.set(id, { ...owner, patientId });
      for (const id of begun.keys()) {
        if (begun.size <= mostBegun) break;
        begun.delete(id);
      }
    },
    addBytes: async ({ bytes, begun: wasBegun, ...options }) => {
      const patient = wasBegun ? begunFor(options.batchId, options.patientId) : await whose(options.patientId);
      return whileBusy(() => ingest.addBytes({ ...options, ...patient, bytes }, tell));
    },
  };
}
