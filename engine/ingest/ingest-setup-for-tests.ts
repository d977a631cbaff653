/** @file A real spool, a real database and a folder of sources for the tests of ingest. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Limits } from '../../shared/domain/account.ts';
import type { IngestOutcome, IngestProgress } from '../../shared/domain/ingest.ts';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logging/logger.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { systemRandom } from '../random.ts';
import { openEncryptedSpool } from '../spool/encrypted-spool.ts';
import { createIngest, type IngestPorts } from './ingest.ts';

export const limits: Limits = {
  contract: 'upload-sessions', maxFileBytes: 30 * 1024 * 1024, acceptedTypes: ['image/jpeg', 'image/png', 'image/webp'],
  partBytes: 5 * 1024 * 1024, maxPartsInFlight: 4, learntAt: 0,
};

export async function setUp(ports: Partial<IngestPorts> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'relevo-ingest-'));
  const sources = join(root, 'card');
  const data = join(root, 'data');
  mkdirSync(sources);
  mkdirSync(data);
  const key = randomBytes(32);
  const database = openDatabase({ file: join(data, 'queue.db'), key });
  const store = createSqliteUploadStore(database);
  const spool = await openEncryptedSpool({ dir: join(data, 'spool'), key });
  const ingest = createIngest({
    spool, queue: new UploadQueue(store), clock: systemClock, random: systemRandom, log: silentLogger, limits: () => limits, removeLocation: () => true, diskFree: async () => Number.MAX_SAFE_INTEGER, ...ports,
  });
  const progress: IngestProgress[] = [];
  const request = { batchId: 'batch', accountId: 'nurse', patientId: 'patient-7', patientName: 'Ana María Núñez' };
  return {
    root, sources, data, store, spool, ingest, request, progress,
    add: (...paths: string[]): Promise<IngestOutcome[]> => ingest.addFiles({ ...request, paths }, (one) => progress.push(one)),
    /** Takes in a JPEG of that length, which is not checked for a picture. @returns its id */
    async addLarge(bytes: number): Promise<string> {
      const path = join(sources, `${bytes}.jpg`);
      const [start, end] = [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0]), Buffer.from([0xff, 0xd9])];
      writeFileSync(path, Buffer.concat([start, Buffer.alloc(bytes - start.length - end.length, 7), end]));
      const [outcome] = await this.add(path);
      if (outcome?.outcome !== 'queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`);
      return outcome.id;
    },
    /** The plain bytes of a sealed photo. */
    async plain(id: string): Promise<Uint8Array> {
      const reader = await spool.open(id);
      try {
        return await buffer(reader.pieces(0, reader.facts.sizeBytes));
      } finally {
        await reader.close();
      }
    },
    tearDown(): void {
      database.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
export type Setup = Awaited<ReturnType<typeof setUp>>;

/** `a.jpg queued`, `b.txt rejected not-an-image`, … by the last part of the path. */
export function summary(outcomes: readonly IngestOutcome[]): string[] {
  return outcomes.map((one) => `${one.file.split('/').at(-1)} ${one.outcome}${one.outcome === 'rejected' ? ` ${one.code}` : ''}`);
}
