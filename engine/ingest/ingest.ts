import type { Limits } from '../../shared/domain/account.ts';
import type { IngestOutcome, IngestProgress } from '../../shared/domain/ingest.ts';
import type { Priority } from '../../shared/domain/upload.ts';
import type { Logger } from '../logging/logger.ts';
import { BatchProgress } from './batch-progress.ts';
import { Rejection } from './rejection.ts';
import { assertSize, sealPhoto, type PhotoRequest, type SealTools } from './seal-photo.ts';
import { bytesSource, openFileSource, type Source } from './source.ts';
import type { SourceReads } from './source-reads.ts';
import { walk, type FoundFile } from './walk.ts';

export interface IngestPorts extends Omit<SealTools, 'underWay'> {
  log: Logger;
  /** What the backend in force accepts, as last heard. */
  limits: () => Limits | undefined;
  /** Whether photos are sent without what tells where and with which device they were taken. */
  removeLocation: () => boolean;
  /** Through what cards are read. Absent: what this process reads them through. */
  reads?: SourceReads;
  /** Free bytes where the spool lies. */
  diskFree: () => Promise<number>;
}

export interface AddRequest {
  /** Named in the progress of this call. */
  batchId: string;
  accountId: string;
  patientId: string;
  patientName: string;
  note?: string;
  tags?: string[];
  priority?: Priority;
}

export interface Ingest {
  /** Takes files and folders in; resolves when each is sealed or rejected. Never rejects because of a file. */
  addFiles(request: AddRequest & { paths: readonly string[] }, onProgress: (progress: IngestProgress) => void): Promise<IngestOutcome[]>;
  addBytes(request: AddRequest & { fileName: string; bytes: Uint8Array }, onProgress?: (progress: IngestProgress) => void): Promise<IngestOutcome>;
}

/** Measured: with four the waits for the disk are filled; more gain nothing and need more memory. */
const filesAtOnce = 4;
/**
 * Where the server keeps one photo of each patient, or may, the last of several is the one that remains, so they come into the queue in the
 * order given. Several at once come in as each is done: the smallest first, and the largest would have won.
 */
const inOrder = (limits: Limits | undefined): boolean => limits === undefined || limits.contract === 'gateway-photo';
/** Left free for the queue's database and for everything else on the computer. */
const reserveBytes = 128 * 1024 * 1024;

interface Candidate { place: number; root: number; file: FoundFile }

export function createIngest(ports: IngestPorts): Ingest {
  const tools: SealTools = { ...ports, underWay: new Map() };

  async function addFiles(request: AddRequest & { paths: readonly string[] }, onProgress: (progress: IngestProgress) => void): Promise<IngestOutcome[]> {
    const limits = ports.limits();
    const photo = photoRequest(request);
    const progress = new BatchProgress(request.batchId, ports.clock, onProgress);
    const told = new Set<number>();
    const folders: { place: number; root: number; shown: string }[] = [];
    const candidates: Candidate[] = [];
    let places = 0;
    let passedOver = 0;

    const tell = (place: number, root: number, outcome: IngestOutcome): void => {
      told.add(root);
      progress.done(place, outcome);
    };

    for await (const found of walk(request.paths, ports.reads)) {
      const place = places++;
      if (found.name === 'folder') { folders.push({ place, root: found.root, shown: found.shown }); continue; }
      const rejection = found.name === 'rejected' ? found.rejection : refusedUnread(found.file, limits);
      if (found.name === 'file' && found.file.onlyIfPhoto) candidates.push({ place, root: found.root, file: found.file });
      else {
        progress.found();
        if (rejection) tell(place, found.root, rejected(found.name === 'file' ? found.file.shown : found.shown, rejection));
        else if (found.name === 'file') candidates.push({ place, root: found.root, file: found.file });
      }
    }

    const tooLittle = await roomMissing(candidates.reduce((sum, { file }) => file.onlyIfPhoto ? sum : sum + file.sizeBytes, 0));

    async function takeOne({ place, root, file }: Candidate): Promise<void> {
      let isPhoto = !file.onlyIfPhoto;
      const listener = {
        onPhoto: () => { if (!isPhoto) { isPhoto = true; progress.found(); } },
        onBytes: (bytes: number) => progress.bytes(bytes),
      };
      try {
        if (tooLittle && isPhoto) throw tooLittle;
        const outcome = await withSource(openFileSource(file.path, ports.reads), (source) => {
          if (isPhoto) assertSize(source.sizeBytes, limits);
          return sealPhoto(tools, { ...photo, fileName: file.fileName }, source, listener);
        });
        tell(place, root, { file: file.shown, ...outcome });
      } catch (error) {
        if (isPhoto) tell(place, root, rejected(file.shown, asRejected(error)));
        else passedOver += 1;
      }
    }

    const waiting = candidates.values();
    await Promise.all(Array.from({ length: inOrder(limits) ? 1 : filesAtOnce }, async () => { for (const candidate of waiting) await takeOne(candidate); }));

    for (const { place, root, shown } of folders) {
      if (told.has(root)) continue;
      progress.found();
      tell(place, root, rejected(shown, new Rejection('no-photos-in-folder')));
    }
    const outcomes = progress.finish();
    logBatch(outcomes, passedOver);
    return outcomes;
  }

  async function addBytes(request: AddRequest & { fileName: string; bytes: Uint8Array }, onProgress: (progress: IngestProgress) => void = () => undefined): Promise<IngestOutcome> {
    const limits = ports.limits();
    const progress = new BatchProgress(request.batchId, ports.clock, onProgress);
    progress.found();
    let outcome: IngestOutcome;
    try {
      assertSize(request.bytes.length, limits);
      const tooLittle = await roomMissing(request.bytes.length);
      if (tooLittle) throw tooLittle;
      const listener = { onPhoto: () => undefined, onBytes: (bytes: number) => progress.bytes(bytes) };
      outcome = { file: request.fileName, ...await sealPhoto(tools, { ...photoRequest(request), fileName: request.fileName }, bytesSource(request.bytes), listener) };
    } catch (error) {
      outcome = rejected(request.fileName, asRejected(error));
    }
    progress.done(0, outcome);
    logBatch(progress.finish(), 0);
    return outcome;
  }

  /** The same for all photos of a batch, whatever is set meanwhile. */
  function photoRequest({ accountId, patientId, patientName, note, tags, priority }: AddRequest): Omit<PhotoRequest, 'fileName'> {
    return { accountId, patientId, patientName, note, tags, priority: priority ?? 'normal', limits: ports.limits(), removeLocation: ports.removeLocation() };
  }

  /** What cannot fit is refused before it starts, not halfway: the card must then stay where it is. */
  async function roomMissing(neededBytes: number): Promise<Rejection | undefined> {
    if (neededBytes === 0) return undefined;
    try {
      const room = Math.max(0, await ports.diskFree() - reserveBytes);
      return neededBytes > room ? new Rejection('disk-full', { sizeBytes: neededBytes, limitBytes: room }) : undefined;
    } catch {
      // A disk that will not say how full it is will say so when it is.
      ports.log.warn('ingest.free-space-unknown');
      return undefined;
    }
  }

  function logBatch(outcomes: readonly IngestOutcome[], passedOver: number): void {
    const count = (outcome: IngestOutcome['outcome']): number => outcomes.filter((one) => one.outcome === outcome).length;
    ports.log.info('ingest.done', { queued: count('queued'), duplicates: count('duplicate'), rejected: count('rejected'), passedOver });
  }

  /** A bug must cost one file, not the batch; it is told as what it is. */
  function asRejected(error: unknown): Rejection {
    if (error instanceof Rejection) return error;
    ports.log.error('ingest.unexpected', { error: error instanceof Error ? error.name : typeof error });
    return new Rejection('unreadable', { cause: error });
  }

  return { addFiles, addBytes };
}

async function withSource<T>(opening: Promise<Source>, work: (source: Source) => Promise<T>): Promise<T> {
  const source = await opening;
  try {
    return await work(source);
  } finally {
    await source.close().catch(() => undefined);
  }
}

function refusedUnread(file: FoundFile, limits: Limits | undefined): Rejection | undefined {
  try {
    assertSize(file.sizeBytes, limits);
    return undefined;
  } catch (error) {
    return error as Rejection;
  }
}

function rejected(file: string, { code, sizeBytes, limitBytes, detail }: Rejection): IngestOutcome {
  return {
    file, outcome: 'rejected', code,
    ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(limitBytes === undefined ? {} : { limitBytes }), ...(detail === undefined ? {} : { detail }),
  };
}
