import { expect, test } from 'vitest';
import { openDatabase } from '../queue/database.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import { sentByNow } from './sent-by-now.ts';

test('what was sent while the clock was ahead counts as sent when it was put right, once and for all; what was sent before stays', () => {
  const queue = new UploadQueue(createSqliteUploadStore(openDatabase({ file: ':memory:' })));
  const session = { transport: 'gateway-photo', at: 'https://gw.example', sessionId: 's', objectKey: 'k', partBytes: 1_000, openedAt: 1 } as const;
  const [early, late] = [factsFor({}), factsFor({})].map(({ id }, index) => {
    queue.store.insert(factsFor({ id }), 'normal', 1);
    queue.note(id, { remote: { ...session, sentAt: index === 0 ? 900 : 1_000_000 } });
    return id;
  }) as [string, string];
  const record = (id: string) => queue.store.get(id)!;
  expect(sentByNow(queue, { now: () => 1_000 }, record(early))?.sentAt).toBe(900);
  expect(sentByNow(queue, { now: () => 1_000 }, record(late))?.sentAt).toBe(1_000);
  expect(sentByNow(queue, { now: () => 5_000 }, record(late))?.sentAt).toBe(1_000);
});
