import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentPort } from '../../test-support/silent-port.ts';
import { HttpError, type HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';
import { expired, selfSigned } from './test-certificates.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: net.Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host);
  await once(server, 'listening');
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

/** A server that speaks bytes, for answers that no proper server gives. */
async function rawServer(onConnection: (socket: net.Socket) => void): Promise<string> {
  const port = await listen(net.createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  }));
  return `http://127.0.0.1:${port}/`;
}

async function server(handler: http.RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(http.createServer(handler))}/`;
}

function client(options?: Parameters<typeof createNodeHttp>[0]) {
  const made = createNodeHttp(options);
  closers.push(() => { made.close(); });
  return made;
}

function request(url: string, rest: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url, headers: {}, endpoint: 'gateway', deadlines: { connectMs: 2_000, stallMs: 400 }, ...rest };
}

async function failureOf(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

async function takeAll(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe('a request that goes well', () => {
  it('brings the whole body, in order, with its length, and tells of every byte', async () => {
    const seen: { body: Buffer; headers: http.IncomingHttpHeaders }[] = [];
    const url = await server(async (incoming, answer) => {
      seen.push({ body: await takeAll(incoming), headers: incoming.headers });
      answer.setHeader('set-cookie', ['a=1', 'b=2']).end('thanks');
    });
    const body = [Buffer.from('head'), Buffer.alloc(3_000_000, 7), Buffer.from('tail')];
    const told: number[] = [];
    const answer = await client().send(request(url, { method: 'PUT', body, onSent: (bytes) => told.push(bytes) }));
    expect(answer).toMatchObject({ status: 200, headers: { 'set-cookie': 'a=1, b=2' } });
    expect(Buffer.from(answer.body).toString()).toBe('thanks');
    expect(seen[0]?.body.equals(Buffer.concat(body))).toBe(true);
    expect(seen[0]?.headers).toMatchObject({ 'content-length': '3000008' });
    expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(3_000_008);
    expect(Math.max(...told)).toBeLessThanOrEqual(256 * 1024);
    expect(answer.phases.tcp).toBeGreaterThanOrEqual(0);
  });

  it('gives back any status and does not follow redirects', async () => {
    const url = await server((incoming, answer) => { answer.writeHead(incoming.url === '/' ? 302 : 500, { location: '/elsewhere' }).end(); });
    expect((await client().send(request(url))).status).toBe(302);
    expect((await client().send(request(`${url}x`))).status).toBe(500);
  });

  it('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    const url = await server((incoming, answer) => { ports.add(incoming.socket.remotePort); answer.end(); });
    const http = client();
    for (let i = 0; i < 5; i++) await http.send(request(url, { method: 'PUT', body: [Buffer.from('x')] }));
    expect(ports.size).toBe(1);
  });

  it('gives out an answer that came before the body was taken, and does not reuse that connection', async () => {
    const url = await rawServer((socket) => {
      socket.once('data', () => { socket.pause(); socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'); });
    });
    const answer = await client().send(request(url, { method: 'PUT', body: [Buffer.alloc(30_000_000)] }));
    expect(answer.status).toBe(413);
  });
});

describe('deadlines', () => {
  it('connect: a name that does not resolve in time', async () => {
    const http = client({ lookup: () => undefined });
    const error = await failureOf(http.send(request('http://clinic.test/', { deadlines: { connectMs: 60, stallMs: 400 } })));
    expect(error).toMatchObject({ reason: 'connect-timeout', requestSent: false });
  });

  it('stall before the first byte of the answer: the request may have been carried out', async () => {
    const url = await rawServer((socket) => { socket.resume(); });
    const error = await failureOf(client().send(request(url, { method: 'POST', body: [Buffer.from('{}')] })));
    expect(error).toMatchObject({ reason: 'stalled', requestSent: true });
  });

  it('stall within the body: what the server did not take has not been sent', async () => {
    const url = await rawServer((socket) => { socket.pause(); });
    let sent = 0;
    const error = await failureOf(client().send(request(url, { method: 'PUT', body: [Buffer.alloc(60_000_000)], onSent: (bytes) => { sent += bytes; } })));
    expect(error).toMatchObject({ reason: 'stalled', requestSent: false });
    expect(sent).toBeLessThan(60_000_000);
  });

  it('stall within the answer', async () => {
    const url = await rawServer((socket) => { socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')); });
    expect(await failureOf(client().send(request(url)))).toMatchObject({ reason: 'stalled', requestSent: true });
  });

  it('a slow drip is not a stall, but the total ends it', async () => {
    const url = await rawServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
        const drip = setInterval(() => socket.write('.'), 50);
        socket.on('close', () => { clearInterval(drip); });
      });
    });
    const begun = performance.now();
    const error = await failureOf(client().send(request(url, { deadlines: { connectMs: 1000, stallMs: 200, totalMs: 600 } })));
    expect(error.reason).toBe('total-timeout');
    expect(performance.now() - begun).toBeGreaterThan(550);
  });

  it('a drip without end and without a total is ended too', async () => {
    const url = await rawServer((socket) => {
      socket.once('data', () => {
        const drip = setInterval(() => socket.write('HTTP/1.1 200 OK\r\n'.slice(0, 1)), 20);
        socket.on('close', () => { clearInterval(drip); });
      });
    });
    const error = await failureOf(client().send(request(url, { deadlines: { connectMs: 1000, stallMs: 100 } })));
    expect(['stalled', 'truncated']).toContain(error.reason);
  });

  it('a peer that reads slowly but steadily is waited for, longer than a stall in all', async () => {
    const size = 20_000_000;
    const url = await rawServer((socket) => {
      let taken = 0;
      socket.on('data', (chunk) => {
        taken += chunk.length;
        socket.pause();
        setTimeout(() => socket.resume(), 5);
        if (taken > size) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const begun = performance.now();
    const answer = await client().send(request(url, { method: 'PUT', body: [Buffer.alloc(size)], deadlines: { connectMs: 1000, stallMs: 600 } }));
    expect(answer.status).toBe(200);
    expect(performance.now() - begun).toBeGreaterThan(600);
  });
});

describe('failures', () => {
  it('refused, unknown names, other than HTTP', async () => {
    const gone = net.createServer();
    const port = await listen(gone);
    gone.close();
    expect(await failureOf(client().send(request(`http://127.0.0.1:${port}/`)))).toMatchObject({ reason: 'refused', requestSent: false, errno: 'ECONNREFUSED' });
    const noName = client({ lookup: (_name, _options, callback) => { callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []); } });
    expect(await failureOf(noName.send(request('http://clinic.test/')))).toMatchObject({ reason: 'dns', requestSent: false });
    const url = await rawServer((socket) => { socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9\r\n')); });
    expect(await failureOf(client().send(request(url)))).toMatchObject({ reason: 'truncated', requestSent: true });
  });

  it('reset in the body and reset after the body are told apart', async () => {
    const mid = await rawServer((socket) => { socket.once('data', () => socket.resetAndDestroy()); });
    expect(await failureOf(client().send(request(mid, { method: 'PUT', body: [Buffer.alloc(60_000_000)] })))).toMatchObject({ reason: 'reset', requestSent: false });
    const after = await rawServer((socket) => {
      let taken = 0;
      socket.on('data', (chunk) => { taken += chunk.length; if (taken > 1_000_000) socket.resetAndDestroy(); });
    });
    expect(await failureOf(client().send(request(after, { method: 'PUT', body: [Buffer.alloc(1_000_000)] })))).toMatchObject({ reason: 'reset', requestSent: true });
  });

  it.each([
    ['a length not kept', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
    ['chunks without an end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['headers cut', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ])('truncated: %s', async (_name, bytes) => {
    const url = await rawServer((socket) => { socket.once('data', () => socket.end(bytes)); });
    expect((await failureOf(client().send(request(url)))).reason).toMatch(/truncated|reset/);
  });

  it('an answer over the limit is not read on', async () => {
    const url = await server((_incoming, answer) => { answer.end(Buffer.alloc(100_000)); });
    expect(await failureOf(client().send(request(url, { maxAnswerBytes: 1_000 })))).toMatchObject({ reason: 'answer-too-long' });
  });

  it('abort ends it at once, before and during', async () => {
    const url = await rawServer((socket) => { socket.resume(); });
    expect(await failureOf(client().send(request(url, { signal: AbortSignal.abort() })))).toMatchObject({ reason: 'aborted', requestSent: false });
    const controller = new AbortController();
    const under = client().send(request(url, { signal: controller.signal, deadlines: { connectMs: 1000, stallMs: 60_000 } }));
    setTimeout(() => { controller.abort(); }, 30);
    expect(await failureOf(under)).toMatchObject({ reason: 'aborted', requestSent: true });
  });

  it('closing ends what is under way', async () => {
    const url = await rawServer((socket) => { socket.resume(); });
    const http = client();
    const under = http.send(request(url));
    setTimeout(() => { http.close(); }, 30);
    expect((await failureOf(under)).reason).toBe('aborted');
  });
});

describe('a kept-alive connection that has died unseen', () => {
  /** Answers the first request on a connection and resets at the second. */
  async function onceEach(): Promise<{ url: string; connections: () => number }> {
    let connections = 0;
    const url = await rawServer((socket) => {
      connections++;
      const first = connections === 1;
      let requests = 0;
      socket.on('data', () => {
        requests++;
        if (first && requests > 1) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    return { url, connections: () => connections };
  }

  it('a GET goes again on a fresh one', async () => {
    const { url, connections } = await onceEach();
    const http = client();
    await http.send(request(url));
    expect((await http.send(request(url))).status).toBe(200);
    expect(connections()).toBe(2);
  });

  it('a POST whose body was taken is not repeated behind anybody\'s back', async () => {
    const { url, connections } = await onceEach();
    const http = client();
    await http.send(request(url));
    const error = await failureOf(http.send(request(url, { method: 'POST', body: [Buffer.from('{}')] })));
    expect(error).toMatchObject({ reason: 'reset', requestSent: true });
    expect(connections()).toBe(1);
  });

  it('forgetConnections leaves none to be reused', async () => {
    const { url, connections } = await onceEach();
    const http = client();
    await http.send(request(url));
    http.forgetConnections();
    expect((await http.send(request(url, { method: 'POST', body: [Buffer.from('{}')] }))).status).toBe(200);
    expect(connections()).toBe(2);
  });
});

describe('addresses', () => {
  type Family = 4 | 6;
  const hosts: Record<Family, string> = { 4: '127.0.0.1', 6: '::1' };
  /** A computer whose resolver gives both, in this order. */
  function both(first: Family, deadlines = { connectMs: 20_000, stallMs: 20_000 }) {
    const order: Family[] = first === 6 ? [6, 4] : [4, 6];
    const made = client({ lookup: (_name, _options, callback) => { callback(null, order.map((family) => ({ address: hosts[family], family }))); } });
    return (url: string) => made.send(request(url, { deadlines }));
  }

  async function living(family: Family): Promise<{ url: string; port: number }> {
    const port = await listen(http.createServer((_incoming, answer) => { answer.end(); }), hosts[family]);
    return { url: `http://clinic.test:${port}/`, port };
  }

  it.each<[Family, Family]>([[4, 6], [4, 4], [6, 6], [6, 4]])('version %i lives, the other refuses, and %i is named first', async (alive, first) => {
    expect((await both(first)((await living(alive)).url)).status).toBe(200);
  });

  it.each<[Family, Family]>([[4, 6], [4, 4], [6, 6], [6, 4]])('version %i lives, the other keeps silent, and %i is named first', async (alive, first) => {
    const { url, port } = await living(alive);
    const hole = await silentPort(hosts[alive === 4 ? 6 : 4], port);
    closers.push(hole.close);
    expect((await both(first)(url)).status).toBe(200);
  });

  it('an address of version 6 alone is as good as any', async () => {
    expect((await client().send(request(`http://[::1]:${(await living(6)).port}/`))).status).toBe(200);
  });

  it('none that lives is a refusal, if any of them refused', async () => {
    const gone = await living(4);
    await closers.pop()?.();
    expect(await failureOf(both(6)(gone.url))).toMatchObject({ reason: 'refused' });
  });
});

describe('TLS', () => {
  const here: LookupFunction = (_name, _options, callback) => { callback(null, [{ address: '127.0.0.1', family: 4 }]); };

  async function secureServer(certificate: { cert: string; key: string }, name = 'clinic.test'): Promise<string> {
    return `https://${name}:${await listen(https.createServer(certificate, (_incoming, answer) => { answer.end('safe'); }))}/`;
  }

  it('trusts an authority that it was given, and measures the handshake', async () => {
    const answer = await client({ lookup: here, ca: [selfSigned.cert] }).send(request(await secureServer(selfSigned)));
    expect(answer.status).toBe(200);
    expect(answer.phases.tls).toBeGreaterThan(0);
  });

  it.each([
    ['an unknown authority', selfSigned, 'clinic.test', [], 'certificate-untrusted'],
    ['another name', selfSigned, 'other.test', [selfSigned.cert], 'certificate-untrusted'],
    ['a certificate that has ended', expired, 'clinic.test', [expired.cert], 'certificate-expired'],
  ])('%s', async (_name, certificate, host, ca, reason) => {
    const error = await failureOf(client({ lookup: here, ca }).send(request(await secureServer(certificate, host), { method: 'PUT', body: [Buffer.from('x')] })));
    expect(error).toMatchObject({ reason, requestSent: false });
  });

  it('no variable of the environment turns the check off', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      const error = await failureOf(client({ lookup: here }).send(request(await secureServer(selfSigned), { method: 'PUT', body: [Buffer.from('x')] })));
      expect(error).toMatchObject({ reason: 'certificate-untrusted', requestSent: false });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it('a server that speaks no TLS', async () => {
    const plain = await server((_incoming, answer) => { answer.end(); });
    const error = await failureOf(client({ lookup: here }).send(request(plain.replace('http://127.0.0.1', 'https://clinic.test'))));
    expect(error).toMatchObject({ reason: 'tls', requestSent: false });
  });
});

describe('a body', () => {
  it('that the system has taken is told as such, so that its memory can be used again', async () => {
    const url = await server((incoming, outgoing) => void takeAll(incoming).then(() => outgoing.end()));
    expect(await client().send(request(url, { method: 'PUT', body: [Buffer.alloc(3_000_000, 1), Buffer.alloc(500, 2)] }))).toMatchObject({ status: 200, bodyTaken: true });
  });

  it('that was answered before it was all sent is not: what is left of it may still be read', async () => {
    // Nothing of it is read, so most of it stays where it is.
    const url = await server((_incoming, outgoing) => void outgoing.end());
    expect(await client().send(request(url, { method: 'PUT', body: [Buffer.alloc(30_000_000)] }))).toMatchObject({ status: 200, bodyTaken: false });
  });
});
