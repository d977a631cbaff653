import { expect, test } from 'vitest';
import type { RemoteSession } from '../transport/transport.ts';
import { isSent } from './upload-row.ts';

const session = (transport: RemoteSession['transport'], sentAt?: number): RemoteSession => ({ transport, at: 'https://gw.example', sessionId: 's', partBytes: 1, openedAt: 0, ...(sentAt === undefined ? {} : { sentAt }) });

test('only what an older photo would replace counts as sent: not what went by contract B or own keys', () => {
  const completed = { name: 'completed', at: 1, photo: { photoId: 'p', objectKey: 'k', sizeBytes: 1, uploadedAt: 1 } } as const;
  expect(isSent(completed, session('gateway-photo'))).toBe(true);
  expect(isSent({ name: 'waiting', retryAt: 1, failure: { code: 'gateway-timeout', disposition: 'wait', endpoint: 'gateway', ambiguous: true } }, session('gateway-photo', 5))).toBe(true);
  // Where nothing is known of the way, the safe side.
  expect(isSent(completed, undefined)).toBe(true);
  for (const way of ['upload-sessions', 'own-keys'] as const) expect([way, isSent(completed, session(way)), isSent({ name: 'completing' }, session(way))]).toEqual([way, false, false]);
  expect(isSent({ name: 'queued' }, session('gateway-photo'))).toBe(false);
});
