import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { freeNow } from './free-now.ts';
import { SpoolError, type Spool } from './spool.ts';

/** Whether the sealed copy of a photo is there, and can be read to its last byte. Reads all of it. */
export async function isWholeCopy(spool: Spool, { id, sha256, sizeBytes }: Pick<PhotoFacts, 'id' | 'sha256' | 'sizeBytes'>): Promise<boolean> {
  try {
    const reader = await spool.open(id);
    try {
      if (reader.facts.sha256 !== sha256 || reader.facts.sizeBytes !== sizeBytes) return false;
      // The seal of each piece is checked as it is read.
      for await (const piece of reader.pieces(0, sizeBytes)) freeNow(piece);
      return true;
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (!(error instanceof SpoolError)) throw error;
    return false;
  }
}

/**
 * Seals the bytes of one entry once more, as those of another photo of the same bytes, in place of whatever lies there. A key is
 * bound to its entry, so renaming would not do.
 *
 * @throws SpoolError; what lay there before is then untouched
 */
export async function sealAgainAs(spool: Spool, from: string, facts: PhotoFacts): Promise<void> {
  const reader = await spool.open(from);
  try {
    if (reader.facts.sha256 !== facts.sha256 || reader.facts.sizeBytes !== facts.sizeBytes) throw new Error('the bytes are another photo\'s');
    const writer = await spool.create(facts.id, { replaces: true });
    try {
      for await (const piece of reader.pieces(0, facts.sizeBytes)) await writer.write(piece);
      await writer.seal(facts);
    } catch (error) {
      await writer.discard().catch(() => undefined);
      throw error;
    }
  } finally {
    await reader.close();
  }
}
