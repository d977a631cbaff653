import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startProxyServer, type ProxyConduct, type ProxyServer } from '../../test-support/proxy-server.ts';
import { systemClock, type Clock } from '../clock.ts';
import { ProxySignIn } from '../network/proxy-sign-in.ts';
import { createSqliteKeyValueStore } from '../queue/sqlite-key-value-store.ts';
import { openDatabase } from '../queue/database.ts';
import { HttpError, type HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';
import { directRoutes, type Route, type Routes } from './routes.ts';
import { expired, selfSigned } from './test-certificates.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The far end: counts whoever came to it, and by which way. */
interface FarEnd { port: number; connections: number; requests: { method: string | undefined; headers: http.IncomingHttpHeaders; bytes: number }[] }

async function farEnd(secure: boolean, certificate = selfSigned): Promise<FarEnd> {
  const seen: FarEnd = { port: 0, connections: 0, requests: [] };
  const handler: http.RequestListener = async (request, response) => {
    let bytes = 0;
    try {
      for await (const chunk of request) bytes += (chunk as Buffer).length;
    } catch {
      return;
    }
    seen.requests.push({ method: request.method, headers: request.headers, bytes });
    response.end('far');
  };
  const server = secure ? https.createServer(certificate, handler) : http.createServer(handler);
  server.on('connection', () => { seen.connections += 1; });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  seen.port = (server.address() as net.AddressInfo).port;
  closers.push(() => { server.closeAllConnections(); server.close(); });
  return seen;
}

async function proxy(conduct: ProxyConduct, to: FarEnd): Promise<ProxyServer> {
  const made = await startProxyServer({ conduct, resolve: () => ({ host: '127.0.0.1', port: to.port }) });
  closers.push(() => made.close());
  return made;
}

const routeTo = ({ port }: { port: number }): Route => ({ name: 'proxy', proxy: { host: '127.0.0.1', port, secure: false } });

function signIns(clock: Pick<Clock, 'monotonic' | 'sleep'> = systemClock): ProxySignIn {
  const made = new ProxySignIn({ clock, store: createSqliteKeyValueStore(openDatabase({ file: ':memory:' })), onChange: () => undefined });
  closers.push(() => made.close());
  return made;
}

/** Goes these ways, and nobody can look the name up but the proxy. */
function client(routes: readonly Route[], { signIn, ...rest }: { signIn?: ProxySignIn } & Partial<Routes> = {}) {
  const made = createNodeHttp({
    ca: [selfSigned.cert], lookup: (_name, _options, callback) => { callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []); },
    routes: {
      ...directRoutes, find: async () => routes, ...rest,
      ...(signIn ? { authorization: (of) => signIn.authorization(of), asked: (...told) => signIn.asked(...told), passed: (_url, route, sent) => { if (route.name === 'proxy') signIn.passed(route.proxy, sent); } } : {}),
    },
  });
  closers.push(() => made.close());
  return made;
}

const request = (url: string, rest: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url, headers: {}, endpoint: 'gateway', deadlines: { connectMs: 5_000, stallMs: 5_000 }, ...rest });

async function failureOf(promise: Promise<unknown>): Promise<HttpError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(HttpError);
  return error as HttpError;
}

const nurse = { user: 'enfermería', password: 'contraseña:larga' };
const schemes = ['http', 'https'] as const;

describe.each(schemes)('through a proxy, %s', (scheme) => {
  const url = `${scheme}://clinic.test/photo?signature=secret`;
  const secure = scheme === 'https';

  it('brings the whole body to a host that only the proxy knows, and tells the proxy no more than it must', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'open' }, to);
    let told = 0;
    const answer = await client([routeTo(through)]).send(request(url, { method: 'PUT', body: [Buffer.alloc(700_000, 1)], headers: { authorization: 'Bearer token' }, onSent: (bytes) => { told += bytes; } }));
    expect(answer).toMatchObject({ status: 200 });
    expect(to.requests).toMatchObject([{ method: 'PUT', bytes: 700_000, headers: { host: 'clinic.test', authorization: 'Bearer token' } }]);
    expect(told).toBe(700_000);
    if (secure) expect(JSON.stringify(through.asked)).not.toMatch(/secret|token|photo/);
    expect(through.asked.map(({ line }) => line)).toEqual([secure ? 'CONNECT clinic.test:443' : `PUT ${url}`]);
  });

  it('keeps its connection for the next request', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'open' }, to);
    const made = client([routeTo(through)]);
    for (let count = 0; count < 4; count += 1) await made.send(request(url, { method: 'PUT', body: [Buffer.from('x')] }));
    expect(to.requests).toHaveLength(4);
    expect(through.connections).toBe(1);
    through.cut();
    expect((await made.send(request(url))).status).toBe(200);
    made.forgetConnections();
    expect((await made.send(request(url))).status).toBe(200);
  });

  it('tells a proxy that asks who we are, once it is known; the far end never hears of it', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'asks', signIns: [nurse] }, to);
    const signIn = signIns();
    const made = client([routeTo(through)], { signIn });
    const refused = await failureOf(made.send(request(url, { method: 'PUT', body: [Buffer.alloc(300_000)] })));
    expect(refused).toMatchObject({ reason: 'proxy-auth', requestSent: false, errno: 'proxy-auth:basic' });
    expect(signIn.isAsked).toBe(true);
    signIn.keep(nurse, []);
    let told = 0;
    const many = await Promise.all(Array.from({ length: 6 }, () => made.send(request(url, { method: 'PUT', body: [Buffer.alloc(300_000)], onSent: (bytes) => { told += bytes; } }))));
    expect(many.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 200));
    expect(told).toBe(6 * 300_000);
    expect(signIn.isAsked).toBe(false);
    expect(to.requests).toHaveLength(6);
    expect(to.requests.every(({ headers }) => headers['proxy-authorization'] === undefined)).toBe(true);
  });

  it('a wrong password that comes while a connection is kept is shown once too', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'asks', signIns: [nurse] }, to);
    const signIn = signIns();
    const made = client([routeTo(through)], { signIn });
    const at = { host: '127.0.0.1', port: through.port, secure: false };
    signIn.keep(nurse, [at]);
    await made.send(request(url));
    const wrong = { user: nurse.user, password: 'mistyped' };
    signIn.keep(wrong, [at]);
    await made.send(request(url)).catch(() => undefined);
    made.forgetConnections();
    await Promise.allSettled(Array.from({ length: 5 }, () => made.send(request(url))));
    const header = `Basic ${Buffer.from(`${wrong.user}:${wrong.password}`).toString('base64')}`;
    expect(through.asked.filter(({ authorization }) => authorization === header)).toHaveLength(1);
  });

  it('whoever waits for what comes of another one\'s sign-in can be interrupted', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'asks', signIns: [nurse] }, to);
    // No time is ever over, so only the interruption ends the wait.
    const signIn = signIns({ monotonic: () => 0, sleep: (_ms, signal) => new Promise((resolve) => { signal?.addEventListener('abort', () => resolve()); }) });
    const at = { host: '127.0.0.1', port: through.port, secure: false };
    signIn.keep(nurse, [at]);
    // Somebody shows it, and nothing comes of that.
    expect(await signIn.asked(at, ['Basic realm="r"'], undefined)).toHaveProperty('authorization');
    const abort = new AbortController();
    const sent = failureOf(client([routeTo(through)], { signIn }).send(request(url, { signal: abort.signal })));
    await expect.poll(() => through.asked.length).toBe(1);
    abort.abort();
    expect(await sent).toMatchObject({ reason: 'aborted' });
  });

  it('shows a wrong password once, however many requests there are, and says so', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'asks', signIns: [nurse] }, to);
    const signIn = signIns();
    signIn.keep({ ...nurse, password: 'wrong' }, [{ host: '127.0.0.1', port: through.port, secure: false }]);
    const made = client([routeTo(through)], { signIn });
    const failures = await Promise.all(Array.from({ length: 8 }, () => failureOf(made.send(request(url)))));
    for (const failure of failures) expect(failure).toMatchObject({ reason: 'proxy-auth', errno: 'proxy-auth:refused:basic' });
    await failureOf(made.send(request(url)));
    expect(through.asked.filter(({ authorization }) => authorization !== undefined)).toHaveLength(1);
    expect(to.requests).toEqual([]);
  });

  it('names the sign-ins of a proxy that offers none that we can do, and shows it nothing', async () => {
    const to = await farEnd(secure);
    const through = await proxy({ name: 'asks', signIns: [nurse], schemes: ['Negotiate', 'NTLM'] }, to);
    const signIn = signIns();
    signIn.keep(nurse, [{ host: '127.0.0.1', port: through.port, secure: false }]);
    expect(await failureOf(client([routeTo(through)], { signIn }).send(request(url)))).toMatchObject({ reason: 'proxy-auth', errno: 'proxy-auth:negotiate.ntlm' });
    expect(through.asked.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('takes the next way when a proxy is not there', async () => {
    const to = await farEnd(secure);
    const gone = await proxy({ name: 'open' }, to);
    const works = await proxy({ name: 'open' }, to);
    await gone.close();
    const away: number[] = [];
    const made = client([routeTo(gone), routeTo(works)], { unreachable: ({ port }) => { away.push(port); } });
    expect((await made.send(request(url, { method: 'PUT', body: [Buffer.alloc(100_000)] }))).status).toBe(200);
    expect(away).toEqual([gone.port]);
    expect(works.asked).toHaveLength(1);
    const alone = await failureOf(client([routeTo(gone)]).send(request(url)));
    expect(alone).toMatchObject({ reason: 'proxy', errno: 'ECONNREFUSED', requestSent: false });
  });

  it('a proxy that keeps silent costs its share of the time to connect, and no more', async () => {
    const to = await farEnd(secure);
    const silent = net.createServer(() => undefined);
    silent.listen(0, '127.0.0.1', 1);
    await once(silent, 'listening');
    closers.push(() => { silent.close(); });
    const dumb = await proxy({ name: 'silent' }, to);
    const works = await proxy({ name: 'open' }, to);
    if (secure) {
      expect((await client([routeTo(dumb), routeTo(works)]).send(request(url, { deadlines: { connectMs: 2_000, stallMs: 5_000 } }))).status).toBe(200);
      expect(await failureOf(client([routeTo(dumb)]).send(request(url, { deadlines: { connectMs: 1_000, stallMs: 5_000 } })))).toMatchObject({ reason: 'proxy', errno: 'ETIMEDOUT' });
    } else {
      // It took the request, so another way might do it twice.
      expect(await failureOf(client([routeTo(dumb), routeTo(works)]).send(request(url, { deadlines: { connectMs: 1_000, stallMs: 400 } })))).toMatchObject({ reason: 'stalled' });
      expect(works.asked).toEqual([]);
    }
  });

  it('an abort ends it at once, while the proxy is still being asked too', async () => {
    const to = await farEnd(secure);
    const dumb = await proxy({ name: 'silent' }, to);
    const works = await proxy({ name: 'open' }, to);
    const stop = new AbortController();
    const under = failureOf(client([routeTo(dumb), routeTo(works)]).send(request(url, { signal: stop.signal, deadlines: { connectMs: 60_000, stallMs: 60_000 } })));
    await expect.poll(() => dumb.asked.length).toBe(1);
    stop.abort();
    expect((await under).reason).toBe('aborted');
    expect(works.asked).toEqual([]);
  });

  it('no way that we can go is a failure, and not a way around', async () => {
    const to = await farEnd(secure);
    expect(await failureOf(client([]).send(request(url)))).toMatchObject({ reason: 'proxy', errno: 'PROXY_UNSUPPORTED', requestSent: false });
    expect(to.connections).toBe(0);
  });
});

describe('in the tunnel', () => {
  it('a proxy that refuses says why, and is not gone around', async () => {
    const to = await farEnd(true);
    const no = await proxy({ name: 'answers', status: 403 }, to);
    const works = await proxy({ name: 'open' }, to);
    expect(await failureOf(client([routeTo(no), routeTo(works)]).send(request('https://clinic.test/')))).toMatchObject({ reason: 'proxy', errno: 'PROXY_403', requestSent: false });
    expect(works.asked).toEqual([]);
  });

  it('a proxy that breaks off before it says anything is not there', async () => {
    const to = await farEnd(true);
    const rude = await proxy({ name: 'breaks-off' }, to);
    const works = await proxy({ name: 'open' }, to);
    expect((await client([routeTo(rude), routeTo(works)]).send(request('https://clinic.test/', { method: 'PUT', body: [Buffer.alloc(100_000)] }))).status).toBe(200);
    expect(rude.asked).toHaveLength(1);
  });

  it('the far end’s certificate is the far end’s, not the proxy’s fault', async () => {
    const to = await farEnd(true, expired);
    const works = await proxy({ name: 'open' }, to);
    expect(await failureOf(client([routeTo(works)]).send(request('https://clinic.test/')))).toMatchObject({ reason: 'certificate-expired', proxy: { passed: true } });
    expect(works.asked).toHaveLength(1);
  });

  it('a tunnel that is cut within the body is a cut connection', async () => {
    const to = await farEnd(true);
    const works = await proxy({ name: 'open' }, to);
    const cut = failureOf(client([routeTo(works)]).send(request('https://clinic.test/', { method: 'PUT', body: [Buffer.alloc(200_000_000)] })));
    await expect.poll(() => works.bytesUp).toBeGreaterThan(1_000_000);
    works.cut();
    expect(await cut).toMatchObject({ reason: 'reset', requestSent: false });
  });

  it('an address of version 6 is named with its brackets', async () => {
    const to = await farEnd(true);
    const works = await proxy({ name: 'open' }, to);
    await failureOf(client([routeTo(works)]).send(request('https://[2001:db8::1]:8443/')));
    expect(works.asked.map(({ line }) => line)).toEqual(['CONNECT [2001:db8::1]:8443']);
  });
});

it('a proxy over TLS is one that we must trust', async () => {
  const to = await farEnd(false);
  const seen: string[] = [];
  const secureProxy = https.createServer(selfSigned, (incoming, response) => { seen.push(`${incoming.method} ${incoming.url}`); response.end('proxied'); });
  secureProxy.on('connect', (incoming, socket: net.Socket) => {
    seen.push(`CONNECT ${incoming.url}`);
    const far = net.connect(to.port, '127.0.0.1', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n'); far.pipe(socket).pipe(far); });
  });
  secureProxy.listen(0, '127.0.0.1');
  await once(secureProxy, 'listening');
  closers.push(() => { secureProxy.closeAllConnections(); secureProxy.close(); });
  const { port } = secureProxy.address() as net.AddressInfo;
  const here: net.LookupFunction = (_name, _options, callback) => { callback(null, [{ address: '127.0.0.1', family: 4 }]); };
  const routes: Routes = { ...directRoutes, find: async () => [{ name: 'proxy', proxy: { host: 'clinic.test', port, secure: true } }] };
  const made = createNodeHttp({ ca: [selfSigned.cert], lookup: here, routes });
  const stranger = createNodeHttp({ lookup: here, routes });
  closers.push(() => { made.close(); stranger.close(); });
  expect(Buffer.from((await made.send(request('http://far.test/x'))).body).toString()).toBe('proxied');
  expect(await failureOf(stranger.send(request('http://far.test/x')))).toMatchObject({ reason: 'proxy', errno: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(seen).toEqual(['GET http://far.test/x']);
});
