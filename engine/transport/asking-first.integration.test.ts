/** @file See [Note: asking before a large body]: what a server hears, and what it has to do with what we know afterwards. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpError, type HttpAnswer, type HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';

const large = Buffer.alloc(3_000_000, 7);
const head = /\r\n\r\n/;

let client: ReturnType<typeof createNodeHttp>;
let servers: net.Server[];
let sockets: net.Socket[];

beforeEach(() => {
  // Every name is this computer's.
  client = createNodeHttp({ lookup: (_name, _options, callback) => { callback(null, [{ address: '127.0.0.1', family: 4 }]); } });
  servers = [];
  sockets = [];
});

afterEach(() => {
  client.close();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

async function listen(server: net.Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket) => { sockets.push(socket); socket.on('error', () => undefined); });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`;
}

/** A server that speaks bytes. @param onRequest told of each head, and how to see what comes after it */
function speaking(onRequest: (text: string, socket: net.Socket) => void): Promise<string> {
  return listen(net.createServer((socket) => {
    let text = '';
    let begun = false;
    socket.on('data', (chunk) => {
      if (begun) return;
      text += chunk.toString('latin1');
      if (!head.test(text)) return;
      begun = true;
      onRequest(text, socket);
    });
  }));
}

function put(url: string, body: Buffer, rest: Partial<HttpRequest> = {}): Promise<HttpAnswer> {
  return client.send({ method: 'PUT', url, headers: {}, body: [body], endpoint: 'spaces', deadlines: { connectMs: 2_000, stallMs: 4_000 }, ...rest });
}

describe('a store that refuses by the head', () => {
  it('is heard, and nothing of the photo has gone', async () => {
    let sent = 0;
    let arrived = 0;
    const url = await speaking((_text, socket) => {
      socket.on('data', (chunk) => { arrived += chunk.length; });
      // As Ceph does: the answer, and the end.
      socket.end('HTTP/1.1 503 Slow Down\r\ncontent-length: 8\r\nretry-after: 2\r\n\r\nSlowDown');
    });
    const answer = await put(url, large, { onSent: (bytes) => { sent += bytes; } });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    expect({ sent, arrived }).toEqual({ sent: 0, arrived: 0 });
  });

  it('that breaks off instead has surely not taken it', async () => {
    const url = await speaking((_text, socket) => { socket.resetAndDestroy(); });
    const failure = await put(url, large).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HttpError);
    expect(failure).toMatchObject({ reason: 'reset', requestSent: false });
  });
});

it('a store that says so gets the whole body', async () => {
  const bodies: Buffer[] = [];
  const expected: (string | undefined)[] = [];
  const server = http.createServer();
  server.on('checkContinue', (request, response) => {
    expected.push(request.headers.expect);
    response.writeContinue();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => { bodies.push(Buffer.concat(chunks)); response.end(); });
  });
  const url = await listen(server);
  expect(await put(url, large)).toMatchObject({ status: 200, bodyTaken: true });
  expect(bodies[0]?.equals(large)).toBe(true);
  expect(expected).toEqual(['100-continue']);
});

it('a small body, and a call with a limit on the whole, go without a question', async () => {
  const expected: (string | undefined)[] = [];
  const url = await listen(http.createServer((request, response) => { expected.push(request.headers.expect); request.resume().on('end', () => response.end()); }));
  await put(url, Buffer.alloc(1_000_000));
  await put(url, large, { deadlines: { connectMs: 2_000, stallMs: 4_000, totalMs: 4_000 } });
  expect(expected).toEqual([undefined, undefined]);
});

describe('a server that does not know of the question', () => {
  function deaf(asked: boolean[], status = 200): Promise<string> {
    return speaking((text, socket) => {
      asked.push(/^expect: 100-continue/im.test(text));
      let left = large.length - (text.length - text.search(head) - 4);
      const take = (bytes: number): void => {
        left -= bytes;
        if (left <= 0) socket.end(`HTTP/1.1 ${status} Said\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      };
      socket.on('data', (chunk) => { take(chunk.length); });
      take(0);
    });
  }

  it('gets the body all the same, and is asked no more until the network changes', async () => {
    const asked: boolean[] = [];
    const url = await deaf(asked);
    expect((await put(url, large)).status).toBe(200);
    expect((await put(url, large)).status).toBe(200);
    client.forgetConnections();
    expect((await put(url, large)).status).toBe(200);
    expect(asked).toEqual([true, false, true]);
  });

  it('is asked again where it only had no time to answer', async () => {
    const asked: boolean[] = [];
    const url = await deaf(asked, 503);
    await put(url, large);
    await put(url, large);
    expect(asked).toEqual([true, true]);
  });

  it('is asked once each time at most, however many of them there are', async () => {
    const asked: boolean[] = [];
    const url = await listen(http.createServer((request, response) => { asked.push(false); request.resume().on('end', () => response.end()); })
      .on('checkContinue', (_request, response: http.ServerResponse) => { asked.push(true); response.writeHead(417).end(); }));
    for (let nth = 1; nth <= 101; nth += 1) expect((await put(url.replace('127.0.0.1', `store-${nth}.test`), large)).status).toBe(200);
    expect(asked).toHaveLength(202);
  });

  it('and says 417, as old proxies do, is sent the body without one', async () => {
    const asked: boolean[] = [];
    const url = await listen(http.createServer((request, response) => { asked.push(false); request.resume().on('end', () => response.end()); })
      .on('checkContinue', (_request, response: http.ServerResponse) => { asked.push(true); response.writeHead(417).end(); }));
    expect((await put(url, large)).status).toBe(200);
    expect((await put(url, large)).status).toBe(200);
    expect(asked).toEqual([true, false, false]);
  });
});
