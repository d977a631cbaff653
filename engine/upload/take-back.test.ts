import { beforeEach, expect, test, vi } from 'vitest';
import { gatewayPhotoLimits } from '../account/negotiation.ts';
import { silentLogger } from '../logging/logger.ts';
import { openDatabase } from '../queue/database.ts';
import { createSqliteUploadStore } from '../queue/sqlite-upload-store.ts';
import { factsFor } from '../queue/upload-facts-for-tests.ts';
import { UploadQueue } from '../queue/upload-queue.ts';
import type { UploadChange, UploadStore } from '../queue/upload-store.ts';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import { createGatewayPhotoTransport } from '../transport/gateway-photo.ts';
import { createMemoryServer, createMemoryTransport } from '../transport/memory.ts';
import type { SessionReport, Transport } from '../transport/transport.ts';
import { VirtualTime } from '../virtual-time.ts';
import { TakeBack } from './take-back.ts';

const minute = 60_000;
let time: VirtualTime;
let store: UploadStore;
beforeEach(() => {
  time = new VirtualTime(Date.UTC(2026, 1, 1));
  store = createSqliteUploadStore(openDatabase({ file: ':memory:' }));
});

function cancelled(change: UploadChange = {}) {
  const facts = factsFor({});
  store.insert(facts, 'normal', time.now());
  store.commit(facts.id, { state: { name: 'cancelled' }, remoteToAbort: true, firstByteAt: time.now(), ...change }, []);
  return facts;
}
function takeBackWith(transport: Transport): TakeBack {
  return new TakeBack({ queue: new UploadQueue(store), clock: time, log: silentLogger, accounts: () => ['nurse'], transport: () => transport, transportOf: () => transport });
}
/** Every session is asked for, and refused. */
function refusing(status: number, code: string) {
  const open = vi.fn<() => Promise<SessionReport>>(() => Promise.reject(new AnswerError({ endpoint: 'gateway', status, code })));
  return { open, transport: { ...createMemoryTransport({ server: createMemoryServer(), clock: time }), open } satisfies Transport };
}

test.each([[404, 'patient_not_found'], [413, 'file_too_large'], [415, 'unsupported_file_type'], [403, 'forbidden']])('what the gateway refuses to open (%i %s) is not there, and is not asked for again', async (status, code) => {
  const facts = cancelled();
  const { open, transport } = refusing(status, code);
  takeBackWith(transport).begin();
  await time.run(24 * 60 * minute);
  expect(open).toHaveBeenCalledTimes(1);
  expect(store.get(facts.id)).toMatchObject({ remoteToAbort: false, state: { name: 'cancelled' } });
});

test('what cannot be taken back now is tried ever less often, however often somebody asks for it meanwhile', async () => {
  const facts = cancelled();
  const { open, transport } = refusing(500, 'internal');
  const takeBack = takeBackWith(transport);
  for (let times = 0; times < 100; times += 1) {
    takeBack.begin();
    await time.run(time.monotonic() + 36_000);
  }
  const before = open.mock.calls.length;
  expect(before).toBe(100);
  await time.run(time.monotonic() + 60 * minute);
  expect(open.mock.calls.length - before).toBeLessThanOrEqual(5);
  expect(store.get(facts.id)?.remoteToAbort).toBe(true);
});

test('after a failure it is tried again a minute later, and then taken back', async () => {
  const facts = cancelled();
  const { open, transport } = refusing(500, 'internal');
  takeBackWith(transport).begin();
  await time.run(minute / 2);
  open.mockImplementation(() => Promise.resolve({ name: 'gone' }));
  await time.run(2 * minute);
  expect(open).toHaveBeenCalledTimes(2);
  expect(store.get(facts.id)?.remoteToAbort).toBe(false);
});

test('what is cancelled while it is at it is taken back right after', async () => {
  cancelled();
  const { open, transport } = refusing(404, 'patient_not_found');
  const takeBack = takeBackWith(transport);
  takeBack.begin();
  const second = cancelled();
  takeBack.begin();
  await time.run(1_000);
  expect(open).toHaveBeenCalledTimes(2);
  expect(store.get(second.id)?.remoteToAbort).toBe(false);
});

test.each([[true, 'completed'], [false, 'cancelled']])('contract A: cancelled while it may yet arrive, a photo is called %s only when that is known', async (arrives, state) => {
  const sentAt = time.now();
  const facts = cancelled({ remote: { transport: 'gateway-photo', at: 'http://gateway', sessionId: 's', partBytes: 5_000_000, openedAt: sentAt, sentAt } });
  const older = factsFor({});
  let arrived = false;
  const client = { call: async () => ({ patient: { profile_photo_url: arrived ? 'http://cdn.example/patients/patient-1/x.jpg' : null } }) } as unknown as GatewayClient;
  const http = {
    send: async () => ({ status: 200, headers: { etag: `"${facts.md5}"`, 'content-length': String(facts.sizeBytes) }, body: new Uint8Array(), phases: { total: 1 } }),
    forgetConnections: () => undefined, close: () => undefined,
  };
  const transport = createGatewayPhotoTransport({ client, http, at: 'http://gateway', limits: gatewayPhotoLimits(0), clock: time, orgOf: () => 'org' });
  takeBackWith(transport).begin();
  await time.run(minute);
  expect(store.get(facts.id)).toMatchObject({ remoteToAbort: true, state: { name: 'cancelled' } });
  arrived = arrives;
  await time.run(time.monotonic() + 2 * minute);
  expect(store.get(facts.id)).toMatchObject({ remoteToAbort: false, state: { name: state } });
  // What did not arrive holds no older photo back.
  store.insert(older, 'normal', time.now());
  expect(store.hasNewerSent({ ...store.get(older.id)!, sequence: 0 })).toBe(arrives);
});
