/** @file What Electron leaves open unless it is shut: other pages, other senders, other servers, certificates and passwords. */
import { createSocket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { checkout } from '../build/paths.mjs';
import { selfSigned } from '../engine/diagnostics/laboratory/certificates.ts';
import { expect, test } from './harness/test.ts';
import type { RelevoApp } from './harness/app.ts';
import { Shell } from './pages/shell.ts';

/** A page of somebody else's, and what was asked of its server. */
async function stranger(server: Server, scheme = 'http'): Promise<{ url: string; asked: string[]; close: () => void }> {
  const asked: string[] = [];
  server.on('request', ({ url, headers }, response) => {
    asked.push(`${url}${headers.authorization ? ' with a password' : ''}`);
    if (url === '/password') response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('no');
    else response.setHeader('content-type', 'text/html').end('<!doctype html><p>elsewhere</p>');
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close: () => { server.closeAllConnections(); server.close(); } };
}

/** Loads an address in a window that nobody meant to open. @returns `loaded`, or Chromium's error. */
function loadElsewhere({ electron }: RelevoApp, url: string, partition?: string): Promise<string> {
  return electron.evaluate(async ({ BrowserWindow }, [address, kept]) => {
    // With the tag that ours does not have, to see that it is refused there too.
    const window = new BrowserWindow({ show: false, title: 'elsewhere', webPreferences: { ...(kept ? { partition: kept } : {}), webviewTag: true } });
    return window.loadURL(address!).then(() => 'loaded', ({ code }: { code: string }) => code);
  }, [url, partition] as const);
}

/** Runs in the window that `loadElsewhere` opened last. */
function elsewhere<T>({ electron }: RelevoApp, code: string): Promise<T> {
  return electron.evaluate(({ BrowserWindow }, script) => BrowserWindow.getAllWindows().find((window) => !window.isVisible())!.webContents.executeJavaScript(script, true), code) as Promise<T>;
}

test('a message from another window is refused and not answered, even from a copy of our page', async ({ launch }) => {
  const app = await launch({ signedIn: true });
  await new Shell(app.page).ready();
  const opened = app.electron.waitForEvent('window');
  await app.electron.evaluate(async ({ BrowserWindow }, preload) => {
    const window = new BrowserWindow({ show: false, webPreferences: { preload, partition: 'relevo', sandbox: true, contextIsolation: true } });
    await window.loadURL('app://relevo/index.html');
  }, join(checkout, '.vite', 'build', 'preload.cjs'));
  const other = await opened;
  await other.evaluate(() => {
    const heard: unknown[] = [];
    (window as unknown as { heard: unknown[] }).heard = heard;
    window.relevo.onMessage((message) => heard.push(message));
  });
  const refusedSoFar = (): number => app.lines.filter((line) => line.includes('window.foreign-sender')).length;
  await expect.poll(refusedSoFar).toBeGreaterThan(0);
  const before = refusedSoFar();
  await other.evaluate(() => window.relevo.post({ t: 'q', m: 'call', i: '1', a: ['getAccount'] }));
  await expect.poll(refusedSoFar).toBeGreaterThan(before);
  expect(await other.evaluate(() => (window as unknown as { heard: unknown[] }).heard)).toEqual([]);
});

test('a frame inside our page has no bridge', async ({ launch }) => {
  const { page } = await launch();
  expect(await page.evaluate(() => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return 'relevo' in frame.contentWindow!;
  })).toBe(false);
});

test('a page that is not ours can go nowhere, open nothing and is allowed nothing', async ({ launch }) => {
  const app = await launch();
  const { url, asked, close } = await stranger(createServer());
  try {
    expect(await loadElsewhere(app, `${url}/page`, 'elsewhere')).toBe('loaded');
    expect(await elsewhere(app, "['relevo', 'require', 'process'].filter((name) => name in window)")).toEqual([]);
    expect(await elsewhere(app, `window.open('${url}/opened') === null`)).toBe(true);
    expect(await elsewhere(app, 'Notification.requestPermission()')).toBe('denied');
    expect(await elsewhere(app, "new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('granted'), ({ code }) => resolve(code)))")).toBe(1);
    await elsewhere(app, "location.href = '/gone'; document.body.insertAdjacentHTML('beforeend', '<webview src=\"/web\"></webview>')");
    await elsewhere(app, "fetch('/last').then(() => location.pathname)");
    expect(asked).toEqual(['/page', '/last']);
  } finally {
    close();
  }
});

test('Electron’s own session, which nothing uses, reaches nothing', async ({ launch }) => {
  const app = await launch();
  const { url, asked, close } = await stranger(createServer());
  try {
    expect(await loadElsewhere(app, url)).toBe('ERR_BLOCKED_BY_CLIENT');
    expect(asked).toEqual([]);
  } finally {
    close();
  }
});

test('a certificate that cannot be checked is refused, and neither a certificate of the person nor a password is given', async ({ launch }) => {
  const app = await launch();
  const secure = await stranger(createSecureServer(await selfSigned({ name: '127.0.0.1', days: 2 })), 'https');
  const plain = await stranger(createServer());
  try {
    expect(await loadElsewhere(app, secure.url, 'elsewhere')).toBe('ERR_CERT_AUTHORITY_INVALID');
    expect(secure.asked).toEqual([]);
    expect(await loadElsewhere(app, `${plain.url}/password`, 'other')).toBe('loaded');
    expect(plain.asked).toEqual(['/password']);
  } finally {
    secure.close();
    plain.close();
  }
  // This computer has no certificates of a person to choose from, so the question is put as Electron would.
  expect(await app.electron.evaluate(({ app: main }) => new Promise((resolve) => {
    let prevented = false;
    const event = { preventDefault: () => { prevented = true; } };
    main.emit('select-client-certificate', event, { emit: () => undefined }, 'https://evil.example', [{ subjectName: 'Ana' }], (...chosen: unknown[]) => resolve({ prevented, chosen }));
  }))).toEqual({ prevented: true, chosen: [] });
});

test('a page makes no peer connection: nothing is heard by a server that it names, over UDP or TCP', async ({ launch }) => {
  const heard: string[] = [];
  const udp = createSocket('udp4').on('message', () => heard.push('UDP'));
  await new Promise<void>((resolve) => { udp.bind(0, '127.0.0.1', resolve); });
  const tcp = createTcpServer((socket) => { heard.push('TCP'); socket.destroy(); });
  await new Promise<void>((resolve) => { tcp.listen(0, '127.0.0.1', resolve); });
  const { page } = await launch();
  const ended = await page.evaluate(async ([udpPort, tcpPort]) => {
    const turn = (address: string): RTCIceServer => ({ urls: `turn:${address}`, username: 'María Delgado', credential: 'x' });
    const connection = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${udpPort}` }, turn(`127.0.0.1:${udpPort}`), turn(`127.0.0.1:${tcpPort}?transport=tcp`)] });
    connection.createDataChannel('photos');
    const complete = new Promise<string>((resolve) => {
      connection.addEventListener('icegatheringstatechange', () => { if (connection.iceGatheringState === 'complete') resolve('complete'); });
    });
    await connection.setLocalDescription(await connection.createOffer());
    return complete;
  }, [(udp.address() as AddressInfo).port, (tcp.address() as AddressInfo).port] as const);
  udp.close();
  tcp.close();
  expect(ended).toBe('complete');
  expect(heard).toEqual([]);
});
