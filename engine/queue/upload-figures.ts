/** @file What is counted: how many in each state, bytes to go, how long uploads took. */
import { uploadEventSchema, uploadStateNames, type QueueCounts, type UploadStateName } from '../../shared/domain/upload.ts';
import type { Database } from './database.ts';
import { parseJson } from './upload-row.ts';
import type { Accounts, UploadMetrics } from './upload-store.ts';

const notToBeSent: ReadonlySet<string> = new Set<UploadStateName>(['completed', 'cancelled', 'needsAttention']);
const minuteMs = 60_000;

interface Tally { account_id: string; state_name: string; uploads: number; unconfirmed_bytes: number }

export type UploadFigures = ReturnType<typeof prepareFigures>;

export function prepareFigures(database: Database) {
  const tallies = database.prepare<[], Tally>('SELECT * FROM tallies');
  const durations = database.prepare<[string, number], number | null>(`SELECT completed_at - first_byte_at FROM uploads INDEXED BY uploads_completed
    WHERE account_id = ? AND state_name = 'completed' AND completed_at >= ?`).pluck();
  const tries = database.prepare<[string, number], { begun: number | null; failed: number | null }>(
    'SELECT sum(begun) AS begun, sum(failed) AS failed FROM tries WHERE account_id = ? AND minute >= ?');
  const lastFailures = database.prepare<[number], { account_id: string; event: string }>(`SELECT account_id, event FROM story INDEXED BY story_failures
    JOIN uploads ON uploads.sequence = story.upload WHERE failed = 1 AND at >= ? ORDER BY at DESC`);
  const countTries = database.prepare<[string, number, number, number]>(`INSERT INTO tries VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET begun = begun + excluded.begun, failed = failed + excluded.failed`);

  const talliesOf = (accounts: Accounts | undefined): Tally[] => tallies.all().filter((tally) => !accounts || accounts.includes(tally.account_id));

  function lastFailure(since: number, accounts: Accounts | undefined): UploadMetrics['lastFailure'] {
    for (const { account_id: account, event } of lastFailures.iterate(since)) {
      if (accounts && !accounts.includes(account)) continue;
      const parsed = uploadEventSchema.safeParse(parseJson(event));
      if (parsed.success && parsed.data.failure) return { ...parsed.data, failure: parsed.data.failure };
    }
    return undefined;
  }

  return {
    counts(accounts?: Accounts): QueueCounts {
      const counts = Object.fromEntries(uploadStateNames.map((name) => [name, 0])) as QueueCounts;
      for (const { state_name: name, uploads } of talliesOf(accounts)) counts[name as UploadStateName] += uploads;
      return counts;
    },
    remainingBytes(accounts?: Accounts): number {
      return talliesOf(accounts).reduce((sum, tally) => notToBeSent.has(tally.state_name) ? sum : sum + tally.unconfirmed_bytes, 0);
    },
    /** Tries are kept by the minute, so those of `since`'s own minute all count. */
    metrics(since: number, wanted?: Accounts): UploadMetrics {
      const accounts = new Set(talliesOf(wanted).map((tally) => tally.account_id));
      const all: (number | null)[] = [];
      let triesBegun = 0;
      let triesFailed = 0;
      for (const account of accounts) {
        for (const duration of durations.all(account, since)) all.push(duration);
        const sums = tries.get(account, Math.floor(since / minuteMs));
        triesBegun += sums?.begun ?? 0;
        triesFailed += sums?.failed ?? 0;
      }
      const durationsMs = Float64Array.from(all.filter((duration) => duration !== null && duration >= 0) as number[]).sort();
      return { completed: all.length, durationsMs: [...durationsMs], triesBegun, triesFailed, lastFailure: lastFailure(since, wanted) };
    },
    countTries(accountId: string, at: number, begun: number, failed: number): void {
      countTries.run(accountId, Math.floor(at / minuteMs), begun, failed);
    },
  };
}
