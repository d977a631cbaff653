import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import type { Engine } from '../engine/engine-types.ts';
import { silentLogger } from '../engine/logging/logger.ts';
import { openDatabase, type Database } from '../engine/queue/database.ts';
import { createSqliteKeyValueStore } from '../engine/queue/sqlite-key-value-store.ts';
import { createSqliteUploadStore } from '../engine/queue/sqlite-upload-store.ts';
import type { UploadStore } from '../engine/queue/upload-store.ts';
import type { Http, HttpAnswer, HttpRequest } from '../engine/transport/http.ts';
import { VirtualTime } from '../engine/virtual-time.ts';
import { SeededRandom } from './seeded-random.ts';
import { gatewayOrigin, SimulatedBackend } from './simulated-backend.ts';
import { SimulatedSpool } from './simulated-spool.ts';

/** What a server says instead of doing its work; `undefined` where it does it. */
type Says = (request: HttpRequest) => { status: number; headers?: Record<string, string>; body?: string } | undefined;

const minute = 60_000;
const photos = 120;
const ofMedia = (request: HttpRequest): boolean => new URL(request.url).pathname.startsWith('/media/');
const ofStore = (request: HttpRequest): boolean => !request.url.startsWith(gatewayOrigin);
const internal = { status: 500, body: '{"status":"error","data":null,"error":{"code":"internal"}}' };

let time: VirtualTime;
let uninstall: () => void;
let database: Database;
let store: UploadStore;
let engine: Engine;
let says: Says;
let refused: HttpRequest[];

beforeEach(async () => {
  time = new VirtualTime(Date.UTC(2026, 10, 23, 20));
  uninstall = time.install();
  database = openDatabase({ file: ':memory:' });
  store = createSqliteUploadStore(database);
  [says, refused] = [() => undefined, []];
  const backend = new SimulatedBackend({ contract: 'sessions', now: () => time.now(), partBytes: 1_500, recognisesBytes: true, comparesWhole: true });
  const http: Http = {
    forgetConnections: () => undefined, close: () => undefined,
    async send(request): Promise<HttpAnswer> {
      await time.sleep(20, request.signal);
      const url = new URL(request.url);
      const said = says(request);
      if (said) refused.push(request);
      const input = { method: request.method, path: url.pathname + url.search, headers: request.headers, body: Buffer.concat(request.body ?? []) };
      const answer = said ?? (ofStore(request) ? backend.answerSpaces(input) : backend.answer(input));
      return { status: answer.status, headers: answer.headers ?? {}, body: Buffer.from(answer.body ?? ''), phases: { total: 20 } };
    },
  };
  const begun = createEngine({
    clock: time, random: new SeededRandom(1), log: silentLogger, http, spool: new SimulatedSpool(), store, keyValues: createSqliteKeyValueStore(database),
    diskSpace: async () => ({ freeBytes: 1e12, totalBytes: 1e12 }), keySource: 'environment', defaults: { gateway: gatewayOrigin }, sending: true,
  });
  await during(begun.then(async (made) => {
    engine = made;
    await engine.calls.signIn({ email: 'n@example.com', password: 'secret' });
    await engine.calls.searchPatients({ text: '', limit: 10, refresh: false });
    await engine.calls.pauseQueue(undefined);
  }));
  for (let index = 0; index < photos; index += 1) {
    const bytes = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, ...Buffer.alloc(996, index)]);
    await during(Promise.resolve(engine.calls.addBytes({ batchId: 'b', patientId: 'patient-1', fileName: `${index}.jpg`, bytes })));
  }
  if (store.counts().queued !== photos) throw new Error('not every photo was taken in');
});
afterEach(async () => {
  await during(engine.close());
  uninstall();
  database.close();
});

/** Lets time pass until it is done. */
async function during(work: Promise<unknown>): Promise<void> {
  let over = false;
  void work.finally(() => { over = true; });
  await time.run(time.monotonic() + minute, () => over);
  await work;
}

const lines = (): number => database.prepare<[], number>('SELECT count(*) FROM story').pluck().get() ?? 0;
const counts = async () => (await engine.calls.getStatus(undefined)).counts;

describe.each<[string, Says]>([
  ['the media service answers 500', (request) => ofMedia(request) ? internal : undefined],
  ['the gateway says that its breaker is open', (request) => ofMedia(request) ? { status: 503, headers: { 'x-circuit': 'open' }, body: '{"error":"open","message":""}' } : undefined],
  ['the gateway says that its breaker is open for an hour', (request) => ofMedia(request) ? { status: 503, headers: { 'x-circuit': 'open', 'retry-after': '3600' }, body: '{"error":"open","message":""}' } : undefined],
  ['the store answers 500', (request) => ofStore(request) ? { status: 500 } : undefined],
  ['the store asks for a minute each time', (request) => ofStore(request) ? { status: 503, headers: { 'retry-after': '60' }, body: '<Error><Code>SlowDown</Code></Error>' } : undefined],
  ['the gateway asks for half an hour each time', (request) => ofMedia(request) ? { status: 429, headers: { 'retry-after': '1800' }, body: '{"error":"rate_limited","message":""}' } : undefined],
])('while %s', (_name, outage) => {
  test('an evening writes next to nothing, the queue says what holds it, and then everything goes', async () => {
    if (store.counts().queued !== photos) throw new Error('not every photo was taken in');
    says = outage;
    await during(Promise.resolve(engine.calls.resumeQueue(undefined)));
    await time.run(time.monotonic() + 2 * minute);
    const early = { lines: lines(), refused: refused.length };
    await time.run(time.monotonic() + 3 * 60 * minute);
    // However many photos there are: a few lines for each trial that met another failure.
    expect(lines() - early.lines).toBeLessThan(3 * 60 * 4);
    expect(refused.length - early.refused).toBeLessThan(3 * 60 * 6 * 2);

    const { items, total } = await engine.calls.getQueuePage({ filter: 'waiting', limit: photos });
    expect(total).toBeGreaterThanOrEqual(photos - 1);
    expect((await counts()).queued).toBe(0);
    expect(new Set(items.map(({ state }) => state.name === 'blocked' ? `blocked: ${state.by}` : state.name)).size).toBeLessThanOrEqual(2);

    says = () => undefined;
    await time.run(time.monotonic() + 61 * minute, () => store.counts().completed === photos);
    expect(store.counts()).toMatchObject({ completed: photos });
  }, 60_000);
});
