/**
 * @file The desktop app: puts the window, the engine's process and the desktop together. It holds no photo, no token and no logic of the queue.
 */
import { join, resolve } from 'node:path';
import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import { defaultDataDir, homeFolder } from '../../engine/data-folder/default-data-dir.ts';
import { callErrorText } from '../../shared/texts/call-errors.ts';
import { Appearance } from './appearance.ts';
import { chromiumGet } from './chromium-get.ts';
import { watchClosing } from './closing.ts';
import { LINK_SCHEME, LinkInbox } from './deep-link.ts';
import { signInForDemo, takeDemoAccount } from './demo-sign-in.ts';
import { administratorFile, engineNode } from './development.ts';
import { electronVault } from './electron-vault.ts';
import { EngineHost } from './engine-host.ts';
import { launchEngine } from './engine-launcher.ts';
import { serveWindow } from './ipc.ts';
import type { MainLog } from './main-log.ts';
import { setMenu } from './menu.ts';
import { engineFile } from './places.ts';
import { notOpened } from './not-opened.ts';
import { watchPower } from './power.ts';
import { resolveProxy } from './proxy.ts';
import { KeyLockedError, obtainDataKey } from './secrets.ts';
import { isOnlyInstance } from './single-instance.ts';
import { mainTexts } from './texts.ts';
import { openWindow, prepareSession } from './window.ts';

/** Must be called before the app is ready. */
export function startDesktop(log: MainLog): void {
  const dataDir = resolve(defaultDataDir({ platform: process.platform, homeDir: homeFolder(), environment: process.env }));
  const demo = takeDemoAccount(process.env, app.isPackaged);
  app.setPath('userData', join(dataDir, 'window'));
  app.setPath('sessionData', join(dataDir, 'window'));

  let window: BrowserWindow | undefined;

  function showWindow(): void {
    if (!window || window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  const links = new LinkInbox(log);
  links.receive(process.argv);
  app.on('open-url', (event, link) => {
    event.preventDefault();
    links.receive([link]);
    showWindow();
  });

  let keyLocked = false;

  const host = new EngineHost({
    log,
    launch: () => launchEngine(engineFile, engineNode, process.env),
    chromium: chromiumGet,
    resolveProxy,
    startMessage: async () => {
      try {
        const key = await obtainDataKey({ dataDir, environment: process.env, vault: electronVault });
        keyLocked = false;
        return { type: 'start', dataDir, key, version: app.getVersion(), ...(administratorFile ? { administratorFile } : {}) };
      } catch (error) {
        keyLocked = error instanceof KeyLockedError;
        throw notOpened(error);
      }
    },
  });

  /**
   * What a person at this computer can mend is told at once, over the window; of everything else the window itself says that it was stopped.
   * It goes on being tried behind the message.
   */
  function tellFailure(appearance: Appearance): void {
    host.onState((state) => {
      if (state !== 'failed' || !window || window.isDestroyed()) return;
      const { language } = appearance;
      const { what, photos, next } = callErrorText(language, 'data-folder-in-use');
      const detail = keyLocked ? mainTexts(language).keyLocked : host.failure === 'data-folder-in-use' ? `${what} ${photos} ${next}` : undefined;
      if (detail) void dialog.showMessageBox(window, { type: 'error', title: 'Relevo', message: mainTexts(language).notOpenedTitle, detail, noLink: true });
    });
  }

  async function start(): Promise<void> {
    await app.whenReady();
    // A source checkout is started with a folder, which the system would not know to give.
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
    const appearance = new Appearance(join(dataDir, 'window', 'window.json'));
    appearance.follow(host);
    setMenu(appearance.language);
    appearance.onChange(() => setMenu(appearance.language));
    watchPower(host);
    if (demo) signInForDemo(host, demo, log);
    tellFailure(appearance);
    host.start();
    await prepareSession();
    window = openWindow({
      appearance,
      log,
      onCreated: (created) => {
        serveWindow(created, {
          host,
          log,
          language: () => appearance.language,
          links,
          appInfo: { version: app.getVersion(), platform: process.platform, developmentRuntime: engineNode !== undefined, demo: demo !== undefined },
        });
        watchClosing({ window: created, host, appearance, show: showWindow });
      },
    });
  }

  app.on('before-quit', () => log.info('app.quitting'));
  app.on('will-quit', (event) => {
    // The engine closes its database first. The windows are gone already, so the end itself need not be asked for again.
    event.preventDefault();
    void host.stop().finally(() => app.exit(0));
  });
  app.on('window-all-closed', () => app.quit());
  app.on('activate', showWindow);

  const onSecondStart = (args: string[]): void => {
    links.receive(args);
    showWindow();
  };

  if (isOnlyInstance(onSecondStart)) {
    start().catch((error: unknown) => {
      log.error('app.not-started', { kind: error instanceof Error ? error.name : typeof error });
      app.exit(1);
    });
  } else {
    log.info('app.already-running');
    app.exit(0);
  }
}
