import type { QueueFilter } from '../../shared/engine-contract.ts';
import type { Priority, PhotoFacts, QueueCounts, UploadEvent, UploadState } from '../../shared/domain/upload.ts';
import type { RemoteSession, StoredPart } from '../transport/transport.ts';
import type { Held } from '../upload/transition.ts';

/** A row of the queue. Changed only through the store; what a caller holds is a copy. */
export interface UploadRecord {
  facts: PhotoFacts;
  /** Order of arrival, never reused; another one only by `asNewest`. */
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

/** Whose uploads are meant, see [Note: an id at a gateway] in `engine/account/owner.ts`. Where a call leaves it out, everybody's are. */
export type Accounts = readonly string[];

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
  /** It gets the place of one that has just arrived: the last in order, after all of its patient's. */
  asNewest?: true;
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
  /**
   * The same bytes for the same patient, of one of the accounts, in any state but cancelled, and not sent and replaced by a newer
   * photo since (contract A): what is not at the server any more can be sent there again.
   * @param elsewhere accounts of other backends, whose patients are others
   */
  findDuplicate(accounts: Accounts, patientId: string, sha256: string, elsewhere?: Accounts): UploadRecord | undefined;
  /** Applies a change and adds lines to the photo's story, together. @throws Error for an unknown id. */
  commit(id: string, change: UploadChange, events: readonly UploadEvent[]): UploadRecord;
  /**
   * What `transition` does on `wake`, to those of the next few hundred waiting uploads that it is for, oldest first and in one
   * transaction: a network that comes back finds 50,000 photos waiting. Each gets the event in its story.
   * @param after where the call before came to; absent: from the oldest
   */
  wakeHeld(held: Held, event: UploadEvent, after?: number): Woken;

  /** Everything committed so far is on the disk when this returns. Called before anything is destroyed on the strength of it. */
  makeDurable(): void;

  /** Adds or replaces a confirmed part and resets `failuresInARow`, together. */
  recordPart(id: string, part: StoredPart, at: number): void;
  parts(id: string): StoredPart[];
  /** Makes the ledger say what the server says. */
  replaceParts(id: string, parts: readonly StoredPart[]): void;

  /**
   * The uploads that may start now: `queued`, or `waiting` with `retryAt` past; by priority, then age; of these accounts.
   * With `perPatientOrder` only the oldest unfinished upload of a patient counts (paused ones, those in need of
   * attention and those of other accounts do not hold the others up).
   */
  runnable(options: { accounts: Accounts; now: number; limit: number; perPatientOrder: boolean; except: ReadonlySet<string> }): UploadRecord[];
  /** The earliest `retryAt` that is still to come, of those waiting, of these accounts. */
  nextRetryAt(accounts: Accounts, now: number): number | undefined;
  /** Ids in the given states, oldest first. */
  idsInState(names: readonly UploadState['name'][], accounts?: Accounts): string[];
  idsToAbort(accounts?: Accounts): string[];
  /**
   * A newer upload of the same patient that has been sent, or may have been (contract A). Of any account: a patient has one photo,
   * whoever sent it. `except`: accounts of other backends, whose patients are others.
   */
  hasNewerSent(record: UploadRecord, except?: Accounts): boolean;
  /** Older uploads of the same patient, of any account but `except`, that were sent and whose arrival nobody has seen (contract A). */
  olderOnTheirWay(record: UploadRecord, except?: Accounts): UploadRecord[];

  /** Everybody who has had uploads here. */
  accounts(): Accounts;

  /** Whether photos of this patient are still to be sent. */
  hasUnfinished(patientId: string, accounts?: Accounts): boolean;

  counts(accounts?: Accounts): QueueCounts;
  /** Bytes not confirmed yet of everything that is still to be sent. */
  remainingBytes(accounts?: Accounts): number;
  /** @param options `held`: what is queued is shown among what waits; see [Note: the queue is held] */
  page(options: { accounts?: Accounts; filter: QueueFilter; held?: boolean; before?: number; limit: number }): { records: UploadRecord[]; total: number };
  story(id: string): UploadEvent[];
  metrics(since: number, accounts?: Accounts): UploadMetrics;
  oldestUnfinishedAt(accounts?: Accounts): number | undefined;
  damagedRows(): number;

  setThumbnail(id: string, bytes: Uint8Array): void;
  thumbnail(id: string): Uint8Array | undefined;
}

export interface Woken {
  /** Oldest first. */
  ids: string[];
  /** Give as `after` to go on; absent where no more wait. */
  next: number | undefined;
}

/** Small facts kept beside the queue, in the same encrypted database: session, limits, patients, settings. */
export interface KeyValueStore {
  /** The stored JSON text. */
  get(key: string): string | undefined;
  set(key: string, json: string): void;
  delete(key: string): void;
}
