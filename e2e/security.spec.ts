/** @file What a page in the window could do if somebody smuggled a script into it: nothing. */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Shell } from './pages/shell.ts';
import { ask } from './harness/ask.ts';
import { expect, test } from './harness/test.ts';

test('no Node, no Electron, and only three functions of ours', async ({ launch }) => {
  const { page, electron } = await launch();
  expect(await page.evaluate(() => ({
    globals: ['require', 'process', 'global', 'module', 'Buffer', 'ipcRenderer', 'electron', '__dirname'].filter((name) => name in globalThis),
    bridge: Object.keys(window.relevo).sort(),
    replaceable: (() => {
      try {
        (window as { relevo: unknown }).relevo = {};
        return Object.keys(window.relevo).length === 0;
      } catch {
        return false;
      }
    })(),
  }))).toEqual({ globals: [], bridge: ['onMessage', 'pathOf', 'post'], replaceable: false });
  const preferences = await electron.evaluate(({ BrowserWindow }) => {
    const { webContents } = BrowserWindow.getAllWindows()[0]!;
    // Not in Electron's types, and the only way to learn what is in force.
    return (webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }).getLastWebPreferences();
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true });
  for (const left of ['webviewTag', 'allowRunningInsecureContent', 'experimentalFeatures', 'nodeIntegrationInWorker', 'nodeIntegrationInSubFrames', 'navigateOnDragDrop']) expect(preferences[left] ?? false, left).toBe(false);
  expect(preferences.enableBlinkFeatures ?? '').toBe('');
});

test('the page comes from our own scheme, under a policy that allows nothing else', async ({ launch }) => {
  const { page } = await launch();
  const outside = createServer((_request, response) => response.end('reached'));
  let reached = 0;
  outside.on('connection', () => { reached += 1; });
  await new Promise<void>((resolve) => { outside.listen(0, '127.0.0.1', resolve); });
  const address = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
  try {
    expect(await page.evaluate(() => location.origin)).toBe('app://relevo');
    const policy = (await (await page.reload())!.allHeaders())['content-security-policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|http:|https:|\*/);
    const tried = await page.evaluate(async (url) => {
      const load = (tag: 'img' | 'script' | 'iframe' | 'link', key: 'src' | 'href'): Promise<string> => new Promise((resolve) => {
        const element = document.createElement(tag);
        element.addEventListener('load', () => resolve('loaded'));
        element.addEventListener('error', () => resolve('refused'));
        setTimeout(() => resolve('refused'), 1000);
        try {
          if (tag === 'link') element.setAttribute('rel', 'stylesheet');
          element.setAttribute(key, url);
          document.body.append(element);
        } catch {
          resolve('refused');
        }
      });
      const runs = (code: () => unknown): string => {
        try {
          code();
          return 'ran';
        } catch {
          return 'refused';
        }
      };
      let inline = 'refused';
      (window as unknown as { hit: () => void }).hit = () => { inline = 'ran'; };
      try {
        document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="hit()">');
      } catch {
        // Trusted types.
      }
      return {
        fetch: await fetch(url, { mode: 'no-cors' }).then(() => 'loaded', () => 'refused'),
        socket: await new Promise((resolve) => {
          const socket = new WebSocket(url.replace('http', 'ws'));
          socket.onerror = () => resolve('refused');
          socket.onopen = () => resolve('loaded');
        }),
        beacon: navigator.sendBeacon(url) ? 'loaded' : 'refused',
        img: await load('img', 'src'),
        script: await load('script', 'src'),
        style: await load('link', 'href'),
        eval: runs(() => (0, eval)('1')),
        function: runs(() => new Function('return 1')()),
        inline,
      };
    }, address);
    // A beacon is taken by the page and stopped below it: the server saw nobody.
    expect({ ...tried, beacon: 'refused' }).toEqual(Object.fromEntries(Object.keys(tried).map((key) => [key, 'refused'])));
    expect(reached).toBe(0);
  } finally {
    outside.close();
  }
});

test('the page cannot have a name looked up, which would carry what is in the name out', async ({ launch, folder }) => {
  const file = join(folder, 'network.json');
  const { electron, page, close } = await launch({ args: [`--log-net-log=${file}`] });
  const hint = (name: string): Promise<void> => page.evaluate((host) => {
    for (const rel of ['dns-prefetch', 'preconnect', 'prefetch', 'prerender', 'modulepreload']) {
      const link = document.createElement('link');
      link.rel = rel;
      link.href = `https://${rel}-${host}/`;
      document.head.append(link);
    }
    const meta = document.createElement('meta');
    meta.httpEquiv = 'x-dns-prefetch-control';
    meta.content = 'on';
    const anchor = document.createElement('a');
    anchor.href = `http://anchor-${host}/`;
    document.head.append(meta);
    document.body.append(anchor);
  }, name);
  await hint('first.relevo.test');
  // What the page may do is told to it anew by these.
  await electron.evaluate(({ nativeTheme }) => { nativeTheme.themeSource = nativeTheme.shouldUseDarkColors ? 'light' : 'dark'; });
  await hint('second.relevo.test');
  await page.reload();
  await hint('third.relevo.test');
  // The log would show it.
  await electron.evaluate(({ session }) => session.fromPartition('look-up').resolveHost('control.relevo.test').then(() => undefined, () => undefined));
  await page.waitForTimeout(1_000);
  await close();
  const lookedUp = new Set((await readFile(file, 'utf8')).match(/[a-z-]+\.relevo\.test/g));
  expect([...lookedUp]).toEqual(['control.relevo.test']);
});

test('each thing that the policy forbids is stopped and reported, one by one', async ({ launch }) => {
  const { page } = await launch();
  const outside = createServer((_request, response) => response.end('reached'));
  let reached = 0;
  outside.on('connection', () => { reached += 1; });
  await new Promise<void>((resolve) => { outside.listen(0, '127.0.0.1', resolve); });
  const address = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
  try {
    const ran = await page.evaluate(async (url) => {
      // A debugger may evaluate text; what it calls later may not.
      await new Promise((resolve) => { setTimeout(resolve, 0); });
      const told: string[] = [];
      (window as unknown as { told: string[] }).told = told;
      // What was stopped: an address, or the text that did not become script or style.
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sample }) => told.push(`${effectiveDirective} ${blockedURI.replace(url, '')} ${sample}`));
      const make = (tag: string, attributes: Record<string, string>, within: Node = document.body): HTMLElement => {
        const element = document.createElement(tag);
        within.appendChild(element);
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        return element;
      };
      let hits = 0;
      (window as unknown as { hit: () => void }).hit = () => { hits += 1; };
      const attempts: (() => unknown)[] = [
        () => make('script', {}).append('hit(1)'),
        () => make('script', { src: `${url}script` }),
        () => make('img', { onerror: 'hit(2)', src: 'nothing' }),
        () => make('a', { href: 'javascript:hit(3)' }).click(),
        () => (0, eval)('hit(4)'),
        () => setTimeout('hit(5)' as unknown as () => void, 0),
        () => make('p', { style: 'color: red' }),
        () => make('style', {}).append('p { color: red }'),
        () => make('link', { rel: 'stylesheet', href: `${url}style` }, document.head),
        () => make('img', { src: `${url}picture` }),
        () => make('img', { src: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' }),
        () => make('audio', { src: `${url}sound` }),
        () => fetch(`${url}fetch`).catch(() => undefined),
        () => fetch('app://relevo/index.html').catch(() => undefined),
        () => new WebSocket(url.replace('http', 'ws')),
        () => new EventSource(`${url}stream`),
        () => (make('form', { action: `${url}form`, method: 'post' }) as HTMLFormElement).submit(),
        () => make('iframe', { src: `${url}frame` }),
        () => new Worker('app://relevo/worker.js'),
        () => make('object', { data: `${url}object` }),
        () => make('embed', { src: `${url}embed` }),
        () => make('base', { href: `${url}base` }, document.head),
      ];
      for (const attempt of attempts) {
        try {
          attempt();
        } catch {
          // Told by the event as well.
        }
      }
      return hits;
    }, address);
    expect(ran).toBe(0);
    const stopped: Record<string, RegExp> = {
      'inline script': /trusted-types.*hit\(1\)/, 'script from elsewhere': /trusted-types.*\/script$/, 'event attribute': /(trusted-types|script-src-attr).*hit\(2\)/, 'javascript: address': /script-src-elem inline/,
      'eval': /(trusted-types|script-src).*hit\(4\)/, 'timer with text': /trusted-types.*hit\(5\)/, 'style attribute': /style-src-attr inline/, 'style element': /style-src-elem inline/, 'style from elsewhere': /style-src-elem style/,
      'picture from elsewhere': /img-src picture/, 'picture in text': /img-src data/, 'sound from elsewhere': /media-src sound/, 'fetch': /connect-src fetch/, 'fetch of our own page': /connect-src app/, 'socket': /connect-src ws:/,
      'event stream': /connect-src stream/, 'form': /form-action form/, 'frame': /frame-src/, 'worker': /(trusted-types|worker-src).*worker\.js/, 'object': /(trusted-types|object-src).*object/, 'embed': /(trusted-types|object-src).*embed/, 'base': /base-uri base/,
    };
    const unseen = async (): Promise<string[]> => {
      const told = await page.evaluate(() => (window as unknown as { told: string[] }).told);
      return Object.entries(stopped).filter(([, line]) => !told.some((one) => line.test(one))).map(([name]) => name);
    };
    await expect.poll(unseen).toEqual([]);
    expect(await page.evaluate(() => getComputedStyle(document.querySelector('p[style]')!).color)).not.toBe('rgb(255, 0, 0)');
    expect(reached).toBe(0);
  } finally {
    outside.close();
  }
});

test('it cannot leave its page, open another or get a permission', async ({ launch, folder }) => {
  // With no camera at all, asking for one fails before anybody is asked for leave.
  const app = await launch({ args: ['--use-fake-device-for-media-stream'] });
  const { page, electron } = app;
  const before = page.url();
  const local = join(folder, 'other.html');
  await writeFile(local, '<h1>elsewhere</h1>');
  for (const address of ['https://example.com/', `file://${local}`, 'app://other/index.html', 'data:text/html,x']) {
    await page.evaluate((url) => { location.href = url; }, address);
    expect(await page.evaluate((url) => window.open(url) === null, address), address).toBe(true);
    expect(page.url(), address).toBe(before);
  }
  // The one place where Chromium goes unasked: main brings the page back.
  await page.evaluate(() => { location.href = 'about:blank'; });
  await page.getByRole('heading', { name: 'Iniciar sesión' }).waitFor();
  expect(page.url()).toBe(before);
  expect(electron.windows()).toHaveLength(1);
  expect(await page.evaluate(async () => ({
    notifications: await Notification.requestPermission(),
    camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'granted', ({ name }: Error) => name),
    place: await new Promise((resolve) => { navigator.geolocation.getCurrentPosition(() => resolve('granted'), ({ code }) => resolve(code)); }),
    states: await Promise.all(['notifications', 'geolocation', 'camera', 'microphone', 'clipboard-read'].map(async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state)),
  }))).toEqual({ notifications: 'denied', camera: 'NotAllowedError', place: 1, states: Array<string>(5).fill('denied') });
});

test('messages that are not in the contract are refused, and harm nothing', async ({ launch, folder }) => {
  const app = await launch();
  const { page } = app;
  expect(await ask(app, 'getUpload', { id: 'no uuid' })).toMatchObject({ ok: false, code: 'invalid-input' });
  expect(await ask(app, 'changeSettings', { gateway: 'javascript:alert(1)' })).toMatchObject({ ok: false, code: 'invalid-input' });
  for (const method of ['constructor', '__proto__', 'toString', 'quit']) {
    expect(await ask(app, method, {})).toMatchObject({ ok: false, code: 'invalid-input' });
  }
  await page.evaluate(() => {
    for (const message of [null, 1, 'x', [], { t: 'q', m: '__defineGetter__', i: '1', a: ['x'] }, { t: 's', i: '1', r: {} }, { t: 'q', m: 'call', i: '1', a: ['getStatus'], more: 1 }]) window.relevo.post(message);
  });
  // A file of this computer that nobody dropped or chose.
  const secret = join(folder, 'secret.jpg');
  await writeFile(secret, 'not for sending');
  expect(await ask(app, 'addFiles', { batchId: 'b', patientId: 'p', paths: [secret] })).toEqual({ ok: false, code: 'invalid-input', detail: 'paths: not granted' });
  // Nor may it have anything written over.
  expect(await ask(app, 'writeBundle', { file: secret })).toMatchObject({ ok: false, code: 'not-possible-now' });
  expect(await readFile(secret, 'utf8')).toBe('not for sending');
  expect(await page.evaluate(() => window.relevo.pathOf(new File(['x'], '/etc/passwd')))).toBe('');
  expect(await ask(app, 'getEngineState')).toEqual({ ok: true, value: 'running' });
});

test('neither tokens nor keys nor the password come into the window, a log or a readable file', async ({ launch, backend, folder }) => {
  const app = await launch({ signedIn: true });
  const { page } = app;
  const heard: string[] = [];
  await page.exposeFunction('heard', (text: string) => { heard.push(text); });
  await page.evaluate(() => { window.relevo.onMessage((message) => (window as unknown as { heard(text: string): void }).heard(JSON.stringify(message))); });
  await new Shell(page).ready();
  for (const method of ['getAccount', 'getStatus', 'getSettings', 'getLimits', 'getAppInfo', 'getQueuePage', 'searchPatients', 'getPeople', 'getOwnKeys', 'getNetwork', 'getNegotiation', 'getOpenRequest', 'previewBundle']) {
    heard.push(JSON.stringify(await ask(app, method, ['getQueuePage', 'searchPatients'].includes(method) ? {} : undefined)));
  }
  const inPage = await page.evaluate(() => JSON.stringify([document.documentElement.outerHTML, { ...localStorage }, { ...sessionStorage }, document.cookie, location.href]));
  // What a token looks like (three base64 parts with a JSON head), the password, and 32 bytes in base64 or hexadecimal but hashes.
  const secrets = [/eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/, new RegExp(RegExp.escape(backend.ready.password)), /"(?:access|refresh)_?token"/i, /(?<![\w+/])[\w+/]{43}=(?!=)/];
  const keyFile = await readFile(join(app.dataDir, 'data.key'), 'utf8').catch(() => undefined);
  if (keyFile) secrets.push(new RegExp(RegExp.escape(keyFile.trim())));
  const environment = await app.electron.evaluate(() => JSON.stringify(process.env));
  await app.close();

  for (const secret of secrets) {
    for (const text of [...heard, inPage, ...app.lines]) expect(text).not.toMatch(secret);
  }
  expect(environment).not.toContain(backend.ready.password);
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    if (!file.isFile() || !path.startsWith(app.dataDir) || file.name === 'data.key') continue;
    const bytes = await readFile(path, 'latin1');
    for (const secret of secrets.slice(0, 2)) expect(bytes, path).not.toMatch(secret);
  }
});
