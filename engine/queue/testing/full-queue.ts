import { openDatabase } from '../database.ts';
import { factsFor } from '../upload-facts-for-tests.ts';

/** Of 500 patients, a quarter each queued, waiting, paused and completed; written as the store would, without waiting for the disk at each. */
export function fillQueue({ file, key, rows }: { file: string; key: Uint8Array; rows: number }): void {
  const database = openDatabase({ file, key });
  const insert = database.prepare(`INSERT INTO uploads (id, account_id, patient_id, sha256, size_bytes, facts, priority, state_name, state, retry_at, added_at, updated_at)
    VALUES (?, 'nurse', ?, ?, 4000000, ?, 1, ?, ?, ?, 1, 1)`);
  const failure = { code: 'stalled', disposition: 'retry', endpoint: 'gateway', ambiguous: false };
  database.transaction(() => {
    for (let index = 0; index < rows; index += 1) {
      const facts = factsFor({ patientId: `patient-${index % 500}` });
      const state = [{ name: 'queued' }, { name: 'waiting', retryAt: 1e12 + index, failure }, { name: 'paused' }, { name: 'completed', at: 1, photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } }][index % 4]!;
      insert.run(facts.id, facts.patientId, facts.sha256, JSON.stringify(facts), state.name, JSON.stringify(state), state.name === 'waiting' ? 1e12 + index : null);
    }
  })();
  database.close();
}
