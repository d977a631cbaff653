/**
 * @file What the window may load and do: the app's own files, and nothing else. Follows Electron's security checklist
 * (https://www.electronjs.org/docs/latest/tutorial/security).
 */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { IpcMainEvent, Session, WebContents } from 'electron';
import { app, protocol } from 'electron';
import { APP_ORIGIN, APP_SCHEME, APP_URL, appFile } from './app-address.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/**
 * Thumbnails are `blob:` URLs made in the window. No `unsafe-*` and no connection at all; trusted types without a policy mean that no text
 * can become script.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'none'",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** Serves the page from the app's own files, with the policy as a header. */
export function serveApp(session: Session, rendererDir: string): void {
  session.protocol.handle(APP_SCHEME, async ({ url, method }) => {
    const file = method === 'GET' ? appFile(url, rendererDir) : undefined;
    const type = file && MEDIA_TYPES[extname(file)];
    if (!file || !type) return new Response(null, { status: 404 });
    let body: Buffer;
    try {
      body = await readFile(file);
    } catch {
      return new Response(null, { status: 404 });
    }
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': type,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      },
    });
  });
}

/**
 * Shuts what Electron leaves open to every page and session, whoever comes to make one. Must run before the app is ready.
 *
 * Of these events Electron's own answers are: refuse a bad certificate, show the first of the person's certificates to whoever asks for one,
 * tell no password. They are written out so that no other listener changes them unnoticed.
 */
export function lockApp(): void {
  app.on('session-created', lockSession);
  app.on('web-contents-created', (_event, contents) => lockContents(contents));
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, trust) => {
    event.preventDefault();
    trust(false);
  });
  app.on('select-client-certificate', (event, _contents, _url, _certificates, choose) => {
    event.preventDefault();
    choose();
  });
  app.on('login', (event, contents, _details, _from, answer) => {
    // Without a page it is main's own request, which has its own answer.
    if (!contents) return;
    event.preventDefault();
    answer();
  });
}

/** No permission, no device, no download. */
function lockSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses);
  session.on('will-download', (event) => event.preventDefault());
  session.setSpellCheckerEnabled(false);
}

/**
 * Nothing of the network: the engine alone speaks to the outside.
 *
 * [Note: WebRTC] Neither the policy nor these rules govern peer connections, whose servers' names and user names alone can carry anything
 * out. So none goes past the session's proxy (`lockContents`), and that is one which nobody can reach.
 *
 * @returns once nothing gets out any more
 */
export async function cutOff(session: Session): Promise<void> {
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    const own = url.startsWith(`${APP_ORIGIN}/`) || url.startsWith(`blob:${APP_ORIGIN}/`) || url.startsWith('data:') || url.startsWith('devtools:');
    callback({ cancel: !own });
  });
  await session.setProxy({ mode: 'fixed_servers', proxyRules: 'http://127.0.0.1:1', proxyBypassRules: '<-loopback>' });
}

/** A page stays where it was loaded and opens nothing. A photo dropped beside the drop zone must not replace it. */
function lockContents(contents: WebContents): void {
  const refuse = (event: { preventDefault(): void }): void => event.preventDefault();
  contents.on('will-navigate', refuse);
  contents.on('will-frame-navigate', refuse);
  contents.on('will-redirect', refuse);
  contents.on('will-attach-webview', refuse);
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // See [Note: WebRTC].
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

/** Chromium goes to about:blank without asking anyone. Nothing is answered there, but the person's work would be gone. */
export function keepOnPage(contents: WebContents): void {
  contents.on('did-navigate', (_event, url) => {
    if (!url.startsWith(`${APP_ORIGIN}/`)) void contents.loadURL(APP_URL).catch(() => undefined);
  });
}

/** Whether a message comes from our page in our window: its main frame, on our origin. */
export function isOwnSender(event: IpcMainEvent, contents: WebContents): boolean {
  const frame = event.senderFrame;
  return event.sender === contents && frame !== null && frame.parent === null && frame.url.startsWith(`${APP_ORIGIN}/`);
}
