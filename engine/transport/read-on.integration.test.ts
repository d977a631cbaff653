import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';

let server: Server | undefined;
const http = createNodeHttp();
afterEach(() => {
  http.close();
  server?.closeAllConnections();
  server?.close();
});

/** A store that gives an object in so many pieces, one every 40 ms. */
async function slowStore(pieces: number, status = 200): Promise<HttpRequest> {
  server = createServer((_request, answer) => {
    answer.writeHead(status, { 'content-length': String(pieces * 1_000) });
    let left = pieces;
    const timer = setInterval(() => {
      answer.write(Buffer.alloc(1_000, 1));
      if (--left === 0) { clearInterval(timer); answer.end(); }
    }, 40);
    answer.on('close', () => { clearInterval(timer); });
  });
  await new Promise<void>((resolve) => { server?.listen(0, '127.0.0.1', resolve); });
  return { method: 'GET', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, headers: {}, endpoint: 'spaces', deadlines: { connectMs: 2_000, stallMs: 500 } };
}

it('what is read as it comes may take as long as it moves, and is not kept', async () => {
  const request = await slowStore(60);
  let read = 0;
  const answer = await http.send({ ...request, onAnswer: (piece) => { read += piece.length; } });
  expect([answer.status, read, answer.body.length]).toEqual([200, 60_000, 0]);
});

it('what is kept may not, and what is longer than it may be is neither', async () => {
  await expect(http.send(await slowStore(60))).rejects.toMatchObject({ reason: 'stalled' });
  let read = 0;
  await expect(http.send({ ...await slowStore(10), maxAnswerBytes: 3_000, onAnswer: (piece) => { read += piece.length; } })).rejects.toMatchObject({ reason: 'answer-too-long' });
  expect(read).toBeLessThanOrEqual(3_000);
});

it('an error is kept, for whoever reads what it says', async () => {
  const answer = await http.send({ ...await slowStore(2, 404), onAnswer: () => { throw new Error('not the object'); } });
  expect([answer.status, answer.body.length]).toEqual([404, 2_000]);
});
