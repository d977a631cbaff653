import type { PhotoFacts } from '../../shared/domain/upload.ts';

/**
 * Where photos lie, encrypted, from the moment they are read until the store has confirmed them.
 *
 * A sealed entry describes itself (its facts are inside, encrypted), so photos can be recovered from the spool
 * alone should the queue's database be lost.
 *
 * Rejects with `SpoolError`.
 */
export interface Spool {
  /**
   * Begins an entry; nothing is visible under `id` until it is sealed.
   * @param options.replaces where an entry of that id lies there already, it goes when this one is sealed, and not before; else the id is taken
   */
  create(id: string, options?: { replaces?: boolean }): Promise<SpoolWriter>;
  open(id: string): Promise<SpoolReader>;
  /** Destroys an entry; fine if there is none. */
  remove(id: string): Promise<void>;
  /** Everything that lies there; entries half written by a process that died are `partial`. */
  list(): Promise<SpoolEntry[]>;
  /** Removes what a dead process left half written. */
  removePartial(): Promise<number>;
}

export interface SpoolEntry {
  id: string;
  kind: 'sealed' | 'partial';
  modifiedAt: number;
  sizeOnDisk: number;
}

export interface SpoolWriter {
  /** Encrypts and writes; the bytes may be reused by the caller once it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes the facts, forces all to the disk and makes the entry visible, in this order. Survives a power cut once resolved. */
  seal(facts: PhotoFacts): Promise<void>;
  /** Gives up the entry and removes what was written. */
  discard(): Promise<void>;
}

export interface SpoolReader {
  readonly facts: PhotoFacts;
  /**
   * The plain bytes from `start` up to, not including, `end`, piece by piece in order. Each piece is whoever's who gets it, and was
   * authenticated before: damaged bytes are never given out. Throws `RangeError` for bytes that the photo does not have.
   */
  pieces(start: number, end: number): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export type SpoolErrorReason = 'missing' | 'damaged' | 'wrong-key' | 'disk-full' | 'unwritable' | 'unreadable';

export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly reason: SpoolErrorReason;

  constructor(reason: SpoolErrorReason, options?: { cause?: unknown }) {
    super(`spool: ${reason}`, options);
    this.reason = reason;
  }
}
