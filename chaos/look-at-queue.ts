import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { PhotoFacts } from '../shared/domain/upload.ts';
import { dataFolderPaths } from '../engine/data-folder/data-folder.ts';
import { openDatabase } from '../engine/queue/database.ts';
import { createSqliteUploadStore } from '../engine/queue/sqlite-upload-store.ts';
import type { UploadRecord } from '../engine/queue/upload-store.ts';

export interface QueueLook {
  records: UploadRecord[];
  /** What the queue says has arrived. */
  completed: PhotoFacts[];
  underWay: number;
}

/**
 * What a dead engine left in its queue. Read from a copy: opening the real one would already make good what the death left
 * half done, and the next engine is to find it as it was.
 */
export async function lookAtQueue(dataDir: string, key: Uint8Array): Promise<QueueLook> {
  const { database: file } = dataFolderPaths(dataDir);
  const folder = await mkdtemp(join(tmpdir(), 'relevo-chaos-look-'));
  const copy = join(folder, basename(file));
  try {
    // Killed before its first commit, it may have left none of them.
    for (const suffix of ['', '-wal', '.key-id']) await copyFile(`${file}${suffix}`, `${copy}${suffix}`).catch(() => undefined);
    const database = openDatabase({ file: copy, key });
    try {
      const store = createSqliteUploadStore(database);
      const records = store.page({ filter: 'all', limit: 100_000 }).records;
      return {
        records,
        completed: records.filter((record) => record.state.name === 'completed').map((record) => record.facts),
        underWay: records.filter((record) => record.state.name === 'uploading' || record.state.name === 'completing').length,
      };
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
