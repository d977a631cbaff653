import { expect, test } from 'vitest';
import { HttpError } from '../transport/http.ts';
import type { Transport } from '../transport/transport.ts';
import { leaveSession, type Begun } from './leave-session.ts';

const hour = 3_600_000;
const openedAt = Date.UTC(2026, 10, 22, 8);
const md5 = 'a'.repeat(32);
const begun: Begun = {
  facts: { id: '0f8fad5b-d9cb-469f-a165-70867728950e', accountId: 'a', patientId: 'p', sizeBytes: 10, md5, sha256: 'b'.repeat(64) } as Begun['facts'],
  session: { transport: 'upload-sessions', at: 'https://gw.example', sessionId: 's', partBytes: 10, openedAt },
  sent: [{ number: 1, sizeBytes: 10, etag: md5 }],
};
const silent = { inspect: () => Promise.reject(new HttpError({ reason: 'connect-timeout', endpoint: 'gateway', requestSent: false })) } as unknown as Transport;
const leaveAt = (now: number) => leaveSession(silent, begun, now, new AbortController().signal).then(({ name }) => name, () => 'waits');

test.each([
  ['just begun', 1_000, 'waits'],
  ['after an hour', hour, 'gone'],
  ['after the clock was set back a little', -60_000, 'waits'],
  ['after the clock, which was a year ahead, was put right', -365 * 24 * hour, 'gone'],
])('a photo that may be complete where nobody answers: %s', async (_when, ms, what) => {
  expect(await leaveAt(openedAt + ms)).toBe(what);
});
