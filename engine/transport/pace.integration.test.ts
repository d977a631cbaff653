import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { Bandwidth } from '../resilience/bandwidth.ts';
import type { HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => { for (const close of closers.splice(0).reverse()) await close(); });

async function setUp(perSecond: number) {
  let received = 0;
  const server = http.createServer((request, response) => { request.on('data', (chunk: Buffer) => { received += chunk.length; }).on('end', () => response.end()).on('error', () => undefined); });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const pace = new Bandwidth(systemClock);
  pace.setLimit(perSecond);
  const made = createNodeHttp({ pace });
  closers.push(() => { server.closeAllConnections(); server.close(); }, () => made.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const put = (bytes: number, rest: Partial<HttpRequest> = {}) => made.send({ method: 'PUT', url, headers: {}, body: [new Uint8Array(bytes)], endpoint: 'spaces', deadlines: { connectMs: 20_000, stallMs: 1_200 }, ...rest });
  return { pace, put, received: () => received };
}

test('whoever waits for a turn longer than a stall takes is not stalled', async () => {
  const { pace, put, received } = await setUp(2_000);
  // Eight bodies with half a kilobyte a turn: each has its turn every two seconds.
  const all = Array.from({ length: 8 }, () => put(4_000));
  await expect.poll(received, { timeout: 20_000 }).toBeGreaterThan(9_000);
  pace.setLimit(undefined);
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
});

test('a call does not wait for photos, an abort not for its turn', async () => {
  const { put } = await setUp(1_000);
  const stop = new AbortController();
  const photo = put(1_000_000, { signal: stop.signal }).then(() => 'sent', (error: { reason: string }) => error.reason);
  expect((await put(100_000, { deadlines: { connectMs: 20_000, stallMs: 20_000, totalMs: 20_000 } })).status).toBe(200);
  stop.abort();
  expect(await photo).toBe('aborted');
});

test('progress is told piece by piece, however low the limit', async () => {
  const { put, pace } = await setUp(20_000);
  const told: number[] = [];
  const sent = put(40_000, { onSent: (bytes) => told.push(bytes) });
  await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(Math.max(...told)).toBeLessThanOrEqual(2_500);
  pace.setLimit(undefined);
  await sent;
  expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(40_000);
});
