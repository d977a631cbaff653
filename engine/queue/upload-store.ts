import type { QueueFilter } from '../../shared/engine-contract.ts';
import type { Priority, PhotoFacts, QueueCounts, UploadEvent, UploadState } from '../../shared/domain/upload.ts';
import type { RemoteSession, StoredPart } from '../transport/transport.ts';
import type { Held } from '../upload/transition.ts';

/** A row of the queue. Changed only through the store; what a caller holds is a copy. */
export interface UploadRecord {
  facts: PhotoFacts;
  /** Order of arrival, never reused. */
  sequence: number;
  priority: Priority;
  state: UploadState;
  /** Tries begun, ever. */
  tries: number;
  /** Failed tries since the last progress; decides the back-off. Reset by every part that is stored. */
  failuresInARow: number;
  /** Bytes of confirmed parts. */
  confirmedBytes: number;
  remote: RemoteSession | undefined;
  /** A part size that a proxy on the way was seen to refuse calls for smaller ones. */
  maxPartBytes: number | undefined;
  /** The server's upload is still to be aborted (a cancelled one, or one begun anew). */
  remoteToAbort: boolean;
  firstByteAt: number | undefined;
  updatedAt: number;
  hasThumbnail: boolean;
}

/** What a commit may change; absent fields stay. `null` empties. */
export interface UploadChange {
  state?: UploadState;
  tries?: number;
  failuresInARow?: number;
  remote?: RemoteSession | null;
  maxPartBytes?: number | null;
  remoteToAbort?: boolean;
  firstByteAt?: number;
  priority?: Priority;
}

export interface UploadMetrics {
  completed: number;
  /** From first byte to completed, in milliseconds, ascending. */
  durationsMs: number[];
  triesBegun: number;
  triesFailed: number;
  lastFailure: (UploadEvent & { failure: NonNullable<UploadEvent['failure']> }) | undefined;
}

/**
 * The queue on disk. Calls are synchronous and each is one transaction: the death of the process at any moment loses
 * none of them. `insert` has also reached the disk itself (fsync) when it returns, because a person is told on the
 * strength of it that the card may be removed. The others reach it with the next `makeDurable`: should a power cut
 * take them back, asking the server restores them, and a flush for each would cost more than the upload.
 *
 * What is read is parsed; a row that does not parse is reported by `damagedRows` and never silently dropped.
 */
export interface UploadStore {
  insert(facts: PhotoFacts, priority: Priority, at: number): UploadRecord;
  get(id: string): UploadRecord | undefined;
  /** The same bytes for the same patient and account, in any state but cancelled. */
  findDuplicate(accountId: string, patientId: string, sha256: string): UploadRecord | undefined;
  /** Applies a change and adds lines to the photo's story, together. @throws Error for an unknown id. */
  commit(id: string, change: UploadChange, events: readonly UploadEvent[]): UploadRecord;
  /**
   * What `transition` does on `wake`, to all that it is for and in one transaction: a network that comes back finds 50,000
   * photos waiting. Each gets the event in its story. @returns their ids, oldest first
   */
  wakeHeld(held: Held, event: UploadEvent): string[];

  /** Everything committed so far is on the disk when this returns. Called before anything is destroyed on the strength of it. */
  makeDurable(): void;

  /** Adds or replaces a confirmed part and resets `failuresInARow`, together. */
  recordPart(id: string, part: StoredPart, at: number): void;
  parts(id: string): StoredPart[];
  /** Makes the ledger say what the server says. */
  replaceParts(id: string, parts: readonly StoredPart[]): void;

  /**
   * The uploads that may start now: `queued`, or `waiting` with `retryAt` past; by priority, then age; of this account.
   * With `perPatientOrder` only the oldest unfinished upload of a patient counts (paused ones and those in need of
   * attention do not hold the others up).
   */
  runnable(options: { accountId: string; now: number; limit: number; perPatientOrder: boolean; except: ReadonlySet<string> }): UploadRecord[];
  /** The earliest `retryAt` of those waiting, of this account. */
  nextRetryAt(accountId: string): number | undefined;
  /** Ids in the given states, oldest first; every account's where none is given. */
  idsInState(names: readonly UploadState['name'][], accountId?: string): string[];
  idsToAbort(): string[];
  /** A newer upload of the same patient that has been sent, or may have been (contract A). */
  hasNewerSent(record: UploadRecord): boolean;

  /** Whether photos of this patient are still to be sent, of any account. */
  hasUnfinished(patientId: string): boolean;

  counts(accountId?: string): QueueCounts;
  /** Bytes not confirmed yet of everything that is still to be sent. */
  remainingBytes(accountId?: string): number;
  page(options: { accountId?: string; filter: QueueFilter; before?: number; limit: number }): { records: UploadRecord[]; total: number };
  story(id: string): UploadEvent[];
  metrics(since: number, accountId?: string): UploadMetrics;
  oldestUnfinishedAt(accountId?: string): number | undefined;
  damagedRows(): number;

  setThumbnail(id: string, bytes: Uint8Array): void;
  thumbnail(id: string): Uint8Array | undefined;
}

/** Small facts kept beside the queue, in the same encrypted database: session, limits, patients, settings. */
export interface KeyValueStore {
  /** The stored JSON text. */
  get(key: string): string | undefined;
  set(key: string, json: string): void;
  delete(key: string): void;
}
