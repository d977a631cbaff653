import type { PhotoFacts } from '../shared/domain/upload.ts';
import { SpoolError, type Spool, type SpoolEntry, type SpoolReader, type SpoolWriter } from '../engine/spool/spool.ts';

interface Entry { facts: PhotoFacts | undefined; chunks: Buffer[]; damaged: boolean }

/** The spool's promises on a disk that outlives every process, can be full, and can rot. */
export class SimulatedSpool implements Spool {
  readonly entries = new Map<string, Entry>();
  full = false;

  async create(id: string, { replaces = false }: { replaces?: boolean } = {}): Promise<SpoolWriter> {
    if (this.full) throw new SpoolError('disk-full');
    if (!replaces && this.entries.get(id)?.facts) throw new SpoolError('unwritable');
    const entry: Entry = { facts: undefined, chunks: [], damaged: false };
    // Half written beside a sealed one it is not to be seen; alone it is what a dead process leaves behind.
    if (!this.entries.has(id)) this.entries.set(id, entry);
    return {
      write: async (bytes) => {
        if (this.full) throw new SpoolError('disk-full');
        entry.chunks.push(Buffer.from(bytes));
      },
      seal: async (facts) => { entry.facts = facts; this.entries.set(id, entry); },
      discard: async () => { if (this.entries.get(id) === entry) this.entries.delete(id); },
    };
  }

  async open(id: string): Promise<SpoolReader> {
    const entry = this.entries.get(id);
    if (!entry?.facts) throw new SpoolError('missing');
    const bytes = Buffer.concat(entry.chunks);
    return {
      facts: entry.facts,
      async *pieces(start, end) {
        if (entry.damaged) throw new SpoolError('damaged');
        yield Uint8Array.from(bytes.subarray(start, end));
      },
      close: async () => undefined,
    };
  }

  async remove(id: string): Promise<void> {
    this.entries.delete(id);
  }

  async list(): Promise<SpoolEntry[]> {
    return [...this.entries].map(([id, entry]) => ({ id, kind: entry.facts ? 'sealed' : 'partial', modifiedAt: 0, sizeOnDisk: 0 }));
  }

  async removePartial(): Promise<number> {
    const partial = [...this.entries].filter(([, entry]) => !entry.facts);
    for (const [id] of partial) this.entries.delete(id);
    return partial.length;
  }

  damage(id: string): void {
    const entry = this.entries.get(id);
    if (entry) entry.damaged = true;
  }
}
