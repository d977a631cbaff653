import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFront } from './front.ts';

/** What the store behind the front has of each request: its bytes, and whether they were all. */
let bodies: Promise<{ bytes: number; whole: boolean }>[];
let arrived: Promise<unknown>;
let clientGone: Promise<unknown>;
let store: Server;
let front: Server;
let dispose: () => void;

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function read(incoming: IncomingMessage): Promise<{ bytes: number; whole: boolean }> {
  let bytes = 0;
  // A store that is slower than the client: it begins when that has gone.
  await clientGone;
  try {
    for await (const chunk of incoming) bytes += (chunk as Buffer).length;
  } catch { /* It broke off. */ }
  return { bytes, whole: incoming.complete };
}

beforeEach(async () => {
  bodies = [];
  store = createServer((_incoming, answer) => answer.end());
  arrived = once(store, 'checkContinue').then(([incoming, answer]) => {
    answer.writeContinue();
    bodies.push(read(incoming));
    incoming.once('end', () => answer.end());
  });
  const built = createFront(await listen(store));
  dispose = built.dispose;
  front = createServer(built.handler);
  clientGone = once(front, 'request').then(([, answer]) => once(answer, 'close'));
});
afterEach(() => {
  dispose();
  for (const server of [front, store]) { server.closeAllConnections(); server.close(); }
});

const length = 6_000_000;

it('hands on a body of which every byte arrived, though the client is gone by then', async () => {
  const client = request(await listen(front), { method: 'PUT', headers: { 'content-length': length } });
  client.on('error', () => undefined);
  client.end(Buffer.alloc(length), () => client.destroy());
  await arrived;
  expect(await bodies[0]).toEqual({ bytes: length, whole: true });
});

it('breaks off what breaks off', async () => {
  const client = request(await listen(front), { method: 'PUT', headers: { 'content-length': length } });
  client.on('error', () => undefined);
  client.write(Buffer.alloc(length / 2), () => client.destroy());
  await arrived;
  expect((await bodies[0])?.whole).toBe(false);
});

it('answers a request without a body on a connection that goes on', async () => {
  const address = await listen(front);
  for (let turn = 0; turn < 2; turn += 1) expect((await fetch(address)).status).toBe(200);
});
