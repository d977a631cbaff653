import { createHash } from 'node:crypto';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { freeNow } from '../spool/free-now.ts';
import { SpoolError, type Spool, type SpoolReader } from '../spool/spool.ts';
import type { PartBody } from '../transport/transport.ts';
import { planParts, type PlannedPart } from './part-plan.ts';

/** Reads a photo's parts out of the spool, with their MD5. Bytes whose seal is broken never leave it. */
export class PartBodies {
  readonly #spool: Spool;
  readonly #facts: PhotoFacts;
  #reader: SpoolReader | undefined;

  constructor(spool: Spool, facts: PhotoFacts) {
    this.#spool = spool;
    this.#facts = facts;
  }

  /** @throws SpoolError where the sealed copy is missing, damaged, or of another photo */
  async open(): Promise<void> {
    if (this.#reader) return;
    const reader = await this.#spool.open(this.#facts.id);
    if (reader.facts.sha256 !== this.#facts.sha256 || reader.facts.sizeBytes !== this.#facts.sizeBytes) {
      await reader.close();
      throw new SpoolError('damaged');
    }
    this.#reader = reader;
  }

  /** @throws SpoolError */
  async read(part: PlannedPart): Promise<PartBody> {
    if (!this.#reader) throw new SpoolError('missing');
    // The digest of the whole was taken when the source was read; the seal vouches for the bytes since.
    const digest = part.start === 0 && part.end === this.#facts.sizeBytes ? undefined : createHash('md5');
    const chunks: Uint8Array[] = [];
    for await (const piece of this.#reader.pieces(part.start, part.end)) {
      digest?.update(piece);
      chunks.push(piece);
    }
    return { number: part.number, chunks, sizeBytes: part.end - part.start, md5: digest?.digest('hex') ?? this.#facts.md5, free: () => chunks.forEach(freeNow) };
  }

  /** The MD5 of a part, of which no more than a piece is held at a time. @throws SpoolError */
  async md5(part: PlannedPart): Promise<string> {
    if (!this.#reader) throw new SpoolError('missing');
    const digest = createHash('md5');
    for await (const piece of this.#reader.pieces(part.start, part.end)) {
      digest.update(piece);
      freeNow(piece);
    }
    return digest.digest('hex');
  }

  /** The MD5s of all parts of this size, out of the sealed copy; undefined where that cannot be read. */
  async md5s(partBytes: number): Promise<string[] | undefined> {
    try {
      await this.open();
      const md5s: string[] = [];
      for (const part of planParts(this.#facts.sizeBytes, partBytes)) md5s.push(await this.md5(part));
      return md5s;
    } catch (error) {
      if (error instanceof SpoolError) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.close();
  }
}
